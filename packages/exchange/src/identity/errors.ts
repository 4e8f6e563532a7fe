/** What can go wrong when a member signs in or calls. */
import { Problem } from "@safeconduct/foundation";

export type SignInProblemCode =
  | "sign-in/locked"
  | "sign-in/proof-refused"
  | "sign-in/refused"
  | "sign-in/required"
  | "sign-in/session-only"
  | "sign-in/session-unknown";

const MESSAGES: Record<SignInProblemCode, string> = {
  "sign-in/locked": "This session is locked because nobody used it for a while. Unlock it first.",
  "sign-in/proof-refused":
    "Password and code do not match. Check both, and use a new code; after several failures this waits for some minutes.",
  // One answer for unknown address, wrong password, wrong code and locked account: a stranger learns nothing from it.
  "sign-in/refused":
    "Address, password and code do not match. Check all three; after several failures sign-in waits for some minutes.",
  "sign-in/required": "Sign in first, or give a valid API token.",
  "sign-in/session-only": "An API token cannot do this. Sign in to the portal and do it there.",
  "sign-in/session-unknown": "That session is over already.",
};

export const signInProblem = (code: SignInProblemCode): Problem<SignInProblemCode> => new Problem(code, MESSAGES[code]);
