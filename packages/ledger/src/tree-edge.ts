/**
 * The growing edge of a tree: its partial tiles, one per level, and the partial entry bundle. Everything that
 * appending touches, so a batch costs O(batch + log n) whatever the size of the log.
 */
import { type Bytes, leafHash, merkleRoot, nodeHash, type Sha256 } from "@safeconduct/foundation";
import type { ReadTile, TileWrite } from "./ports.ts";
import { ENTRY_LIMIT_BYTES, encodeEntryBundle, encodeTile, hashesAtLevel, TILE_WIDTH, tilePath } from "./tile.ts";
import { readEntries, readHashes } from "./tree-reader.ts";

export interface TreeEdge {
  readonly size: number;
  /** Hashes of the partial tile at each level (0 to 255 of them), lowest level first. */
  readonly levels: readonly (readonly Bytes[])[];
  /** Entries of the partial bundle (0 to 255). */
  readonly entries: readonly Bytes[];
}

export const EMPTY_EDGE: TreeEdge = { size: 0, levels: [], entries: [] };

/** Reads the edge of a stored tree of `size`. Throws `ledger/tile-missing`. The caller compares the root. */
export async function loadEdge(readTile: ReadTile, size: number): Promise<TreeEdge> {
  const levels: Bytes[][] = [];
  for (let level = 0; hashesAtLevel(size, level) > 0; level++) {
    const count = hashesAtLevel(size, level);
    const width = count % TILE_WIDTH;
    const index = Math.floor(count / TILE_WIDTH);
    levels.push(width === 0 ? [] : await readHashes(readTile, { level, index, width }));
  }
  const width = size % TILE_WIDTH;
  const index = Math.floor(size / TILE_WIDTH);
  const entries = width === 0 ? [] : await readEntries(readTile, { level: "entries", index, width });
  return { size, levels, entries };
}

export interface Integration {
  readonly edge: TreeEdge;
  readonly root: Bytes;
  /** Tiles and bundles that are new or wider; write them all before the checkpoint. */
  readonly writes: readonly TileWrite[];
}

/** Appends `batch` to the tree. Pure: the same edge and batch give the same tiles. Throws RangeError for an entry over 65,535 bytes. */
export function integrate(sha256: Sha256, edge: TreeEdge, batch: readonly Bytes[]): Integration {
  if (batch.some((entry) => entry.length > ENTRY_LIMIT_BYTES)) throw new RangeError("entry over its limit");
  const writes: TileWrite[] = [];
  const bundles = fill({ level: "entries", count: edge.size, partial: edge.entries, added: batch }, encodeEntryBundle);
  writes.push(...bundles.writes);

  const levels: (readonly Bytes[])[] = [];
  let added = batch.map((entry) => leafHash(sha256, entry));
  for (let level = 0; level < edge.levels.length || added.length > 0; level++) {
    const partial = edge.levels[level] ?? [];
    const tiles = fill({ level, count: hashesAtLevel(edge.size, level), partial, added }, encodeTile);
    writes.push(...tiles.writes);
    levels.push(tiles.partial);
    added = tiles.completed.map((hashes) => merkleRoot(sha256, hashes));
  }
  const next: TreeEdge = { size: edge.size + batch.length, levels, entries: bundles.partial };
  return { edge: next, root: edgeRoot(sha256, next), writes };
}

/** MTH of the whole tree (RFC 9162 §2.1.1): the complete subtrees of the edge, joined from the right. */
export function edgeRoot(sha256: Sha256, edge: TreeEdge): Bytes {
  let root: Bytes | null = null;
  for (const hashes of edge.levels) {
    // A partial tile of w hashes is a run of complete subtrees, one for each bit of w; the smallest stands last.
    let end = hashes.length;
    for (let run = 1; end > 0; run *= 2) {
      if ((hashes.length & run) === 0) continue;
      const subtree = merkleRoot(sha256, hashes.slice(end - run, end));
      root = root === null ? subtree : nodeHash(sha256, subtree, root);
      end -= run;
    }
  }
  return root ?? sha256();
}

interface Filling {
  readonly level: number | "entries";
  /** Items that the level had before. */
  readonly count: number;
  readonly partial: readonly Bytes[];
  readonly added: readonly Bytes[];
}

/** Puts `added` behind the partial tile and cuts the row into tiles. */
function fill({ level, count, partial, added }: Filling, encode: (items: readonly Bytes[]) => Bytes) {
  const writes: TileWrite[] = [];
  const completed: Bytes[][] = [];
  if (added.length === 0) return { writes, completed, partial };
  const row = [...partial, ...added];
  const first = Math.floor(count / TILE_WIDTH);
  let rest: Bytes[] = [];
  for (let at = 0; at < row.length; at += TILE_WIDTH) {
    const items = row.slice(at, at + TILE_WIDTH);
    const address = { level, index: first + at / TILE_WIDTH, width: items.length };
    writes.push({ path: tilePath(address), bytes: encode(items) });
    if (items.length === TILE_WIDTH) completed.push(items);
    else rest = items;
  }
  return { writes, completed, partial: rest };
}
