/** What can go wrong for a recipient. Expired, revoked, capped and unknown are one answer on purpose. */
import { Problem, type ProblemDetails } from "@safeconduct/foundation";

export type GrantProblemCode =
  | "grant/unavailable"
  | "grant/not-yet"
  | "grant/not-opened"
  | "grant/code-refused"
  | "grant/code-wait"
  | "grant/session-required"
  | "grant/factor-required"
  | "grant/terms-not-accepted"
  | "grant/reported-enough"
  | "grant/report-changed"
  | "grant/factor-refused"
  | "grant/locked"
  | "grant/unknown"
  | "grant/already-ended"
  | "grant/closed-by-officer";

const MESSAGES: Record<GrantProblemCode, string> = {
  "grant/unavailable":
    "These files are not available. The link may be incomplete, used up, withdrawn or past its end. Ask the sender to send them again.",
  "grant/not-yet": "These files cannot be opened yet. Come back at the time that the page shows.",
  "grant/not-opened":
    "These files were never opened through this link, so neither their arrival nor their deletion can be confirmed.",
  "grant/code-refused":
    "That code is not right, or it is older than 10 minutes. Check the newest message, or ask for a new code.",
  "grant/code-wait":
    "A code was sent a moment ago. Look into your mail, also into the spam folder, and ask again later.",
  "grant/factor-required": "These files need a second proof beside the mailed code. Give it first.",
  "grant/terms-not-accepted":
    "The sender asks you to accept terms first: what the files are for, whether you may keep copies and for how long. Read and accept them.",
  "grant/reported-enough":
    "The sender has been told of problems with this link often enough. Call them, at a number that you know already.",
  "grant/report-changed":
    "What this recipient reported is not what you have seen: it was reported anew, or erased. Look at it again, then mark it.",
  "grant/factor-refused":
    "That was not accepted. Check what you typed and try again; after several wrong tries it takes a while until the next one counts.",
  "grant/locked":
    "Too many wrong passcodes or codes were tried, so this link is closed for good. Ask the sender for a fresh link.",
  "grant/session-required": "Confirm your address with a code first.",
  "grant/unknown": "This transfer has no such recipient.",
  "grant/already-ended": "This recipient's link has already ended.",
  "grant/closed-by-officer":
    "A compliance officer closed this recipient's link for now. Ask a compliance officer of your organisation to open it again.",
};

export const grantProblem = (code: GrantProblemCode, details?: ProblemDetails): Problem<GrantProblemCode> =>
  new Problem(code, MESSAGES[code], details);
