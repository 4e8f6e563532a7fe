/** The product's two ways to the digest of a part beside the test kit's third one. */
import { createHash } from "node:crypto";
import { nodeCrypto } from "@safeconduct/crypto-node";
import type { Bytes } from "@safeconduct/foundation";
import { digestOfPart } from "@safeconduct/testkit";
import { describe, expect, it } from "vitest";
import { PartHash, partDigest, pieceEnds } from "./part-digest.ts";

const { sha256 } = nodeCrypto();
const PIECE = 2 ** 19;
const SIZES = [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 74, 5 * PIECE - 1];
const contentOf = (sizeBytes: number): Bytes =>
  Uint8Array.from({ length: sizeBytes }, (_, at) => (at * 31 + (at >> 11)) & 0xff);
const start = () => createHash("sha256");

function received(part: Bytes, stepBytes: number): Bytes {
  const hash = new PartHash(start, part.length);
  for (let at = 0; at < part.length; at += stepBytes) hash.update(part.subarray(at, at + stepBytes));
  return hash.digest();
}

describe("the digest of a part", () => {
  it.each(SIZES)("of %i bytes is the same for who makes it and for who receives it", (sizeBytes) => {
    const part = contentOf(sizeBytes);
    const ends = pieceEnds(sizeBytes);
    const hashes = ends.map((end, at) => sha256(part.subarray(ends[at - 1] ?? 0, end)));
    expect(partDigest(sha256, hashes)).toEqual(digestOfPart(part));
    for (const step of [65_536, PIECE, PIECE + 13, 7 * PIECE]) expect(received(part, step)).toEqual(digestOfPart(part));
  });

  it("has its short piece first, where the header of an object stands", () => {
    expect(pieceEnds(2 * PIECE + 74)).toEqual([74, PIECE + 74, 2 * PIECE + 74]);
    expect(pieceEnds(2 * PIECE)).toEqual([PIECE, 2 * PIECE]);
    expect(pieceEnds(0)).toEqual([]);
  });

  it("is not that of another length, order or bit, nor of the hashes themselves", () => {
    const part = contentOf(2 * PIECE + 74);
    const turned = Uint8Array.from([...part.subarray(PIECE), ...part.subarray(0, PIECE)]);
    const flipped = part.map((byte, at) => (at === PIECE ? byte ^ 1 : byte));
    const hashes = Buffer.concat([sha256(part.subarray(0, 74)), sha256(part.subarray(74, PIECE + 74))]);
    const all = [part, turned, flipped, part.subarray(1), part.subarray(0, -1), hashes];
    expect(new Set(all.map((each) => Buffer.from(digestOfPart(new Uint8Array(each))).toString("hex"))).size).toBe(
      all.length,
    );
  });

  it("is not made of more or fewer bytes than were announced", () => {
    const hash = new PartHash(start, 10);
    hash.update(contentOf(9));
    expect(() => hash.digest()).toThrow(RangeError);
    expect(() => hash.update(contentOf(2))).toThrow(RangeError);
    expect(() => new PartHash(start, 0).update(contentOf(1))).toThrow(RangeError);
  });
});
