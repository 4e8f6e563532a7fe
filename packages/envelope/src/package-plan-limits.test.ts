/**
 * The arithmetic of a plan up to 1 TiB, on paper: where every part begins, which one holds which byte, and that no number on the
 * way leaves what a double holds exactly or what an object store takes. Nothing is encrypted here.
 */
import { nodeCrypto } from "@safeconduct/crypto-node";
import { drawId } from "@safeconduct/foundation";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FLOE_HEADER_BYTES, SEGMENT_OVERHEAD_BYTES } from "./floe.ts";
import { type PackageLayout, segmentPlaintextOf } from "./layout.ts";
import { FILE_LIMIT, type PackageFile } from "./manifest.ts";
import {
  PACKAGE_LIMIT_BYTES,
  type PackagePart,
  type PackagePlan,
  PART_LIMIT,
  padme,
  partSize,
  planPackage,
  SMALLEST_PART_BYTES,
} from "./package-plan.ts";

const { random } = nodeCrypto();
const MEBIBYTE = 2 ** 20;
const TEBIBYTE = 2 ** 40;
/** Of one object in S3: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const S3 = { smallestPartBytes: 5 * MEBIBYTE, largestPartBytes: 5 * 2 ** 30, objectBytes: 5 * TEBIBYTE };
/** What the API takes (`LIMITS` of contract, which stands on the same floor). */
const API = { partBytes: 512 * MEBIBYTE, blobBytes: TEBIBYTE + 2 ** 35 };

function filesOf(sizes: readonly number[], pathBytes = 1): PackageFile[] {
  return sizes.map((sizeBytes, position) => ({
    id: drawId("file", random),
    path: `${position}`.padStart(pathBytes, "0").replaceAll(/.{200}(?=.)/g, "$&/"),
    mediaType: "application/octet-stream",
    sizeBytes,
  }));
}

/** Where a segment lies in the blob, without walking there; an object's header belongs to its first. */
function spanOf(plan: PackagePlan, { object, segment }: { object: number; segment: number }) {
  const { offset, lengthBytes, segmentCount } = plan.objects[object] ?? { offset: 0, lengthBytes: 0, segmentCount: 0 };
  const encrypted = segmentPlaintextOf(plan.layout) + SEGMENT_OVERHEAD_BYTES;
  const start = (at: number) => offset + (at === 0 ? 0 : FLOE_HEADER_BYTES + at * encrypted);
  return { from: start(segment), to: segment === segmentCount - 1 ? offset + lengthBytes : start(segment + 1) };
}

/** The part that holds a byte of the blob. */
function partAt(plan: PackagePlan, offset: number): PackagePart | undefined {
  let [low, high] = [0, plan.parts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((plan.parts[middle]?.offset ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return plan.parts[low];
}

/** Segments that come before this one in the blob. */
const ordinalOf = (before: readonly number[], { object, segment }: { object: number; segment: number }) =>
  (before[object] ?? 0) + segment;

/** What is wrong with parts and places; nothing should be. */
function flawsOf(plan: PackagePlan, bytesToFind: readonly number[]): string[] {
  const flaws = new Set<string>();
  const check = (holds: boolean, flaw: string): void => {
    if (!holds) flaws.add(flaw);
  };
  const before: number[] = [];
  let segments = 0;
  for (const { segmentCount } of plan.objects) {
    before.push(segments);
    segments += segmentCount;
  }
  let [offset, ordinal] = [0, 0];
  for (const [position, part] of plan.parts.entries()) {
    const isLast = position === plan.parts.length - 1;
    check(part.number === position + 1, "parts are not numbered from 1 without a gap");
    check(part.offset === offset, "a part does not begin where the sum of those before it ends");
    check(part.offset === spanOf(plan, part.first).from, "a part does not begin with a segment");
    check(ordinalOf(before, part.first) === ordinal, "a segment is in no part or in two");
    check(part.segmentCount > 0, "a part is empty");
    check(isLast || part.sizeBytes >= plan.partSizeBytes, "a part is too small");
    check(isLast || part.sizeBytes >= S3.smallestPartBytes, "a part is smaller than S3 takes");
    check(part.sizeBytes <= Math.min(S3.largestPartBytes, API.partBytes), "a part is larger than somebody takes");
    for (const number of [part.offset, part.sizeBytes, part.offset + part.sizeBytes])
      check(Number.isSafeInteger(number), "a number is not exact");
    offset += part.sizeBytes;
    ordinal += part.segmentCount;
  }
  check(offset === plan.blobLengthBytes, "the parts are not the blob");
  check(ordinal === segments, "the parts do not have all segments");
  check(plan.parts.length <= PART_LIMIT, "too many parts");
  check(plan.blobLengthBytes <= Math.min(S3.objectBytes, API.blobBytes), "the blob is larger than somebody takes");
  check(padme(plan.blobLengthBytes) === plan.blobLengthBytes, "the blob is not padded");
  for (const byte of bytesToFind) checkByte(plan, before, byte, check);
  return [...flaws];
}

/** From a byte of the files' plaintext to its segment, to its part, and back. */
function checkByte(
  plan: PackagePlan,
  before: readonly number[],
  byte: number,
  check: (holds: boolean, flaw: string) => void,
): void {
  let [object, inFile] = [0, byte];
  for (; inFile >= (plan.objects[object]?.plaintextBytes ?? 0); object++)
    inFile -= plan.objects[object]?.plaintextBytes ?? 0;
  const place = { object, segment: Math.floor(inFile / segmentPlaintextOf(plan.layout)) };
  const { from, to } = spanOf(plan, place);
  const part = partAt(plan, from);
  if (part === undefined) return check(false, "a byte is in no part");
  check(part === partAt(plan, to - 1), "a segment is cut by the end of a part");
  check(part.offset <= from && to <= part.offset + part.sizeBytes, "a byte is not in its part");
  const inPart = ordinalOf(before, place) - ordinalOf(before, part.first);
  check(inPart >= 0 && inPart < part.segmentCount, "a part does not hold the segment that its first and its count say");
  const inSegment = inFile - place.segment * segmentPlaintextOf(plan.layout);
  const overhead = place.segment === 0 ? FLOE_HEADER_BYTES : 0;
  check(from + overhead + inSegment < to, "a segment is too short for its byte");
}

/** The first and last byte, those around every power of two, and some by chance. */
function bytesOf(total: number): number[] {
  const bytes = [0, total - 1];
  for (let power = 1; power < total; power *= 2) bytes.push(power - 1, power);
  for (let count = 0; count < 100; count++) bytes.push(Math.floor((total * count) / 100) + (count % 7));
  return bytes.filter((byte) => byte >= 0 && byte < total);
}
const sumOf = (sizes: readonly number[]) => sizes.reduce((sum, size) => sum + size, 0);
const flawsOfSizes = (sizes: readonly number[], layout: PackageLayout) =>
  flawsOf(planPackage(filesOf(sizes), layout), bytesOf(sumOf(sizes)));

describe.each([1, 2] as const)("parts of a package of layout %i", (layout) => {
  const segment = segmentPlaintextOf(layout);

  it.each([
    ["nothing", [0]],
    ["a byte", [1]],
    ["files of nothing between others", [0, 5, 0, 0, 2 ** 33, 0]],
    ["one file at the limit", [PACKAGE_LIMIT_BYTES]],
    ["one file a byte under the limit", [PACKAGE_LIMIT_BYTES - 1]],
    ["two files at the limit", [1, PACKAGE_LIMIT_BYTES - 1]],
    [
      "10,000 files at the limit",
      [...Array<number>(FILE_LIMIT - 1).fill(109_951_162), PACKAGE_LIMIT_BYTES - 9999 * 109_951_162],
    ],
    ["files one segment long", Array<number>(200).fill(segment)],
    ["files one byte longer than segments", Array<number>(200).fill(3 * segment + 1)],
  ])("of %s lie one after the other, each a run of whole segments, and every byte is found", (_name, sizes) => {
    expect(flawsOfSizes(sizes, layout)).toEqual([]);
  });

  it("of any sizes up to 1 TiB do", () => {
    const size = fc.oneof(
      fc.nat(2 ** 20),
      // As likely between 1 and 2 MiB as between 64 and 128 GiB.
      fc
        .tuple(fc.integer({ min: 10, max: 36 }), fc.nat(2 ** 30))
        .map(([power, more]) => 2 ** power + (more % 2 ** power)),
      fc
        .tuple(fc.nat(60_000), fc.integer({ min: -1, max: 1 }))
        .map(([count, more]) => Math.max(0, count * segment + more)),
    );
    fc.assert(
      fc.property(fc.array(size, { minLength: 1, maxLength: 8 }), (sizes) => {
        expect(flawsOfSizes(sizes, layout)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it("grow with the blob before there would be more than 10,000", () => {
    const at = (blobLengthBytes: number) => planPackage(filesOf([blobLengthBytes]), layout);
    const small = at(SMALLEST_PART_BYTES * PART_LIMIT * 0.9);
    expect(small.partSizeBytes).toBe(SMALLEST_PART_BYTES);
    const large = at(SMALLEST_PART_BYTES * PART_LIMIT);
    expect(large.partSizeBytes).toBeGreaterThan(SMALLEST_PART_BYTES);
    expect(at(PACKAGE_LIMIT_BYTES).partSizeBytes).toBe(107 * MEBIBYTE);
    for (const { parts } of [small, large, at(PACKAGE_LIMIT_BYTES)]) {
      expect(parts.length).toBeGreaterThan(PART_LIMIT * 0.8);
      expect(parts.length).toBeLessThanOrEqual(PART_LIMIT);
    }
  });
});

describe("the largest package", () => {
  /** Of each path: enough for the largest manifest. */
  const longNames = 850;

  it("with names that fill the manifest is still no longer than the API takes", () => {
    const sizes = Array<number>(FILE_LIMIT).fill(Math.floor(PACKAGE_LIMIT_BYTES / FILE_LIMIT));
    const plan = planPackage(filesOf(sizes, longNames));
    expect(plan.objects.at(-1)?.plaintextBytes).toBe(16 * MEBIBYTE);
    expect(plan.blobLengthBytes).toBeGreaterThan(TEBIBYTE);
    expect(flawsOf(plan, [])).toEqual([]);
  });

  it("and one byte more is refused before anything is planned", () => {
    for (const sizes of [[PACKAGE_LIMIT_BYTES + 1], [1, PACKAGE_LIMIT_BYTES]])
      expect(() => planPackage(filesOf(sizes))).toThrow(
        expect.objectContaining({ code: "envelope/package-too-large" }),
      );
  });
});

describe("padded length and part size", () => {
  const length = fc
    .tuple(fc.integer({ min: 0, max: 42 }), fc.nat(2 ** 30))
    .map(([power, more]) => 2 ** power + (more % 2 ** power));

  it("never shrink while a length grows, and stay exact", () => {
    fc.assert(
      fc.property(length, length, (one, other) => {
        const [less, more] = [Math.min(one, other), Math.max(one, other)];
        expect(padme(less)).toBeLessThanOrEqual(padme(more));
        expect(partSize(less)).toBeLessThanOrEqual(partSize(more));
        expect(Number.isSafeInteger(padme(more))).toBe(true);
      }),
    );
  });

  it("are enough for 10,000 parts, and by no MiB more than that takes", () => {
    fc.assert(
      fc.property(length, (blob) => {
        const size = partSize(blob);
        expect(Math.ceil(blob / size)).toBeLessThanOrEqual(PART_LIMIT);
        const smallerDoes = size > SMALLEST_PART_BYTES && Math.ceil(blob / (size - MEBIBYTE)) <= PART_LIMIT;
        expect(smallerDoes).toBe(false);
      }),
    );
  });
});
