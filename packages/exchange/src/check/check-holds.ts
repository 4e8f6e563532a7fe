/** The holds of one transfer in the database and at the key service: what stands in the one must stand in the other. */
import { isHeld } from "./held-shares.ts";
import type { TransferCheck, TransferFacts } from "./transfer-facts.ts";

export function checkHolds({ held, findings }: TransferCheck, { transfer, holds }: TransferFacts): void {
  const of = { transfer: transfer.id };
  const standing = holds.filter(({ liftedAt }) => liftedAt === null);
  if (standing.some(({ toldAt }) => toldAt === null)) findings.add("hold/untold", of);
  const share = held?.transfers.get(transfer.id);
  // What is destroyed, or was never admitted, has no hold there; both are told elsewhere.
  if (!isHeld(share)) return;
  const lacks = standing.some(({ id, toldAt }) => toldAt !== null && !share.holds.includes(id));
  if (lacks) findings.add("keys/hold-missing", of);
  for (const id of share.holds) {
    const known = holds.find((hold) => hold.id === id);
    if (known === undefined) findings.add("keys/hold-unknown", of);
    else if (known.liftedAt !== null) findings.add("keys/hold-left", of);
  }
}
