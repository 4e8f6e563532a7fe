/**
 * Checks a full copy of a log: every entry against its leaf hash, every tile against the one below, the root against
 * the signed checkpoint, and an earlier checkpoint against its own prefix. Streams: one bundle and one tile per level
 * are held. Everything it reads may come from an attacker.
 */
import { type Bytes, equalBytes, Problem } from "@safeconduct/foundation";
import { type Checkpoint, type OpenedCheckpoint, openCheckpoint } from "./checkpoint.ts";
import type { VerifierKey } from "./note-keys.ts";
import type { VerifiedSignature } from "./note.ts";
import type { LedgerPorts, ReadTile } from "./ports.ts";
import { decodeTile, encodeTile, parseTilePath, TILE_WIDTH, type TileAddress, tilePath, tileWidth } from "./tile.ts";
import { EMPTY_EDGE, edgeRoot, integrate, type TreeEdge } from "./tree-edge.ts";
import { readEntries, readHashes } from "./tree-reader.ts";
import { meetsQuorum, type WitnessPolicy } from "./witness-policy.ts";

export interface LogCopy {
  readonly readTile: ReadTile;
  /** The signed note. */
  readonly checkpointText: string;
  readonly logKey: VerifierKey;
  /** Witnesses whose cosignatures are read, and the quorum that is demanded. */
  readonly policy?: WitnessPolicy;
  /** The checkpoint that carries the cosignatures, where it is an older one: the log must contain it. */
  readonly witnessedText?: string;
  /** A checkpoint seen earlier: the log must still contain it. */
  readonly earlierText?: string;
  /** Called once for each entry, in order, before the verdict on the whole is known. */
  readonly onEntry?: (index: number, entry: Bytes) => void | Promise<void>;
}

export type LogFailure =
  /** Not signed by the key under its name, or not a checkpoint. */
  | "checkpoint-refused"
  /** The cosignatures do not meet the quorum of the policy. */
  | "witnesses-missing"
  | "earlier-checkpoint-refused"
  /** The earlier checkpoint is of a larger tree. */
  | "rolled-back"
  /** A tile or bundle is absent or has another length. */
  | "tile-unreadable"
  /** A tile is not the hash of what lies below it. */
  | "tile-mismatch"
  | "root-mismatch"
  /** The log no longer contains what the earlier checkpoint signed. */
  | "earlier-root-mismatch";

export type LogVerdict =
  | {
      readonly ok: true;
      readonly checkpoint: Checkpoint;
      /** Cosignatures by witnesses of the policy, and how many entries they cover. */
      readonly witnesses: readonly VerifiedSignature[];
      readonly witnessedSize: number;
    }
  /** `path` names the first tile or bundle that failed. */
  | { readonly ok: false; readonly failure: LogFailure; readonly path?: string };

export async function verifyLog(ports: LedgerPorts, copy: LogCopy): Promise<LogVerdict> {
  const { sha256 } = ports;
  const opened = await openAll(ports, copy);
  if ("failure" in opened) return { ok: false, ...opened };
  const { checkpoint, prefixes, witnessed } = opened;
  let edge = EMPTY_EDGE;
  try {
    for (const prefix of prefixes) {
      if (prefix.size > checkpoint.size) return { ok: false, failure: "rolled-back" };
      edge = await advance(ports, copy, { edge, to: prefix.size, size: checkpoint.size });
      if (!equalBytes(edgeRoot(sha256, edge), prefix.root)) return { ok: false, failure: "earlier-root-mismatch" };
    }
    edge = await advance(ports, copy, { edge, to: checkpoint.size, size: checkpoint.size });
    await comparePartialTiles(copy, edge);
  } catch (error) {
    if (!(error instanceof CopyFailure)) throw error;
    return { ok: false, failure: error.failure, path: error.path };
  }
  if (!equalBytes(edgeRoot(sha256, edge), checkpoint.root)) return { ok: false, failure: "root-mismatch" };
  return { ok: true, checkpoint, witnesses: witnessed.witnesses, witnessedSize: witnessed.checkpoint.size };
}

interface OpenedCopy {
  readonly checkpoint: Checkpoint;
  /** What the log must contain, by rising size. */
  readonly prefixes: readonly Checkpoint[];
  readonly witnessed: OpenedCheckpoint;
}

async function openAll(
  { signatures }: LedgerPorts,
  { checkpointText, witnessedText, earlierText, logKey, policy }: LogCopy,
): Promise<OpenedCopy | { readonly failure: LogFailure }> {
  const keys = { logKey, witnesses: policy?.witnesses.map(({ key }) => key) ?? [] };
  const newest = await openCheckpoint(signatures, checkpointText, keys);
  const witnessed = witnessedText === undefined ? newest : await openCheckpoint(signatures, witnessedText, keys);
  if (newest === null || witnessed === null) return { failure: "checkpoint-refused" };
  if (policy !== undefined && !meetsQuorum(policy, witnessed.witnesses)) return { failure: "witnesses-missing" };
  const prefixes = witnessedText === undefined ? [] : [witnessed.checkpoint];
  if (earlierText !== undefined) {
    const earlier = await openCheckpoint(signatures, earlierText, { logKey });
    if (earlier === null) return { failure: "earlier-checkpoint-refused" };
    prefixes.push(earlier.checkpoint);
  }
  return { checkpoint: newest.checkpoint, prefixes: prefixes.sort((a, b) => a.size - b.size), witnessed };
}

/** Carries a failure out of the walk; never leaves this module. */
class CopyFailure extends Error {
  readonly failure: LogFailure;
  readonly path: string;

  constructor(failure: LogFailure, path: string) {
    super(failure);
    this.failure = failure;
    this.path = path;
  }
}

/** Rebuilds the tree from its entries up to `to` and compares each tile that becomes full with the stored one. */
async function advance(
  ports: LedgerPorts,
  copy: LogCopy,
  { edge: start, to, size }: { edge: TreeEdge; to: number; size: number },
): Promise<TreeEdge> {
  let edge = start;
  while (edge.size < to) {
    const index = Math.floor(edge.size / TILE_WIDTH);
    const address: TileAddress = { level: "entries", index, width: tileWidth(size, 0, index) };
    const bundle = await unlessUnreadable(address, () => readEntries(copy.readTile, address));
    const entries = bundle.slice(edge.size % TILE_WIDTH, to - index * TILE_WIDTH);
    for (const [i, entry] of entries.entries()) await copy.onEntry?.(edge.size + i, entry);
    const { edge: next, writes } = integrate(ports.sha256, edge, entries);
    for (const { path, bytes } of writes) {
      const written = parseTilePath(path);
      if (written === null || written.level === "entries" || written.width < TILE_WIDTH) continue;
      await compareTile(copy, written, decodeTile(bytes, TILE_WIDTH));
    }
    edge = next;
  }
  return edge;
}

async function comparePartialTiles(copy: LogCopy, edge: TreeEdge): Promise<void> {
  for (const [level, hashes] of edge.levels.entries()) {
    const width = hashes.length;
    if (width === 0) continue;
    const index = Math.floor(Math.floor(edge.size / TILE_WIDTH ** level) / TILE_WIDTH);
    await compareTile(copy, { level, index, width }, hashes);
  }
}

async function compareTile(copy: LogCopy, address: TileAddress, expected: readonly Bytes[]): Promise<void> {
  const stored = await unlessUnreadable(address, () => readHashes(copy.readTile, address));
  if (!equalBytes(encodeTile(stored), encodeTile(expected))) throw new CopyFailure("tile-mismatch", tilePath(address));
}

async function unlessUnreadable<Result>(address: TileAddress, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "ledger/tile-missing") throw error;
    throw new CopyFailure("tile-unreadable", tilePath(address));
  }
}
