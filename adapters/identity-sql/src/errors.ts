/** What can be refused when an account is made. */
import type { IdentityProblemCode } from "@safeconduct/exchange";
import { Problem, type ProblemDetails } from "@safeconduct/foundation";

const MESSAGES: Record<IdentityProblemCode, string> = {
  "identity/password-too-short": "Use a password of at least 15 characters. A few words are easier than signs.",
  "identity/password-too-long": "Use a password of at most 128 characters.",
  "identity/password-characters": "The password has a character that not every device writes alike. Use another one.",
  "identity/password-guessable":
    "This password is easy to guess: it is made of common words, sequences or your own name. Use a few words that have nothing in common.",
  "identity/already-enrolled": "This member has an account already. Sign in with it.",
  "identity/address-taken": "Another member signs in with this address. Use a different one.",
};

/** Where the input is that each of them is about. */
const FIELDS: Record<IdentityProblemCode, ProblemDetails> = {
  "identity/password-too-short": { field: "/password" },
  "identity/password-too-long": { field: "/password" },
  "identity/password-characters": { field: "/password" },
  "identity/password-guessable": { field: "/password" },
  "identity/already-enrolled": {},
  "identity/address-taken": { field: "/address" },
};

export const identityProblem = (code: IdentityProblemCode): Problem<IdentityProblemCode> =>
  new Problem(code, MESSAGES[code], FIELDS[code]);
