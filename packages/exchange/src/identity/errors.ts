/** What can go wrong when a member signs in or calls. */
import { Problem } from "@safeconduct/foundation";

export type SignInProblemCode = "sign-in/refused" | "sign-in/required";

const MESSAGES: Record<SignInProblemCode, string> = {
  // One answer for unknown address, wrong password, wrong code and locked account: a stranger learns nothing from it.
  "sign-in/refused":
    "Address, password and code do not match. Check all three; after several failures sign-in waits for some minutes.",
  "sign-in/required": "Sign in first, or give a valid API token.",
};

export const signInProblem = (code: SignInProblemCode): Problem<SignInProblemCode> => new Problem(code, MESSAGES[code]);
