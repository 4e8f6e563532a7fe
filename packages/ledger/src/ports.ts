/** What the ledger asks of its platform: hashing, signatures and a durable place for tiles. */
import type { Bytes, Sha256, Signatures } from "@safeconduct/foundation";

export interface LedgerPorts {
  readonly sha256: Sha256;
  readonly signatures: Signatures;
}

/** Bytes stored under a tile path (C2SP tlog-tiles), or null where there are none. May come from an attacker. */
export type ReadTile = (path: string) => Promise<Bytes | null>;

export interface TileWrite {
  /** As {@link tilePath} makes it. */
  readonly path: string;
  readonly bytes: Bytes;
}

/** Where one log is kept. One writer at a time; readers may run beside it. */
export interface TileStore {
  /** The signed note that was written last, or null before the first. */
  readCheckpoint(): Promise<string | null>;
  readTile(path: string): Promise<Bytes | null>;
  /**
   * Durable when it returns. Partial tiles may be replaced. A full tile never changes: the same bytes again succeed,
   * other bytes are refused with `ledger/tile-conflict` and nothing of the call becomes visible.
   */
  writeTiles(tiles: readonly TileWrite[]): Promise<void>;
  /** Atomic and durable when it returns. */
  writeCheckpoint(text: string): Promise<void>;
}
