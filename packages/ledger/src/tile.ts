/**
 * Tiles and entry bundles (C2SP tlog-tiles): addresses, paths and the layout of entries.
 * A tile at level L holds hashes of complete subtrees of 256^L leaves; a bundle holds the entries under a level-0 tile.
 */
import { BinaryReader, BinaryWriter, type Bytes, concatBytes, MalformedBinary } from "@safeconduct/foundation";
import { HASH_BYTES } from "./leaf.ts";

/** Hashes in a full tile, entries in a full bundle. */
export const TILE_WIDTH = 256;
/** tlog-tiles: levels run from 0 to 63. */
export const TILE_LEVEL_LIMIT = 63;
/** A bundle prefixes each entry with a u16. */
export const ENTRY_LIMIT_BYTES = 65_535;

export interface TileAddress {
  readonly level: number | "entries";
  /** Position within the level. */
  readonly index: number;
  /** 1 to 256; below 256 the tile is partial. */
  readonly width: number;
}

const PATH_PATTERN = /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/** `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`. */
export function tilePath({ level, index, width }: TileAddress): string {
  const groups: string[] = [];
  let rest = index;
  do {
    groups.unshift(`${groups.length > 0 ? "x" : ""}${String(rest % 1000).padStart(3, "0")}`);
    rest = Math.floor(rest / 1000);
  } while (rest > 0);
  return `tile/${level}/${groups.join("/")}${width < TILE_WIDTH ? `.p/${width}` : ""}`;
}

/** The address of an attacker-controlled path in its only spelling, else null. */
export function parseTilePath(path: string): TileAddress | null {
  const match = PATH_PATTERN.exec(path);
  if (match === null) return null;
  const [, levelText = "", indexText = "", widthText] = match;
  const level = levelText === "entries" ? "entries" : Number(levelText);
  const index = Number(indexText.replaceAll(/[x/]/g, ""));
  const width = widthText === undefined ? TILE_WIDTH : Number(widthText);
  if (level !== "entries" && level > TILE_LEVEL_LIMIT) return null;
  if (!Number.isSafeInteger(index) || (widthText !== undefined && width >= TILE_WIDTH)) return null;
  const address: TileAddress = { level, index, width };
  return tilePath(address) === path ? address : null;
}

/** How many hashes of `level` a tree of `size` leaves has: complete subtrees of 256^level leaves. */
export function hashesAtLevel(size: number, level: number): number {
  let count = size;
  for (let i = 0; i < level && count > 0; i++) count = Math.floor(count / TILE_WIDTH);
  return count;
}

/** Width of a tile in a tree of `size` leaves: 0 (absent) to 256. */
export function tileWidth(size: number, level: number, index: number): number {
  return Math.min(TILE_WIDTH, Math.max(0, hashesAtLevel(size, level) - index * TILE_WIDTH));
}

/** Every tile and bundle that a log of `size` entries serves, bundles first within level 0. */
export function* tilesOfTree(size: number): Generator<TileAddress> {
  for (let level = 0; hashesAtLevel(size, level) > 0; level++) {
    for (let index = 0; tileWidth(size, level, index) > 0; index++) {
      const width = tileWidth(size, level, index);
      if (level === 0) yield { level: "entries", index, width };
      yield { level, index, width };
    }
  }
}

/** u16-length-prefixed entries, at most 256 of them. */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Bytes {
  const writer = new BinaryWriter();
  for (const entry of entries) writer.u16(entry.length).fixed(entry, entry.length);
  return writer.bytes();
}

/** Exactly `width` entries of attacker-controlled bytes. Throws {@link MalformedBinary}. */
export function decodeEntryBundle(bytes: Uint8Array, width: number): Bytes[] {
  const reader = new BinaryReader(bytes);
  const entries: Bytes[] = [];
  for (let i = 0; i < width; i++) entries.push(reader.fixed(reader.u16()));
  reader.end();
  return entries;
}

/** The hashes of a tile of `width`, or throws {@link MalformedBinary}. */
export function decodeTile(bytes: Uint8Array, width: number): Bytes[] {
  if (bytes.length !== width * HASH_BYTES) throw new MalformedBinary("tile has another length");
  const reader = new BinaryReader(bytes);
  return Array.from({ length: width }, () => reader.fixed(HASH_BYTES));
}

export function encodeTile(hashes: readonly Bytes[]): Bytes {
  return concatBytes(...hashes);
}
