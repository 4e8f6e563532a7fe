/** What can go wrong when a member signs in or calls. */
import { Problem } from "@safeconduct/foundation";

export type SignInProblemCode =
  | "sign-in/locked"
  | "sign-in/passkey-refused"
  | "sign-in/proof-refused"
  | "sign-in/proof-required"
  | "sign-in/refused"
  | "sign-in/required"
  | "sign-in/session-only"
  | "sign-in/session-unknown";

const MESSAGES: Record<SignInProblemCode, string> = {
  "sign-in/locked": "This session is locked because nobody used it for a while. Unlock it first.",
  // One answer for a passkey that nobody has, that was removed, that answers late or for another page, whose counter went back.
  "sign-in/passkey-refused":
    "That passkey was not accepted. Try again, use another one, or use your password and a code.",
  "sign-in/proof-refused":
    "Password and code do not match. Check both, and use a new code; after several failures this waits for some minutes.",
  "sign-in/proof-required": "Show once more that it is you: with a passkey, or with your password and a code.",
  // One answer for unknown address, wrong password, wrong code and locked account: a stranger learns nothing from it.
  "sign-in/refused":
    "Address, password and code do not match. Check all three; after several failures sign-in waits for some minutes.",
  "sign-in/required": "Sign in first, or give a valid API token.",
  "sign-in/session-only": "An API token cannot do this. Sign in to the portal and do it there.",
  "sign-in/session-unknown": "That session is over already.",
};

export const signInProblem = (code: SignInProblemCode): Problem<SignInProblemCode> => new Problem(code, MESSAGES[code]);

/** What can go wrong with the passkeys that a member signs in with. */
export type PasskeyProblemCode = "passkey/not-begun" | "passkey/refused" | "passkey/too-many" | "passkey/unknown";

const PASSKEY_MESSAGES: Record<PasskeyProblemCode, string> = {
  "passkey/not-begun": "This passkey can no longer be added. Begin again.",
  "passkey/refused":
    "That passkey cannot be used here. Begin again, and confirm with your fingerprint, face or PIN when your device asks.",
  "passkey/too-many": "You have as many passkeys as one member can have. Remove one that you no longer use.",
  "passkey/unknown": "That passkey is not there any more.",
};

export const passkeyProblem = (code: PasskeyProblemCode): Problem<PasskeyProblemCode> =>
  new Problem(code, PASSKEY_MESSAGES[code]);
