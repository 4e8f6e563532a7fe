/**
 * The second factor of a grant: what its frozen terms demand, and whether a recipient has passed it. A session that has passed
 * says so itself; it is asked in the transaction that lets something out.
 */
import { decodeTerms, type SecondFactor } from "@safeconduct/envelope";
import type { RecipientCaller } from "../callers.ts";
import type { GrantRecord, VerificationRecord } from "../records.ts";
import type { View } from "../store.ts";
import { grantProblem } from "./errors.ts";

/** Wrong passcodes or codes that one grant stands in its whole life. SP 800-63B-4 §3.2.2 allows a hundred. */
export const FACTOR_TRIES = 10;

/** What the terms of a recipient's grant demand beside link and mailed code, or null. */
export function demandedFactor(grant: Pick<GrantRecord, "terms">): SecondFactor | null {
  return decodeTerms(grant.terms).secondFactor ?? null;
}

/** True when no passcode or code will ever be looked at again. */
export const isFactorLocked = (grant: Pick<GrantRecord, "factorFailures">): boolean =>
  grant.factorFailures >= FACTOR_TRIES;

/** The caller's session as it is stored now. Problem `grant/session-required` when it has ended since. */
export async function currentSession(
  view: View,
  { grant, session }: RecipientCaller,
  now: number,
): Promise<VerificationRecord> {
  const found = await view.findVerificationById(session);
  if (found?.grant !== grant || now >= found.expiresAt) throw grantProblem("grant/session-required");
  return found;
}

/** Problem `grant/factor-required` unless the grant demands no second factor or this very session has passed it. */
export async function requireFactor(
  view: View,
  { grant, caller, now }: { grant: GrantRecord; caller: RecipientCaller; now: number },
): Promise<void> {
  if (demandedFactor(grant) === null) return;
  const { factorPassedAt } = await currentSession(view, caller, now);
  if (factorPassedAt === null) throw grantProblem("grant/factor-required");
}
