import { nodeCrypto } from "@safeconduct/crypto-node";
import { type Bytes, hexBytes, hexText, leafHash, merkleRoot, nodeHash, utf8Bytes } from "@safeconduct/foundation";
import { MemoryTileStore, MerkleOracle } from "@safeconduct/testkit";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  consistencyProof,
  type ConsistencyClaim,
  type InclusionClaim,
  inclusionProof,
  PROOF_LIMIT_HASHES,
  verifyConsistency,
  verifyInclusion,
} from "./proof.ts";
import { hashesAtLevel, parseTilePath, tilePath, tilesOfTree } from "./tile.ts";
import { EMPTY_EDGE, edgeRoot, integrate, loadEdge } from "./tree-edge.ts";
import { TreeReader } from "./tree-reader.ts";

const { sha256 } = nodeCrypto();

/** The inputs of the Certificate Transparency reference tree and its roots for 0 to 8 leaves (RFC 6962). */
const CT_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const CT_ROOTS = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

const MOST = 600;
const BORDERS = [255, 256, 257, 511, 512, 513, MOST];
const entries = Array.from({ length: MOST }, (_, i) => utf8Bytes(`entry ${i}`));
const singly = entries.map(() => 1);
const oracle = new MerkleOracle(entries);

/** A log of `leaves`, appended in batches of the given sizes. */
async function grow(leaves: readonly Bytes[], batchSizes: readonly number[]): Promise<MemoryTileStore> {
  const store = new MemoryTileStore();
  let edge = EMPTY_EDGE;
  for (const size of batchSizes) {
    const step = integrate(sha256, edge, leaves.slice(edge.size, edge.size + size));
    edge = step.edge;
    await store.writeTiles(step.writes);
  }
  return store;
}

function readerOf(store: MemoryTileStore, size: number): TreeReader {
  return new TreeReader({ sha256, size, readTile: (path) => store.readTile(path) });
}

describe("the tree", () => {
  it.each([...CT_ROOTS.entries()])(
    "of %d leaves has the root of the Certificate Transparency reference",
    (size, root) => {
      const leaves = CT_LEAVES.slice(0, size).map((hex) => hexBytes(hex) as Bytes);
      expect(hexText(integrate(sha256, EMPTY_EDGE, leaves).root)).toBe(root);
    },
  );

  it(`has the root of the definition at every size up to ${MOST}, entry by entry`, () => {
    let edge = EMPTY_EDGE;
    for (const [i, entry] of entries.entries()) {
      const step = integrate(sha256, edge, [entry]);
      edge = step.edge;
      expect(step.root).toEqual(oracle.root(0, i + 1));
    }
  });

  it("is the same tree in whatever batches it grew, and serves exactly the tiles of its last size", async () => {
    const whole = await grow(entries, [MOST]);
    expect([...whole.tiles.keys()].sort()).toEqual([...tilesOfTree(MOST)].map(tilePath).sort());
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 12 }), async (sizes) => {
        const grown = await grow(entries, [...sizes, MOST]);
        for (const [path, bytes] of whole.tiles) expect(grown.tiles.get(path)).toEqual(bytes);
      }),
      { numRuns: 30 },
    );
  });

  it.each(BORDERS)("continues from its stored edge at %d entries", async (size) => {
    const store = await grow(entries, [size]);
    const edge = await loadEdge((path) => store.readTile(path), size);
    expect(edgeRoot(sha256, edge)).toEqual(oracle.root(0, size));
    const added = utf8Bytes("one more");
    expect(integrate(sha256, edge, [added]).root).toEqual(
      new MerkleOracle([...entries.slice(0, size), added]).root(0, size + 1),
    );
  });

  it("is read where partial tiles were dropped for full ones", async () => {
    const store = await grow(entries, [300, 212]);
    for (const path of store.tiles.keys()) if (/^tile\/(0|entries)\/001\.p/.test(path)) store.tiles.delete(path);
    expect(await readerOf(store, 300).root()).toEqual(oracle.root(0, 300));
    expect(await readerOf(store, 300).entry(299)).toEqual(entries[299]);
    expect(edgeRoot(sha256, await loadEdge((path) => store.readTile(path), 300))).toEqual(oracle.root(0, 300));
  });

  it("an empty batch writes nothing", () => {
    expect(integrate(sha256, EMPTY_EDGE, []).writes).toEqual([]);
  });

  it("refuses an entry that a bundle cannot hold", () => {
    expect(() => integrate(sha256, EMPTY_EDGE, [new Uint8Array(65_536)])).toThrow(RangeError);
  });

  it("says which of its tiles is missing by code, for absent and for cut ones", async () => {
    const store = await grow(entries, [300]);
    const path = tilePath({ level: 0, index: 1, width: 44 });
    store.tiles.set(path, new Uint8Array(43 * 32));
    await expect(readerOf(store, 300).root()).rejects.toMatchObject({ code: "ledger/tile-missing" });
    store.tiles.delete(path);
    await expect(readerOf(store, 300).root()).rejects.toMatchObject({ code: "ledger/tile-missing" });
    await expect(readerOf(store, 300).entry(300)).rejects.toThrow(RangeError);
  });
});

describe("a large tree", () => {
  const size = 65_536 + 300;
  let store: MemoryTileStore;
  let root: Bytes;
  let leafHashes: Bytes[];

  beforeAll(async () => {
    const leaves = Array.from({ length: size }, (_, i) => utf8Bytes(`${i}`));
    store = await grow(leaves, [...Array.from({ length: 16 }, () => 4096), 300]);
    leafHashes = leaves.map((leaf) => leafHash(sha256, leaf));
    root = merkleRoot(sha256, leafHashes);
  });

  it("has the root of a plain fold", async () => {
    expect(await readerOf(store, size).root()).toEqual(root);
  });

  it.each([0, 255, 256, 65_535, 65_536, size - 1])("proves entry %d, reading a handful of tiles", async (index) => {
    const before = store.reads.length;
    const proof = await inclusionProof(readerOf(store, size), index);
    expect(store.reads.length - before).toBeLessThan(8);
    const claim = { leafHash: leafHash(sha256, utf8Bytes(`${index}`)), index, size, root, proof };
    expect(verifyInclusion(sha256, claim)).toBe(true);
  });

  it.each([1, 256, 65_535, 65_536, 65_537, size - 1])("proves that it grew from %d entries", async (oldSize) => {
    const oldRoot = merkleRoot(sha256, leafHashes.slice(0, oldSize));
    const proof = await consistencyProof(readerOf(store, size), oldSize);
    expect(verifyConsistency(sha256, { oldSize, oldRoot, newSize: size, newRoot: root, proof })).toBe(true);
  });

  it("appends by touching only its edge", async () => {
    const edge = await loadEdge((path) => store.readTile(path), size);
    const { writes } = integrate(sha256, edge, [utf8Bytes("one more")]);
    expect(writes.map(({ path }) => path)).toEqual(["tile/entries/257.p/45", "tile/0/257.p/45"]);
  });
});

describe("a tree beyond 32 bits", () => {
  // All leaves are equal, so every complete subtree of a height is, and 2^40 entries fit in a few lines.
  const size = 2 ** 40 + 5;
  const heights: Bytes[] = [leafHash(sha256, utf8Bytes("same"))];
  for (let height = 1; height <= 41; height++) {
    const below = heights[height - 1] as Bytes;
    heights.push(nodeHash(sha256, below, below));
  }
  const readTile = async (path: string) => {
    const address = parseTilePath(path);
    if (address === null || address.level === "entries") return null;
    if (hashesAtLevel(size, address.level) < address.index * 256 + address.width) return null;
    const hash = heights[8 * address.level] as Bytes;
    const bytes = new Uint8Array(32 * address.width);
    for (let i = 0; i < address.width; i++) bytes.set(hash, 32 * i);
    return bytes;
  };
  const tree = new TreeReader({ sha256, size, readTile });
  const four = heights[2] as Bytes;
  const root = nodeHash(sha256, heights[40] as Bytes, nodeHash(sha256, four, heights[0] as Bytes));

  it("has its root", async () => {
    expect(await tree.root()).toEqual(root);
  });

  it.each([0, 2 ** 31, 2 ** 32 + 1, 2 ** 40 - 1, 2 ** 40, 2 ** 40 + 3, 2 ** 40 + 4])(
    "proves entry %d",
    async (index) => {
      const claim = { leafHash: heights[0] as Bytes, index, size, root, proof: await inclusionProof(tree, index) };
      expect(verifyInclusion(sha256, claim)).toBe(true);
      expect(verifyInclusion(sha256, { ...claim, size: 2 ** 42 })).toBe(false);
      expect(verifyInclusion(sha256, { ...claim, root: root.with(0, (root[0] ?? 0) ^ 1) })).toBe(false);
    },
  );

  it("proves that it grew from 2^40 entries", async () => {
    const proof = await consistencyProof(tree, 2 ** 40);
    const claim = { oldSize: 2 ** 40, oldRoot: heights[40] as Bytes, newSize: size, newRoot: root, proof };
    expect(verifyConsistency(sha256, claim)).toBe(true);
    expect(verifyConsistency(sha256, { ...claim, oldSize: 2 ** 39 })).toBe(false);
  });
});

describe("inclusion proofs", () => {
  it("are those of the definition, and verify, for every entry of every small tree and at the tile borders", async () => {
    const wrong: string[] = [];
    const store = await grow(entries, singly);
    const small = Array.from({ length: 40 }, (_, i) => i + 1);
    for (const size of [...small, 256, 257]) {
      const tree = readerOf(store, size);
      const root = oracle.root(0, size);
      for (let index = 0; index < size; index++) {
        const proof = await inclusionProof(tree, index);
        const defined = same(proof, oracle.path(index, 0, size));
        const claim = { leafHash: oracle.root(index, index + 1), index, size, root, proof };
        if (!defined || !verifyInclusion(sha256, claim)) wrong.push(`${index} of ${size}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("agree with the definition in random trees up to two tiles and more", async () => {
    const store = await grow(entries, singly);
    const sizes = fc.oneof(fc.constantFrom(...BORDERS), fc.integer({ min: 1, max: MOST }));
    const trees = sizes.chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1)));
    await fc.assert(
      fc.asyncProperty(trees, async ([size, index]) => {
        const proof = await inclusionProof(readerOf(store, size), index);
        expect(same(proof, oracle.path(index, 0, size))).toBe(true);
        const claim = { leafHash: oracle.root(index, index + 1), index, size, root: oracle.root(0, size), proof };
        expect(verifyInclusion(sha256, claim)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it("are not made for an index outside the tree", async () => {
    const tree = readerOf(await grow(entries, [5]), 5);
    for (const index of [-1, 5, 0.5, Number.NaN]) await expect(inclusionProof(tree, index)).rejects.toThrow(RangeError);
  });

  const size = 7;
  const index = 2;
  const honest: InclusionClaim = {
    leafHash: oracle.root(index, index + 1),
    index,
    size,
    root: oracle.root(0, size),
    proof: oracle.path(index, 0, size),
  };

  it("fail for every other index and size", () => {
    expect(verifyInclusion(sha256, honest)).toBe(true);
    const holds = (change: Partial<InclusionClaim>) => verifyInclusion(sha256, { ...honest, ...change });
    const numbers = Array.from({ length: 12 }, (_, i) => i);
    expect(numbers.filter((other) => holds({ index: other }))).toEqual([index]);
    // From 5 to 8 entries the path to entry 2 has the same shape, so only the root tells the size.
    expect(numbers.filter((other) => holds({ size: other }))).toEqual([5, 6, 7, 8]);
  });

  it.each<[string, Partial<InclusionClaim>]>([
    ["a hash missing at the end", { proof: honest.proof.slice(0, -1) }],
    ["a hash missing at the start", { proof: honest.proof.slice(1) }],
    ["a hash too many", { proof: [...honest.proof, oracle.root(0, 1)] }],
    ["no hash", { proof: [] }],
    ["two hashes swapped", { proof: honest.proof.toReversed() }],
    ["a hash of 31 bytes", { proof: [new Uint8Array(31), ...honest.proof.slice(1)] }],
    ["a root of no bytes", { root: new Uint8Array(0) }],
    ["another leaf", { leafHash: oracle.root(3, 4) }],
    ["a node taken for a leaf", { leafHash: oracle.root(2, 4), proof: honest.proof.slice(1) }],
    ["the root of another tree", { root: oracle.root(0, 6) }],
    ["a negative index", { index: -1 }],
    ["a fraction of an index", { index: 2.5 }],
    ["no number as a size", { size: Number.NaN }],
    ["a size over 2^53 − 1", { size: 2 ** 53 }],
    ["an endless proof", { proof: Array.from({ length: PROOF_LIMIT_HASHES + 1 }, () => oracle.root(0, 1)) }],
  ])("fail with %s", (_, defect) => {
    expect(verifyInclusion(sha256, { ...honest, ...defect })).toBe(false);
  });

  it("fail for every flipped bit of root, leaf and path", () => {
    for (const flipped of flips(honest.root)) expect(verifyInclusion(sha256, { ...honest, root: flipped })).toBe(false);
    for (const flipped of flips(honest.leafHash)) {
      expect(verifyInclusion(sha256, { ...honest, leafHash: flipped })).toBe(false);
    }
    for (const [i, hash] of honest.proof.entries()) {
      for (const flipped of flips(hash)) {
        expect(verifyInclusion(sha256, { ...honest, proof: honest.proof.with(i, flipped) })).toBe(false);
      }
    }
  });
});

describe("consistency proofs", () => {
  it("are those of the definition, and verify, between all pairs of small trees and at the tile borders", async () => {
    const wrong: string[] = [];
    const store = await grow(entries, singly);
    const small = Array.from({ length: 34 }, (_, i) => i + 1);
    for (const newSize of [...small, 256, 257]) {
      const tree = readerOf(store, newSize);
      for (let oldSize = 1; oldSize < newSize; oldSize++) {
        const proof = await consistencyProof(tree, oldSize);
        const defined = same(proof, oracle.consistency(oldSize, 0, newSize, true));
        const claim = { oldSize, oldRoot: oracle.root(0, oldSize), newSize, newRoot: oracle.root(0, newSize), proof };
        if (!defined || !verifyConsistency(sha256, claim)) wrong.push(`${oldSize} in ${newSize}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("agree with the definition between random trees", async () => {
    const store = await grow(entries, singly);
    const sizes = fc.oneof(fc.constantFrom(...BORDERS), fc.integer({ min: 2, max: MOST }));
    const pairs = sizes.chain((size) => fc.tuple(fc.constant(size), fc.integer({ min: 1, max: size - 1 })));
    await fc.assert(
      fc.asyncProperty(pairs, async ([newSize, oldSize]) => {
        const proof = await consistencyProof(readerOf(store, newSize), oldSize);
        expect(same(proof, oracle.consistency(oldSize, 0, newSize, true))).toBe(true);
        const claim = { oldSize, oldRoot: oracle.root(0, oldSize), newSize, newRoot: oracle.root(0, newSize), proof };
        expect(verifyConsistency(sha256, claim)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it("are empty from the empty tree and between equal trees, and only there", async () => {
    const tree = readerOf(await grow(entries, [7]), 7);
    expect(await consistencyProof(tree, 0)).toEqual([]);
    expect(await consistencyProof(tree, 7)).toEqual([]);
    const empty = oracle.root(0, 0);
    const root = oracle.root(0, 7);
    const fromEmpty = { oldSize: 0, oldRoot: empty, newSize: 7, newRoot: root, proof: [] };
    expect(verifyConsistency(sha256, fromEmpty)).toBe(true);
    expect(verifyConsistency(sha256, { ...fromEmpty, oldRoot: root })).toBe(false);
    expect(verifyConsistency(sha256, { ...fromEmpty, proof: [root] })).toBe(false);
    const same = { oldSize: 7, oldRoot: root, newSize: 7, newRoot: root, proof: [] };
    expect(verifyConsistency(sha256, same)).toBe(true);
    expect(verifyConsistency(sha256, { ...same, proof: [root] })).toBe(false);
    expect(verifyConsistency(sha256, { ...same, oldRoot: empty })).toBe(false);
  });

  it("are not made for an old size outside the tree", async () => {
    const tree = readerOf(await grow(entries, [5]), 5);
    for (const size of [-1, 6, 1.5]) await expect(consistencyProof(tree, size)).rejects.toThrow(RangeError);
  });

  const honest: ConsistencyClaim = {
    oldSize: 6,
    oldRoot: oracle.root(0, 6),
    newSize: 11,
    newRoot: oracle.root(0, 11),
    proof: oracle.consistency(6, 0, 11, true),
  };

  it.each<[string, Partial<ConsistencyClaim>]>([
    ["another old size", { oldSize: 5 }],
    ["a smaller new size", { newSize: 5 }],
    ["sizes the wrong way round", { oldSize: 11, newSize: 6 }],
    ["roots the wrong way round", { oldRoot: honest.newRoot, newRoot: honest.oldRoot }],
    ["a forked old tree", { oldRoot: new MerkleOracle(entries.slice(0, 6).toReversed()).root(0, 6) }],
    ["a rewritten new tree", { newRoot: new MerkleOracle(entries.slice(0, 11).toReversed()).root(0, 11) }],
    ["a hash missing", { proof: honest.proof.slice(0, -1) }],
    ["a hash too many", { proof: [...honest.proof, oracle.root(0, 1)] }],
    ["no hash", { proof: [] }],
    ["no hash after a power of two", { oldSize: 8, oldRoot: oracle.root(0, 8), proof: [] }],
    ["a hash of 33 bytes", { proof: [new Uint8Array(33), ...honest.proof.slice(1)] }],
    ["a negative size", { oldSize: -6 }],
    ["a fraction of a size", { newSize: 11.5 }],
    ["an endless proof", { proof: Array.from({ length: PROOF_LIMIT_HASHES + 1 }, () => oracle.root(0, 1)) }],
  ])("fail with %s", (_, defect) => {
    expect(verifyConsistency(sha256, honest)).toBe(true);
    expect(verifyConsistency(sha256, { ...honest, ...defect })).toBe(false);
  });

  it("fail for every flipped bit of roots and path", () => {
    for (const flipped of flips(honest.oldRoot)) {
      expect(verifyConsistency(sha256, { ...honest, oldRoot: flipped })).toBe(false);
    }
    for (const flipped of flips(honest.newRoot)) {
      expect(verifyConsistency(sha256, { ...honest, newRoot: flipped })).toBe(false);
    }
    for (const [i, hash] of honest.proof.entries()) {
      for (const flipped of flips(hash)) {
        expect(verifyConsistency(sha256, { ...honest, proof: honest.proof.with(i, flipped) })).toBe(false);
      }
    }
  });
});

/** Proofs by the thousand: the assertion library's comparison would take most of the time. */
function same(proof: readonly Bytes[], expected: readonly Bytes[]): boolean {
  return Buffer.concat([...proof]).equals(Buffer.concat([...expected])) && proof.length === expected.length;
}

/** Every copy of `bytes` with one bit flipped. */
function* flips(bytes: Bytes): Generator<Bytes> {
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const copy = bytes.slice();
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    yield copy;
  }
}
