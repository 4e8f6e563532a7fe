/**
 * Reads a tree of one size out of its tiles: complete subtrees, ranges and the root (RFC 9162 §2.1.1).
 * What it reads is not authenticated here: make a proof and verify it against a signed root.
 */
import { type Bytes, MalformedBinary, merkleRoot, nodeHash, type Sha256 } from "@safeconduct/foundation";
import { ledgerProblem } from "./errors.ts";
import type { ReadTile } from "./ports.ts";
import { decodeEntryBundle, decodeTile, TILE_WIDTH, type TileAddress, tilePath, tileWidth } from "./tile.ts";

/** Tiles kept in memory by one reader: 4 MiB. A proof needs one or two per level. */
const TILE_CACHE_LIMIT = 512;

export interface TreeSource {
  readonly sha256: Sha256;
  readonly size: number;
  readonly readTile: ReadTile;
}

export class TreeReader {
  readonly size: number;
  private readonly sha256: Sha256;
  private readonly readTile: ReadTile;
  private readonly tiles = new Map<string, Bytes[]>();

  constructor({ sha256, size, readTile }: TreeSource) {
    this.sha256 = sha256;
    this.size = size;
    this.readTile = readTile;
  }

  /** Throws `ledger/tile-missing` like every method here. */
  async root(): Promise<Bytes> {
    return this.size === 0 ? this.sha256() : this.rangeHash(0, this.size);
  }

  async leafHash(index: number): Promise<Bytes> {
    return this.subtreeHash(index, 1);
  }

  async entry(index: number): Promise<Bytes> {
    const bundle = Math.floor(index / TILE_WIDTH);
    const entries = await this.bundle(bundle);
    const entry = entries[index % TILE_WIDTH];
    if (entry === undefined) throw new RangeError("index outside the tree");
    return entry;
  }

  /** Entries of one bundle, as many as this tree's size has of it. */
  async bundle(index: number): Promise<Bytes[]> {
    return readEntries(this.readTile, { level: "entries", index, width: tileWidth(this.size, 0, index) });
  }

  /** MTH(D[start:end]) for ranges that RFC 9162 proofs are made of: `start` is a multiple of the largest power of two below the length. */
  async rangeHash(start: number, end: number): Promise<Bytes> {
    const length = end - start;
    const left = largestPowerOfTwoBelow(length);
    if (left * 2 === length || length === 1) return this.subtreeHash(start, length);
    return nodeHash(this.sha256, await this.subtreeHash(start, left), await this.rangeHash(start + left, end));
  }

  /** Hash of a complete subtree of `leaves` (a power of two) leaves that begins at `start`, a multiple of it. */
  private async subtreeHash(start: number, leaves: number): Promise<Bytes> {
    let level = 0;
    let first = start;
    let count = leaves;
    while (count >= TILE_WIDTH) {
      level++;
      first /= TILE_WIDTH;
      count /= TILE_WIDTH;
    }
    const hashes = await this.tile(level, Math.floor(first / TILE_WIDTH));
    const offset = first % TILE_WIDTH;
    return merkleRoot(this.sha256, hashes.slice(offset, offset + count));
  }

  private async tile(level: number, index: number): Promise<Bytes[]> {
    const address = { level, index, width: tileWidth(this.size, level, index) };
    const path = tilePath(address);
    const cached = this.tiles.get(path);
    if (cached !== undefined) return cached;
    const hashes = await readHashes(this.readTile, address);
    const oldest = this.tiles.size >= TILE_CACHE_LIMIT ? this.tiles.keys().next().value : undefined;
    if (oldest !== undefined) this.tiles.delete(oldest);
    this.tiles.set(path, hashes);
    return hashes;
  }
}

/** Hashes of a tile. Throws `ledger/tile-missing` where it is absent or has another length. */
export async function readHashes(readTile: ReadTile, address: TileAddress): Promise<Bytes[]> {
  return readWithFallback(readTile, address, (bytes, width) =>
    // A tile one level up may have grown meanwhile; only a full one replaces a partial one.
    decodeTile(bytes, width).slice(0, address.width),
  );
}

/** Entries of a bundle. Throws `ledger/tile-missing` where it is absent or does not hold that many entries. */
export async function readEntries(readTile: ReadTile, address: TileAddress): Promise<Bytes[]> {
  return readWithFallback(readTile, address, (bytes, width) => decodeEntryBundle(bytes, width).slice(0, address.width));
}

/** tlog-tiles lets a log delete a partial tile once the full one stands, so that one is the second try. */
async function readWithFallback(
  readTile: ReadTile,
  address: TileAddress,
  decode: (bytes: Bytes, width: number) => Bytes[],
): Promise<Bytes[]> {
  if (address.width < 1) throw new RangeError("tile outside the tree");
  const widths = address.width === TILE_WIDTH ? [TILE_WIDTH] : [address.width, TILE_WIDTH];
  for (const width of widths) {
    const bytes = await readTile(tilePath({ ...address, width }));
    if (bytes === null) continue;
    try {
      return decode(bytes, width);
    } catch (error) {
      if (!(error instanceof MalformedBinary)) throw error;
      break;
    }
  }
  throw ledgerProblem("ledger/tile-missing");
}

/** The k of RFC 9162 §2.1.1: largest power of two smaller than `length`; 1 for lengths up to 2. */
export function largestPowerOfTwoBelow(length: number): number {
  let power = 1;
  while (power * 2 < length) power *= 2;
  return power;
}
