/** The key service's inventory in memory, by id: a few hundred bytes for each id that was ever used. */
import type { GrantId, TransferId } from "@safeconduct/foundation";
import type { HeldShare, KeyInventory } from "./ports.ts";

type HeldTransfer = Extract<HeldShare, { kind: "transfer" }>;
type HeldGrant = Extract<HeldShare, { kind: "grant" }>;

export interface HeldShares {
  readonly transfers: ReadonlyMap<TransferId, HeldTransfer>;
  readonly grants: ReadonlyMap<GrantId, HeldGrant>;
}

export async function heldShares(keys: KeyInventory): Promise<HeldShares> {
  const transfers = new Map<TransferId, HeldTransfer>();
  const grants = new Map<GrantId, HeldGrant>();
  for await (const share of keys.inventory()) {
    if (share.kind === "transfer") transfers.set(share.id, share);
    else grants.set(share.id, share);
  }
  return { transfers, grants };
}

export const isHeld = (share: HeldShare | undefined): share is HeldShare =>
  share !== undefined && share.state !== "shredded";
