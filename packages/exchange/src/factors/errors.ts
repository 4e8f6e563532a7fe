/** What can go wrong when a recipient enrols a factor or takes it away. */
import { Problem } from "@safeconduct/foundation";

export type FactorProblemCode =
  | "factor/already-enrolled"
  | "factor/code-refused"
  | "factor/not-begun"
  | "factor/not-enrolled"
  | "factor/passkey-refused"
  | "factor/too-many";

const MESSAGES: Record<FactorProblemCode, string> = {
  "factor/already-enrolled":
    "Your address has one at this organisation already. Use it to open files, remove it there, or ask the sender to remove it.",
  "factor/code-refused":
    "That code is not right, or it was used before. Check the clock of your device, and enter the next code that the app shows.",
  "factor/not-begun": "This can no longer be added. Begin again.",
  "factor/not-enrolled": "This address has not enrolled that.",
  "factor/passkey-refused":
    "That passkey cannot be used here. Begin again, and confirm with your fingerprint, face or PIN.",
  "factor/too-many":
    "Your address has as many passkeys at this organisation as it can have. Remove them to begin again.",
};

export const factorProblem = (code: FactorProblemCode): Problem<FactorProblemCode> =>
  new Problem(code, MESSAGES[code], code === "factor/code-refused" ? { field: "/code" } : {});
