/**
 * A recipient accepts what the sender asks: whether copies may be kept, and until when. They name the terms that they were shown, by
 * their hash, so that an acceptance is never of other terms. The first one counts; it is this instance's word, nobody's signature.
 */
import { type Bytes, equalBytes } from "@safeconduct/foundation";
import type { RecipientCaller } from "../callers.ts";
import type { Perform } from "../ledger/performer.ts";
import { askedOfRecipient } from "./conditions.ts";
import { grantProblem } from "./errors.ts";
import { readableGrant, requireBegun } from "./live-grant.ts";
import { requireFactor } from "./second-factor.ts";

/**
 * Only after the second factor: who has just the mailbox promises nothing in another's name. Problems: `grant/unavailable`,
 * `grant/not-yet`, `grant/factor-required`, `grant/terms-not-accepted` where other terms are named. Repeating it changes nothing.
 */
export function acceptConditions(
  { perform }: { perform: Perform },
  caller: RecipientCaller,
  { termsHash }: { termsHash: Bytes },
): Promise<void> {
  return perform(async (tx, now) => {
    const { grant, transfer } = await readableGrant(tx, caller.grant, now);
    requireBegun(grant, now);
    await requireFactor(tx, { grant, caller, now });
    if (!equalBytes(grant.termsHash, termsHash)) throw grantProblem("grant/terms-not-accepted");
    const { conditions } = askedOfRecipient(grant);
    if (conditions === null || grant.termsAcceptedAt !== null) return { entries: [], value: undefined };
    await tx.updateGrant(grant.id, { termsAcceptedAt: now });
    const entry = {
      type: "grant/terms-accepted",
      actor: { kind: "recipient", id: grant.id },
      organisation: grant.organisation,
      transfer,
      grant: grant.id,
      termsHash: grant.termsHash,
      detail: { session: caller.session, ...conditions },
    } as const;
    return { entries: [entry], value: undefined };
  });
}
