import { concatBytes, MalformedBinary, utf8Bytes } from "@safeconduct/foundation";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeEntryBundle,
  decodeTile,
  ENTRY_LIMIT_BYTES,
  encodeEntryBundle,
  parseTilePath,
  tilePath,
  tilesOfTree,
  tileWidth,
} from "./tile.ts";

describe("tile paths", () => {
  it.each([
    ["tile/0/000", { level: 0, index: 0, width: 256 }],
    ["tile/0/999", { level: 0, index: 999, width: 256 }],
    ["tile/0/x001/000", { level: 0, index: 1000, width: 256 }],
    ["tile/63/x001/x234/067", { level: 63, index: 1_234_067, width: 256 }],
    ["tile/entries/x001/x234/067.p/255", { level: "entries", index: 1_234_067, width: 255 }],
    ["tile/1/000.p/1", { level: 1, index: 0, width: 1 }],
    ["tile/0/x009/x007/x199/x254/x740/991", { level: 0, index: Number.MAX_SAFE_INTEGER, width: 256 }],
  ] as const)("%s is the only spelling of its tile", (path, address) => {
    expect(tilePath(address)).toBe(path);
    expect(parseTilePath(path)).toEqual(address);
  });

  it.each([
    "",
    "checkpoint",
    "tile/",
    "tile/0/",
    "tile/0/0",
    "tile/0/00",
    "tile/0/0000",
    "tile/00/000",
    "tile/64/000",
    "tile/-1/000",
    "tile/a/000",
    "tile/Entries/000",
    "tile/0/x000/000",
    "tile/0/x001/x000",
    "tile/0/001/000",
    "tile/0/x001/000/",
    "/tile/0/000",
    "tile//000",
    "tile/0/000.p/0",
    "tile/0/000.p/256",
    "tile/0/000.p/01",
    "tile/0/000.p/",
    "tile/0/000.p",
    "tile/0/000.P/1",
    "tile/0/000.p/1/",
    "tile/0/000.p/1\n",
    "tile/0/../000",
    "tile/0/%30%30%30",
    "tile/0/٠٠٠",
    "tile/0/x009/x007/x199/x254/x740/992",
    "tile/0/x001/x000/x000/x000/x000/x000/000",
  ])("%j is no tile", (path) => {
    expect(parseTilePath(path)).toBeNull();
  });

  it("come back for every index", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger().map(Math.abs), fc.integer({ min: 1, max: 256 }), (index, width) => {
        const address = { level: 3, index, width };
        expect(parseTilePath(tilePath(address))).toEqual(address);
      }),
    );
  });
});

describe("tiles of a tree", () => {
  it("are those of the specification's example of 70,000 entries", () => {
    const tiles = [...tilesOfTree(70_000)];
    const count = (level: number | "entries", full: boolean) =>
      tiles.filter((tile) => tile.level === level && (tile.width === 256) === full).length;
    expect(count(0, true)).toBe(273);
    expect(count("entries", true)).toBe(273);
    expect(count(1, true)).toBe(1);
    expect(count(2, true)).toBe(0);
    const partial = tiles.filter(({ width }) => width < 256).map(tilePath);
    expect(partial.sort()).toEqual(["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1", "tile/entries/273.p/112"]);
  });

  it("at 256 entries are a full tile and a partial one above it", () => {
    expect([...tilesOfTree(256)].map(tilePath)).toEqual(["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]);
  });

  it("of an empty tree are none", () => {
    expect([...tilesOfTree(0)]).toEqual([]);
    expect(tileWidth(0, 0, 0)).toBe(0);
  });
});

describe("entry bundles", () => {
  it("give their entries back, empty and longest ones included", () => {
    for (const length of [0, 1, ENTRY_LIMIT_BYTES - 1, ENTRY_LIMIT_BYTES]) {
      const entries = [utf8Bytes("first"), new Uint8Array(length), utf8Bytes("last")];
      expect(decodeEntryBundle(encodeEntryBundle(entries), 3)).toEqual(entries);
    }
  });

  it("hold no longer entry", () => {
    expect(() => encodeEntryBundle([new Uint8Array(ENTRY_LIMIT_BYTES + 1)])).toThrow(RangeError);
  });

  const bundle = encodeEntryBundle([utf8Bytes("one"), utf8Bytes("two")]);
  it.each([
    ["one entry fewer", bundle, 1],
    ["one entry more", bundle, 3],
    ["a cut last entry", bundle.slice(0, -1), 2],
    ["a byte behind", concatBytes(bundle, Uint8Array.of(0)), 2],
    ["half a length", Uint8Array.of(0), 1],
    ["nothing", new Uint8Array(0), 1],
  ])("are refused with %s", (_, bytes, width) => {
    expect(() => decodeEntryBundle(bytes, width)).toThrow(MalformedBinary);
  });
});

describe("tile bytes", () => {
  it.each([31, 33, 63, 65, 0])("of %d bytes are no tile of two hashes", (length) => {
    expect(() => decodeTile(new Uint8Array(length), 2)).toThrow(MalformedBinary);
  });
});
