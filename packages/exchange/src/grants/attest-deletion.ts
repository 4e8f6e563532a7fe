/** A recipient says that the copies they made are deleted. It is their word; nobody can check it. */
import type { RecipientCaller } from "../callers.ts";
import type { Perform } from "../ledger/performer.ts";
import { grantProblem } from "./errors.ts";
import { readableGrant } from "./live-grant.ts";
import { requireFactor } from "./second-factor.ts";

/** Problems: `grant/unavailable`, `grant/factor-required`, `grant/not-opened`. Repeating it changes nothing until the next release. */
export function attestDeletion({ perform }: { perform: Perform }, caller: RecipientCaller): Promise<void> {
  return perform(async (tx, now) => {
    const { grant, transfer } = await readableGrant(tx, caller.grant, now);
    await requireFactor(tx, { grant, caller, now });
    if (grant.releases === 0) throw grantProblem("grant/not-opened");
    if (grant.deletionAttestedAt !== null) return { entries: [], value: undefined };
    await tx.updateGrant(grant.id, { deletionAttestedAt: now });
    const entry = {
      type: "grant/deletion-attested",
      actor: { kind: "recipient", id: grant.id },
      organisation: grant.organisation,
      transfer,
      grant: grant.id,
      termsHash: grant.termsHash,
      detail: { session: caller.session },
    } as const;
    return { entries: [entry], value: undefined };
  });
}
