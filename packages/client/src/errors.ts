/** What a client itself can refuse. */
import { Problem } from "@safeconduct/foundation";

export type ClientProblemCode =
  | "client/bad-link"
  | "client/not-genuine"
  | "client/view-only"
  | "client/bad-passcode"
  | "client/damaged-transfer"
  | "client/clock-wrong"
  | "client/other-key-service"
  | "client/other-devices"
  | "client/device-removed"
  | "client/bad-code"
  | "client/no-such-request"
  | "client/no-such-device"
  | "client/bad-recovery-key"
  | "client/removed-device-sealed"
  | "client/other-sender"
  | "client/sending-over"
  | "client/links-lost"
  | "client/recovery-key-new"
  | "client/recovery-key-old"
  | "client/no-such-recovery"
  | "client/bad-card"
  | "client/same-card"
  | "client/wrong-cards";

const MESSAGES: Record<ClientProblemCode, string> = {
  "client/bad-link":
    "This link is incomplete or damaged. Ask the sender to copy the whole link, from http to the last character.",
  "client/not-genuine":
    "What the server sent does not come from the sender of this link, so nothing was opened. Tell the sender.",
  "client/view-only":
    "The sender lets these files be viewed, not saved. Open the link in a browser; if you need to keep them, ask the sender to send them for download.",
  "client/bad-passcode":
    "A passcode has at least 8 letters or digits, 5 different ones among them. Check it against what you were told.",
  "client/damaged-transfer": "The server's answer arrived damaged, again and again. Try later, or on another network.",
  "client/clock-wrong":
    "The clock of this computer and the server's are more than 5 minutes apart, so the link would end at another time than you chose. Set this clock right and send again; if it is right, tell your administrator.",
  "client/other-key-service":
    "This server's key service is not the one that this device pinned when it was enrolled, so nothing was sent. Ask your administrator whether it was set up anew; only if it was, run `safeconduct login` again.",
  "client/other-devices":
    "The server does not show the devices that you know, signed as they must be, so nothing was done. If you began anew on another device, run `safeconduct login --join` here; if not, tell your administrator.",
  "client/device-removed":
    "This device was removed from another one of yours. It can join again with `safeconduct login --join`.",
  "client/bad-code": "That code is mistyped. Type it as the new device shows it: 24 letters and digits.",
  "client/no-such-request":
    "No device with that code waits to be let in. Codes live for 15 minutes: begin anew on the new device. If it happens again, somebody may be in between: tell your administrator.",
  "client/no-such-device": "You have no other device of that id. `safeconduct device list` shows them.",
  "client/removed-device-sealed":
    "This transfer was sealed by a device that you have removed since. If you removed it because it was stolen, send the files again; if not, repeat the command with --sealed-by-removed.",
  "client/other-sender":
    "This sending was begun by another device or account, and only that one can go on with it. Send the files again.",
  "client/sending-over":
    "This sending is over: it was given up or revoked, or it waited longer than a day. Nothing of it is open to anybody. Send the files again.",
  "client/links-lost":
    "This sending was sealed, but its links were not kept. Make a fresh link for each recipient with `safeconduct relink`.",
  "client/recovery-key-new":
    "The server shows a recovery key of your organisation that this device does not know. Ask who made the recovery cards for their fingerprint, not over this server, and give it: `safeconduct recovery-cards --accept FINGERPRINT`. If nobody made cards, tell your administrator.",
  "client/recovery-key-old":
    "The server does not show the recovery key of your organisation that this device knows, or an older one, so nothing was sent. Tell your administrator.",
  "client/no-such-recovery": "There is no such recovery request, or its 24 hours are over.",
  "client/bad-card": "A card is mistyped. Each has 64 letters and digits in groups of 8.",
  "client/same-card": "That is one card twice. Two different cards of the same key are needed.",
  "client/wrong-cards":
    "These cards do not open this transfer: they belong to different keys, or to another one than was in use when it was sent.",
  "client/bad-recovery-key":
    "That recovery key does not open your account. Check each letter, and that it is the newest one that you printed.",
};

export const clientProblem = (code: ClientProblemCode): Problem<ClientProblemCode> => new Problem(code, MESSAGES[code]);
