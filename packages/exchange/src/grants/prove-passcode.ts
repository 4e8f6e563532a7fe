/**
 * A recipient who has confirmed the address shows the verifier of the passcode. Wrong ones are counted for the grant, over all
 * sessions and codes, and never forgotten: after every fifth it waits, longer each time, and after the tenth it is closed.
 */
import { type Bytes, equalBytes, type Sha256 } from "@safeconduct/foundation";
import { passcodeVerifierHash } from "@safeconduct/envelope";
import type { RecipientCaller } from "../callers.ts";
import type { Entry } from "../ledger/entry.ts";
import type { Perform } from "../ledger/performer.ts";
import { grantProblem } from "./errors.ts";
import { readableGrant, requireBegun } from "./live-grant.ts";
import { currentSession, isFactorLocked, PASSCODE_TRIES } from "./second-factor.ts";

export const PASSCODE_FAILURES_BEFORE_WAIT = 5;
export const PASSCODE_WAIT_MS = 15 * 60 * 1000;

/**
 * Problems: `grant/unavailable`, `grant/not-yet`, `grant/session-required`, `grant/factor-refused` (wrong, waiting, or no
 * passcode is demanded: one answer), `grant/locked`.
 */
export function provePasscode(
  { perform, sha256 }: { perform: Perform; sha256: Sha256 },
  caller: RecipientCaller,
  { verifier }: { verifier: Bytes },
): Promise<void> {
  return perform(async (tx, now) => {
    const { grant, transfer } = await readableGrant(tx, caller.grant, now);
    requireBegun(grant, now);
    const { factorPassedAt } = await currentSession(tx, caller, now);
    const expected = grant.passcodeVerifierHash;
    if (expected === null) throw grantProblem("grant/factor-refused");
    if (factorPassedAt !== null) return { entries: [], value: undefined };
    if (isFactorLocked(grant)) throw grantProblem("grant/locked");
    // Nothing is compared, counted or recorded while the grant waits: guessing then is free of effect, also on the ledger.
    if (now < grant.factorLockedUntil) throw grantProblem("grant/factor-refused");

    const by = {
      actor: { kind: "recipient", id: grant.id },
      organisation: grant.organisation,
      transfer,
      grant: grant.id,
      termsHash: grant.termsHash,
      detail: { session: caller.session, factor: "passcode" },
    } as const;
    if (equalBytes(passcodeVerifierHash(sha256, verifier), expected)) {
      await tx.passFactor(caller.session, now);
      return { entries: [{ ...by, type: "grant/factor-passed" }], value: undefined };
    }
    const factorFailures = grant.factorFailures + 1;
    const waits = factorFailures % PASSCODE_FAILURES_BEFORE_WAIT === 0;
    const waitMs = PASSCODE_WAIT_MS * 2 ** (factorFailures / PASSCODE_FAILURES_BEFORE_WAIT - 1);
    await tx.updateGrant(grant.id, { factorFailures, ...(waits ? { factorLockedUntil: now + waitMs } : {}) });
    const isLast = factorFailures >= PASSCODE_TRIES;
    const refusal = grantProblem(isLast ? "grant/locked" : "grant/factor-refused");
    const entries: Entry[] = [{ ...by, type: "grant/factor-refused", refused: refusal.code }];
    if (isLast) entries.push({ ...by, type: "grant/locked", actor: { kind: "system" } });
    return { entries, refusal };
  });
}
