/** What can go wrong with API tokens. */
import { Problem } from "@safeconduct/foundation";

export type TokenProblemCode = "token/unknown" | "token/too-many";

const MESSAGES: Record<TokenProblemCode, string> = {
  "token/unknown": "There is no such API token.",
  "token/too-many": "You have as many API tokens as one member may have. Revoke one that is no longer used.",
};

export const tokenProblem = (code: TokenProblemCode): Problem<TokenProblemCode> => new Problem(code, MESSAGES[code]);
