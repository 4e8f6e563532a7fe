/** A recipient who has confirmed the address shows the verifier of the passcode. */
import { type Bytes, equalBytes, type Sha256 } from "@safeconduct/foundation";
import { passcodeVerifierHash } from "@safeconduct/envelope";
import type { RecipientCaller } from "../callers.ts";
import type { Perform } from "../ledger/performer.ts";
import { tryFactor } from "./factor-attempt.ts";

/**
 * Problems: `grant/unavailable`, `grant/not-yet`, `grant/session-required`, `grant/factor-refused` (wrong, waiting, or no
 * passcode is demanded: one answer), `grant/locked`.
 */
export function provePasscode(
  { perform, sha256 }: { perform: Perform; sha256: Sha256 },
  caller: RecipientCaller,
  { verifier }: { verifier: Bytes },
): Promise<void> {
  return perform((tx, now) =>
    tryFactor(tx, { caller, now, kind: "passcode" }, async ({ grant }) => {
      const expected = grant.passcodeVerifierHash;
      return expected !== null && equalBytes(passcodeVerifierHash(sha256, verifier), expected);
    }),
  );
}
