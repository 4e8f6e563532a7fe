/** The one table from problem codes to exit codes: by the feature that a code begins with. `docs/reference/cli.md` shows it. */
import type { ProblemCode } from "@safeconduct/foundation";

export const EXIT = {
  done: 0,
  /** Something unexpected; a bug or a damaged machine. */
  failed: 1,
  /** The words of the command are off. */
  usage: 2,
  /** What was asked for is not there, over, or not yours. */
  unavailable: 3,
  /** Sign-in, token, code or session was not accepted. */
  denied: 4,
  /** Server, key service, ledger or mail cannot be reached or cannot work now. Try again. */
  outage: 5,
  /** A proof, signature or package does not hold. Nothing of it was kept. */
  notGenuine: 6,
  /** A local file cannot be read or written. */
  local: 7,
  interrupted: 130,
} as const;

const DENIED: ReadonlySet<string> = new Set([
  "sign-in/refused",
  "sign-in/required",
  "grant/closed-by-officer",
  "grant/code-refused",
  "grant/session-required",
  "grant/factor-refused",
  "grant/factor-required",
  "grant/locked",
  "grant/terms-not-accepted",
  "cli/terms-refused",
  "client/bad-passcode",
  "grant/code-wait",
  "setup/wrong-code",
  "setup/not-open",
  "client/bad-code",
  "client/bad-recovery-key",
  "client/bad-card",
  "client/device-removed",
  "client/same-card",
  "client/wrong-cards",
  "permission/refused",
  "recovery/not-approved",
  "recovery/same-person",
  "device/removed",
  "device/bad-signature",
  "keys/not-a-custodian",
  "keys/bad-confirmation",
]);
const NOT_GENUINE: ReadonlySet<string> = new Set([
  "envelope/cannot-open",
  "client/not-genuine",
  "client/damaged-transfer",
  "client/other-key-service",
  "client/other-devices",
  "client/recovery-key-new",
  "client/recovery-key-old",
  "client/removed-device-sealed",
  "ledger/certificate-malformed",
  "cli/not-verified",
]);
const OUTAGE: ReadonlySet<string> = new Set([
  "http/unreachable",
  "http/unreadable",
  "keys/unavailable",
  "ledger/unavailable",
  "mail/undelivered",
  "storage/damaged",
  "storage/full",
  "store/busy",
  "store/full",
  "store/unavailable",
  "store/unwritable",
  "request/failed",
  "request/slow-down",
]);

export function exitCodeOf(code: ProblemCode): number {
  if (DENIED.has(code)) return EXIT.denied;
  if (NOT_GENUINE.has(code)) return EXIT.notGenuine;
  if (OUTAGE.has(code)) return EXIT.outage;
  if (code === "cli/usage" || code === "ledger/policy-malformed") return EXIT.usage;
  if (code.startsWith("cli/")) return EXIT.local;
  return EXIT.unavailable;
}
