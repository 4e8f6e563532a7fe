/**
 * Brings a copy of somebody's log up to their newest checkpoint. What is fetched may come from an attacker and is read twice:
 * first to see that it leads from the copy's own end to the signed root, then to be written, batch by batch the same as
 * before. So nothing that was not signed ever stands in the copy, and memory stays small.
 */
import { type Bytes, equalBytes, Problem } from "@safeconduct/foundation";
import { type Checkpoint, openCheckpoint } from "./checkpoint.ts";
import type { VerifierKey } from "./note-keys.ts";
import type { LedgerPorts, ReadTile, TileStore } from "./ports.ts";
import { encodeEntryBundle, TILE_WIDTH, tileWidth } from "./tile.ts";
import { EMPTY_EDGE, edgeRoot, integrate, loadEdge, type TreeEdge } from "./tree-edge.ts";
import { readEntries } from "./tree-reader.ts";

/** Each batch costs a few flushes of the disk; one of 65,535-byte entries still fits in memory. */
const BATCH_ENTRIES = 16 * TILE_WIDTH;

export type MirrorFailure =
  /** Not signed by the key under its name. */
  | "checkpoint-refused"
  /** The copy does not give the root of its own checkpoint. */
  | "copy-damaged"
  /** The log is smaller than the copy. */
  | "rolled-back"
  /** What was fetched does not lead from the copy to the signed root: the log was rewritten, or is served damaged. */
  | "root-mismatch"
  /** Something is absent, has another length, or was another the second time. */
  | "tile-unreadable";

export type MirrorVerdict =
  | { readonly ok: true; readonly checkpoint: Checkpoint; readonly added: number }
  | { readonly ok: false; readonly failure: MirrorFailure };

export interface MirrorSource {
  readonly readTile: ReadTile;
  /** The signed note. */
  readonly checkpointText: string;
  readonly logKey: VerifierKey;
}

export async function mirrorLog(ports: LedgerPorts, source: MirrorSource, copy: TileStore): Promise<MirrorVerdict> {
  try {
    return await bringUp(ports, source, copy);
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "ledger/tile-missing") throw error;
    return { ok: false, failure: "tile-unreadable" };
  }
}

async function bringUp(
  { sha256, signatures }: LedgerPorts,
  { readTile, checkpointText, logKey }: MirrorSource,
  copy: TileStore,
): Promise<MirrorVerdict> {
  const opened = await openCheckpoint(signatures, checkpointText, { logKey });
  if (opened === null) return { ok: false, failure: "checkpoint-refused" };
  const { checkpoint } = opened;
  const heldText = await copy.readCheckpoint();
  const held = heldText === null ? null : await openCheckpoint(signatures, heldText, { logKey });
  if (heldText !== null && held === null) return { ok: false, failure: "copy-damaged" };
  const start = held === null ? EMPTY_EDGE : await loadEdge((path) => copy.readTile(path), held.checkpoint.size);
  if (held !== null && !equalBytes(edgeRoot(sha256, start), held.checkpoint.root))
    return { ok: false, failure: "copy-damaged" };
  if (checkpoint.size < start.size) return { ok: false, failure: "rolled-back" };

  const digests: Bytes[] = [];
  let edge = start;
  for await (const entries of batchesFrom(readTile, start.size, checkpoint.size)) {
    digests.push(sha256(encodeEntryBundle(entries)));
    edge = integrate(sha256, edge, entries).edge;
  }
  if (!equalBytes(edgeRoot(sha256, edge), checkpoint.root)) return { ok: false, failure: "root-mismatch" };

  let written: TreeEdge = start;
  for await (const entries of batchesFrom(readTile, start.size, checkpoint.size)) {
    const digest = digests.shift();
    if (digest === undefined || !equalBytes(sha256(encodeEntryBundle(entries)), digest))
      return { ok: false, failure: "tile-unreadable" };
    const { edge: next, writes } = integrate(sha256, written, entries);
    await copy.writeTiles(writes);
    written = next;
  }
  await copy.writeCheckpoint(checkpointText);
  return { ok: true, checkpoint, added: checkpoint.size - start.size };
}

/** Entries from `start` to `size`, some bundles at a time. */
async function* batchesFrom(readTile: ReadTile, start: number, size: number): AsyncGenerator<Bytes[]> {
  let batch: Bytes[] = [];
  for (let at = start; at < size; ) {
    const index = Math.floor(at / TILE_WIDTH);
    const width = tileWidth(size, 0, index);
    const entries = await readEntries(readTile, { level: "entries", index, width });
    batch.push(...entries.slice(at - index * TILE_WIDTH));
    at = index * TILE_WIDTH + width;
    if (batch.length < BATCH_ENTRIES && at < size) continue;
    yield batch;
    batch = [];
  }
}
