/** What can go wrong when two people bring a transfer back. */
import { Problem } from "@safeconduct/foundation";

export type RecoveryProblemCode =
  | "recovery/unknown"
  | "recovery/conflict"
  | "recovery/key-moved"
  | "recovery/no-slot"
  | "recovery/too-many"
  | "recovery/same-person"
  | "recovery/not-approved"
  | "recovery/used";

const MESSAGES: Record<RecoveryProblemCode, string> = {
  "recovery/unknown": "There is no such recovery request, or its 24 hours are over. File it again.",
  "recovery/conflict": "A recovery request of that id exists with other content. Begin again.",
  "recovery/key-moved": "Somebody set another recovery key at the same moment. Look at it before you make new cards.",
  "recovery/no-slot":
    "This transfer was sent while its organisation had no recovery key, so nobody can bring it back. Send the files again.",
  "recovery/too-many": "Too many recovery requests are open. Wait until some are a day old.",
  "recovery/same-person":
    "A second person has to approve a recovery, on another device. While an organisation has one member only, another device of that member is enough.",
  "recovery/not-approved":
    "Nobody has approved this recovery yet. A second person runs `safeconduct recover --approve`.",
  "recovery/used": "This recovery has released its one time already. File another request.",
};

export const recoveryProblem = (code: RecoveryProblemCode): Problem<RecoveryProblemCode> =>
  new Problem(code, MESSAGES[code]);
