/** What can go wrong when a recipient enrols a factor or takes it away. */
import { Problem } from "@safeconduct/foundation";

export type FactorProblemCode =
  | "factor/already-enrolled"
  | "factor/code-refused"
  | "factor/not-begun"
  | "factor/not-enrolled";

const MESSAGES: Record<FactorProblemCode, string> = {
  "factor/already-enrolled":
    "Your address has an authenticator at this organisation already. Use it to open files, remove it there, or ask the sender to remove it.",
  "factor/code-refused":
    "That code is not right, or it was used before. Check the clock of your device, and enter the next code that the app shows.",
  "factor/not-begun": "This authenticator can no longer be added. Begin again.",
  "factor/not-enrolled": "This address has not enrolled that.",
};

export const factorProblem = (code: FactorProblemCode): Problem<FactorProblemCode> =>
  new Problem(code, MESSAGES[code], code === "factor/code-refused" ? { field: "/code" } : {});
