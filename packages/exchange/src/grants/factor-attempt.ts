/**
 * One try at the second factor of a grant. Wrong ones are counted for the grant, over all sessions, codes and kinds, and never
 * forgotten: after every fifth it waits, longer each time, and after the tenth it is closed.
 */
import type { RecipientCaller } from "../callers.ts";
import type { Entry } from "../ledger/entry.ts";
import type { Decision } from "../ledger/performer.ts";
import type { SecondFactorKind } from "@safeconduct/envelope";
import type { Transaction } from "../store.ts";
import { grantProblem } from "./errors.ts";
import { type LiveGrant, readableGrant, requireBegun } from "./live-grant.ts";
import { currentSession, demandedFactor, FACTOR_TRIES, isFactorLocked } from "./second-factor.ts";

export const FACTOR_FAILURES_BEFORE_WAIT = 5;
export const FACTOR_WAIT_MS = 15 * 60 * 1000;
/** Each wait is twice the one before, up to this: fewer than 100 guesses fit into a link's seven days (SP 800-63B-4 §3.2.2). */
const FACTOR_WAIT_MAX_MS = 24 * 60 * 60 * 1000;

/** What changes after one more failure. */
export function afterFactorFailure(failures: number, now: number): { failures: number; lockedUntil?: number } {
  const counted = failures + 1;
  if (counted % FACTOR_FAILURES_BEFORE_WAIT !== 0) return { failures: counted };
  const waitMs = Math.min(FACTOR_WAIT_MS * 2 ** (counted / FACTOR_FAILURES_BEFORE_WAIT - 1), FACTOR_WAIT_MAX_MS);
  return { failures: counted, lockedUntil: now + waitMs };
}

/**
 * `check` says whether what was shown is right, and keeps what a factor of its own remembers; it may throw a refusal that is
 * not counted, and note what else is worth an entry. Problems: `grant/unavailable`, `grant/not-yet`, `grant/session-required`, `grant/factor-refused` (wrong, waiting, or
 * another factor is demanded: one answer), `grant/locked`.
 */
export async function tryFactor(
  tx: Transaction,
  { caller, now, kind }: { caller: RecipientCaller; now: number; kind: SecondFactorKind },
  check: (of: LiveGrant, note: (type: Entry["type"], detail: Entry["detail"]) => void) => Promise<boolean>,
): Promise<Decision<void>> {
  const found = await readableGrant(tx, caller.grant, now);
  const { grant, transfer } = found;
  requireBegun(grant, now);
  const { factorPassedAt } = await currentSession(tx, caller, now);
  if (demandedFactor(grant)?.kind !== kind) throw grantProblem("grant/factor-refused");
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
    detail: { session: caller.session, factor: kind },
  } as const;
  const noted: Entry[] = [];
  const accepted = await check(found, (type, detail) => {
    noted.push({ ...by, type, detail: { ...by.detail, ...detail } });
  });
  if (accepted) {
    await tx.passFactor(caller.session, now);
    return { entries: [...noted, { ...by, type: "grant/factor-passed" }], value: undefined };
  }
  const { failures, lockedUntil = grant.factorLockedUntil } = afterFactorFailure(grant.factorFailures, now);
  await tx.updateGrant(grant.id, { factorFailures: failures, factorLockedUntil: lockedUntil });
  const isLast = failures >= FACTOR_TRIES;
  const refusal = grantProblem(isLast ? "grant/locked" : "grant/factor-refused");
  const entries: Entry[] = [...noted, { ...by, type: "grant/factor-refused", refused: refusal.code }];
  if (isLast) entries.push({ ...by, type: "grant/locked", actor: { kind: "system" } });
  return { entries, refusal };
}
