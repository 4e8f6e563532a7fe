/** What a client itself can refuse. */
import { Problem } from "@safeconduct/foundation";

export type ClientProblemCode =
  | "client/bad-link"
  | "client/not-genuine"
  | "client/bad-passcode"
  | "client/damaged-transfer"
  | "client/clock-wrong"
  | "client/other-key-service";

const MESSAGES: Record<ClientProblemCode, string> = {
  "client/bad-link":
    "This link is incomplete or damaged. Ask the sender to copy the whole link, from http to the last character.",
  "client/not-genuine":
    "What the server sent does not come from the sender of this link, so nothing was opened. Tell the sender.",
  "client/bad-passcode":
    "A passcode has at least 8 letters or digits, 5 different ones among them. Check it against what you were told.",
  "client/damaged-transfer": "The server's answer arrived damaged, again and again. Try later, or on another network.",
  "client/clock-wrong":
    "The clock of this computer and the server's are more than 5 minutes apart, so the link would end at another time than you chose. Set this clock right and send again; if it is right, tell your administrator.",
  "client/other-key-service":
    "This server's key service is not the one that this device pinned when it was enrolled, so nothing was sent. Ask your administrator whether it was set up anew; only if it was, run `safeconduct login` again.",
};

export const clientProblem = (code: ClientProblemCode): Problem<ClientProblemCode> => new Problem(code, MESSAGES[code]);
