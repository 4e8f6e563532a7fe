/**
 * A recipient's device says that the files arrived and were verified: all, or all that its page can show where nothing but viewing
 * is allowed; then the entry says how many it cannot. The first word counts. Where the terms say so it closes the
 * link, a little later: somebody may want to look once more, and the closing is the sweep's.
 */
import type { RecipientCaller } from "../callers.ts";
import type { Perform } from "../ledger/performer.ts";
import { RECEIPT_GRACE_MS } from "../transfers/limits.ts";
import { askedOfRecipient } from "./conditions.ts";
import { grantProblem } from "./errors.ts";
import { readableGrant } from "./live-grant.ts";
import { requireFactor } from "./second-factor.ts";

/** Problems: `grant/unavailable`, `grant/factor-required`, `grant/not-opened` before the first release. A second receipt changes nothing. */
export function recordReceipt(
  { perform }: { perform: Perform },
  caller: RecipientCaller,
  { files, unseen = 0 }: { files: number; unseen?: number },
): Promise<void> {
  return perform(async (tx, now) => {
    const { grant, transfer } = await readableGrant(tx, caller.grant, now);
    await requireFactor(tx, { grant, caller, now });
    // Without a release nothing can have arrived: such a word would stand in the certificate and be wrong.
    if (grant.releases === 0) throw grantProblem("grant/not-opened");
    if (grant.receiptAt !== null) return { entries: [], value: undefined };
    const { closesOnReceipt } = askedOfRecipient(grant);
    const endsAt = closesOnReceipt ? Math.min(grant.endsAt, now + RECEIPT_GRACE_MS) : grant.endsAt;
    await tx.updateGrant(grant.id, { receiptAt: now, endsAt });
    const entry = {
      type: "grant/receipt",
      actor: { kind: "recipient", id: grant.id },
      organisation: grant.organisation,
      transfer,
      grant: grant.id,
      termsHash: grant.termsHash,
      detail: {
        session: caller.session,
        files,
        ...(unseen > 0 ? { unseen } : {}),
        closesAt: closesOnReceipt ? endsAt : null,
      },
    } as const;
    return { entries: [entry], value: undefined };
  });
}
