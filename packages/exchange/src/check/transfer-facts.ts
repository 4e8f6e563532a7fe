/** What the check of one transfer is given. */
import type { Sha256, Signatures } from "@safeconduct/foundation";
import type { DeviceRecord, EventRecord, GrantRecord, HoldRecord, TransferRecord } from "../records.ts";
import type { StoredPart } from "../storage/ports.ts";
import type { Findings } from "./findings.ts";
import type { HeldShares } from "./held-shares.ts";
import type { BlobAudit, KeyInventory } from "./ports.ts";

export interface TransferFacts {
  readonly transfer: TransferRecord;
  readonly device: DeviceRecord | null;
  readonly parts: readonly StoredPart[];
  readonly grants: readonly GrantRecord[];
  /** Lifted ones too. */
  readonly holds: readonly HoldRecord[];
  /** Of this transfer, those that wait for the ledger included. */
  readonly events: readonly EventRecord[];
}

export interface TransferCheck {
  readonly sha256: Sha256;
  readonly signatures: Signatures;
  readonly blobs: BlobAudit;
  readonly keys: KeyInventory;
  /** Null when the key service could not be asked. */
  readonly held: HeldShares | null;
  /** Also what the bytes are, not only that they are there. */
  readonly hashes: boolean;
  readonly findings: Findings;
}
