/** What can go wrong in set-up. */
import { Problem } from "@safeconduct/foundation";

export type SetupProblemCode = "setup/not-open" | "setup/not-enrolled" | "setup/wrong-code";

const MESSAGES: Record<SetupProblemCode, string> = {
  "setup/not-open":
    "This set-up link does not work. It is used up, or a newer start printed another one: use the link that the last start printed, or sign in.",
  "setup/not-enrolled": "Begin set-up with the organisation and the first member; the code comes after.",
  "setup/wrong-code": "That code is not right. Enter the six digits that your authenticator shows now.",
};

export const setupProblem = (code: SetupProblemCode): Problem<SetupProblemCode> =>
  new Problem(code, MESSAGES[code], code === "setup/wrong-code" ? { field: "/code" } : {});
