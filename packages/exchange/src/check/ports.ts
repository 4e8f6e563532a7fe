/** What a check asks beyond the ports of the use cases. Nothing here changes anything. */
import type { Bytes, GrantId, HoldId, OrganisationId, TransferId } from "@safeconduct/foundation";
import type { ReadTile, VerifierKey } from "@safeconduct/ledger";
import type { StoredPart } from "../storage/ports.ts";

/** The blob store as it lies on the disk. */
export interface BlobAudit {
  /** Every transfer that has bodies of parts. */
  transfers(): AsyncIterable<TransferId>;
  /** Every body of a transfer's parts, with the length that it has now; the digest is the one under which it was stored. */
  bodies(transfer: TransferId): Promise<readonly StoredPart[]>;
  /** Whether the bytes as they are read now have the digest of `part`; false when the body is not there. */
  isWhole(transfer: TransferId, part: StoredPart): Promise<boolean>;
  /** Files of uploads that did not come to their end. */
  unfinished(): Promise<number>;
}

/** One id that the key service knows. */
export type HeldShare = {
  readonly organisation: OrganisationId;
  readonly state: "active" | "suspended" | "shredded";
} & (
  | { readonly kind: "transfer"; readonly id: TransferId; readonly holds: readonly HoldId[] }
  | {
      readonly kind: "grant";
      readonly id: GrantId;
      /** Null once shredded. */
      readonly live: { readonly transfer: TransferId; readonly termsHash: Bytes; readonly releases: number } | null;
    }
);

export interface KeyInventory {
  inventory(): AsyncIterable<HeldShare>;
  /** What a signed statement of the pinned key service says was destroyed; null for anything else. */
  openDestruction(signed: Bytes): Promise<TransferId | GrantId | null>;
  /** The last checkpoint of this ledger that the key service has seen; null when it has seen none. */
  ledgerSeen(): Promise<string | null>;
}

/** The key service's own log, read from its folder without asking it. */
export interface KeyLogCopy {
  readonly readTile: ReadTile;
  /** The signed note as it is now; null when there is none. It may grow while the key service runs. */
  checkpointText(): Promise<string | null>;
  /** Of the pinned key service. */
  readonly logKey: VerifierKey;
}
