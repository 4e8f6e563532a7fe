/** What can go wrong with members and invitations. */
import { Problem, type ProblemDetails } from "@safeconduct/foundation";

export type MembersProblemCode =
  | "member/unknown"
  | "member/self"
  | "member/already-in"
  | "member/too-many"
  | "invitation/unknown"
  | "invitation/exists"
  | "invitation/wait"
  | "invitation/unavailable"
  | "invitation/not-enrolled"
  | "invitation/wrong-code";

const MESSAGES: Record<MembersProblemCode, string> = {
  "member/unknown": "There is no such member, or they were removed already.",
  "member/self":
    "Nobody changes their own roles or removes themself: another administrator has to. If you are the only one, invite another first.",
  "member/already-in": "Somebody with this address is a member already. Change their roles instead.",
  "member/too-many": "Your organisation has as many members and open invitations as it may have. Remove some first.",
  "invitation/unknown": "There is no such invitation: it was withdrawn, or the person has joined.",
  "invitation/exists": "This address has an invitation that is still open. Send it again, or withdraw it first.",
  "invitation/wait": "The invitation was mailed a moment ago. Wait a minute before you send it again.",
  // One answer for a wrong, an old, a withdrawn and a used link: a stranger learns nothing from it.
  "invitation/unavailable":
    "This invitation does not work. It is used, withdrawn or older than 48 hours, or a newer mail replaced it. Ask your administrator to send it again; if you have joined already, sign in.",
  "invitation/not-enrolled": "Begin with your name and a password; the code comes after.",
  "invitation/wrong-code": "That code is not right. Enter the six digits that your authenticator shows now.",
};

export const membersProblem = (code: MembersProblemCode, details?: ProblemDetails): Problem<MembersProblemCode> =>
  new Problem(code, MESSAGES[code], code === "invitation/wrong-code" ? { ...details, field: "/code" } : details);
