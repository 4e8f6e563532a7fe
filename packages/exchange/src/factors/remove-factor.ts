/**
 * A factor is taken away: by the recipient in a session that passed this very kind, or by a member of the organisation when a
 * device is lost. Links that demand it open no more; a fresh one with a passcode does.
 */
import type { MemberCaller, RecipientCaller } from "../callers.ts";
import { grantProblem } from "../grants/errors.ts";
import { demandedFactor } from "../grants/second-factor.ts";
import type { Entry } from "../ledger/entry.ts";
import type { Perform } from "../ledger/performer.ts";
import type { EnrolledKind } from "../records.ts";
import type { Transaction } from "../store.ts";
import { type FactorOwner, factorsOf } from "./enrolled.ts";
import { factorProblem } from "./errors.ts";
import { passedSession } from "./passed-session.ts";
import type { FactorSecrets } from "./ports.ts";

interface Deps {
  readonly perform: Perform;
  readonly factorSecrets: FactorSecrets;
}

/** Problems: those of a session without a passed factor, `grant/factor-required` for another kind, `factor/not-enrolled`. */
export function removeOwnFactor(
  { perform, factorSecrets }: Deps,
  caller: RecipientCaller,
  { factor: kind }: { factor: EnrolledKind },
): Promise<void> {
  return perform(async (tx, now) => {
    const { grant, transfer } = await passedSession(tx, caller, now);
    if (demandedFactor(grant)?.kind !== kind) throw grantProblem("grant/factor-required");
    const by = {
      actor: { kind: "recipient", id: grant.id },
      organisation: grant.organisation,
      transfer,
      grant: grant.id,
      termsHash: grant.termsHash,
    } as const;
    const entries = await removeAll(tx, factorSecrets, { owner: grant, kind, by });
    return { entries, value: undefined };
  });
}

/** Problem `factor/not-enrolled`. */
export function removeRecipientFactor(
  { perform, factorSecrets }: Deps,
  { member, organisation }: MemberCaller,
  { address, factor: kind }: { address: string; factor: EnrolledKind },
): Promise<void> {
  return perform(async (tx) => {
    const by = { actor: { kind: "member", id: member }, organisation } as const;
    return {
      entries: await removeAll(tx, factorSecrets, { owner: { organisation, address }, kind, by }),
      value: undefined,
    };
  });
}

/** Unconfirmed ones go along, and are no entry: they never opened anything. */
async function removeAll(
  tx: Transaction,
  secrets: FactorSecrets,
  { owner, kind, by }: { owner: FactorOwner; kind: EnrolledKind; by: Omit<Entry, "type"> },
): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const { id, confirmedAt } of (await factorsOf(tx, secrets, owner)).filter((factor) => factor.kind === kind)) {
    await tx.deleteFactor(id);
    if (confirmedAt !== null) entries.push({ ...by, type: "factor/removed", detail: { factor: kind, enrolment: id } });
  }
  if (entries.length === 0) throw factorProblem("factor/not-enrolled");
  return entries;
}
