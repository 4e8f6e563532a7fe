import { nodeCrypto } from "@safeconduct/crypto-node";
import { drawId } from "@safeconduct/foundation";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PackageLayout, segmentPlaintextOf } from "./layout.ts";
import { FILE_LIMIT, type PackageFile } from "./manifest.ts";
import {
  objectPlaintextBytes,
  objectShape,
  PACKAGE_LIMIT_BYTES,
  PART_LIMIT,
  padme,
  partSize,
  planPackage,
  SMALLEST_PART_BYTES,
} from "./package-plan.ts";

const { random } = nodeCrypto();
const MEBIBYTE = 2 ** 20;

function file(sizeBytes: number, path = "a.bin"): PackageFile {
  return { id: drawId("file", random), path, mediaType: "application/octet-stream", sizeBytes };
}

function filesOf(sizes: readonly number[]): PackageFile[] {
  return sizes.map((size, position) => file(size, `${position}.bin`));
}

/** What is wrong with the plan of these files; nothing should be. */
function flawsOf(files: readonly PackageFile[], layout: PackageLayout): string[] {
  const plan = planPackage(files, layout);
  const flaws: string[] = [];
  const check = (holds: boolean, flaw: string): void => {
    if (!holds) flaws.push(flaw);
  };
  check(JSON.stringify(planPackage(files, layout)) === JSON.stringify(plan), "planned twice, another plan");
  let at = 0;
  for (const object of plan.objects) {
    check(object.offset === at, "objects leave a gap or overlap");
    check(
      objectPlaintextBytes(object.lengthBytes, layout) === object.plaintextBytes,
      "an object's length does not tell its plaintext's",
    );
    at += object.lengthBytes;
  }
  check(at === plan.blobLengthBytes, "objects and blob differ in length");
  check(padme(plan.blobLengthBytes) === plan.blobLengthBytes, "the blob is not padded");
  const unpadded = plan.blobLengthBytes - (plan.objects.at(-2)?.plaintextBytes ?? 0);
  check(plan.blobLengthBytes <= padme(padme(unpadded) + 1), "padded more than one step beyond need");
  check(plan.manifestOffset + plan.manifestLengthBytes === plan.blobLengthBytes, "the manifest is not last");
  at = 0;
  for (const [position, part] of plan.parts.entries()) {
    const last = position === plan.parts.length - 1;
    check(part.number === position + 1, "parts are not numbered from 1");
    check(part.offset === at, "parts leave a gap or overlap");
    check(part.sizeBytes <= plan.partSizeBytes + segmentPlaintextOf(layout) + 32 + 74, "a part is too large");
    check(last || part.sizeBytes >= plan.partSizeBytes, "a part is too small");
    at += part.sizeBytes;
  }
  check(at === plan.blobLengthBytes, "parts and blob differ in length");
  check(plan.parts.length <= PART_LIMIT, "too many parts");
  const segments = plan.objects.reduce((sum, { segmentCount }) => sum + segmentCount, 0);
  const inParts = plan.parts.reduce((sum, { segmentCount }) => sum + segmentCount, 0);
  check(segments === inParts, "parts and objects differ in segments");
  return flaws;
}

describe.each([1, 2] as const)("a package plan of layout %i", (layout) => {
  const segment = segmentPlaintextOf(layout);

  it("is sound for any files", () => {
    const size = fc.oneof(
      fc.nat(5000),
      fc.nat(40 * MEBIBYTE),
      fc.integer({ min: -2, max: 2 }).map((d) => 7 * segment + d),
    );
    const sound = fc.property(
      fc.array(size, { minLength: 1, maxLength: 40 }),
      (sizes) => flawsOf(filesOf(sizes), layout).length === 0,
    );
    expect(() => fc.assert(sound)).not.toThrow();
  });

  it.each([0, 1, segment - 1, segment, segment + 1, 2 ** 32, 2 ** 37 + 1, PACKAGE_LIMIT_BYTES])(
    "is sound for one file of %i bytes",
    (size) => expect(flawsOf(filesOf([size]), layout)).toEqual([]),
  );

  it("shows nothing of how files are cut: one and many of the same sum lie close together", () => {
    const one = planPackage(filesOf([100_000]), layout).blobLengthBytes;
    const nine = planPackage(filesOf(Array.from({ length: 9 }, () => 11_000)), layout).blobLengthBytes;
    expect(Math.abs(one - nine) / one).toBeLessThan(0.05);
  });

  it("takes up to 1 TiB, in one file or several", () => {
    expect(planPackage(filesOf([PACKAGE_LIMIT_BYTES - 1]), layout).parts.length).toBeLessThanOrEqual(PART_LIMIT);
    for (const sizes of [[PACKAGE_LIMIT_BYTES + 1], [PACKAGE_LIMIT_BYTES, 1], [2 ** 53 - 1, 2 ** 53 - 1]]) {
      expect(() => planPackage(filesOf(sizes), layout)).toThrow(
        expect.objectContaining({ code: "envelope/package-too-large" }),
      );
    }
  });

  it("takes 1 to 10,000 files", () => {
    expect(() => planPackage([])).toThrow(expect.objectContaining({ code: "envelope/no-files" }));
    expect(flawsOf(filesOf(Array.from({ length: FILE_LIMIT - 1 }, () => 10)), layout)).toEqual([]);
    expect(flawsOf(filesOf(Array.from({ length: FILE_LIMIT }, () => 10)), layout)).toEqual([]);
    const tooMany = filesOf(Array.from({ length: FILE_LIMIT + 1 }, () => 10));
    expect(() => planPackage(tooMany, layout)).toThrow(expect.objectContaining({ code: "envelope/too-many-files" }));
  });

  it("says which path is the matter, never what it is", () => {
    expect(() => planPackage([file(1, "a"), file(1, "../b")])).toThrow(
      expect.objectContaining({ code: "envelope/invalid-path", details: { field: "/files/1/path" } }),
    );
    expect(() => planPackage([file(1, "a"), file(1, "b"), file(1, "A")])).toThrow(
      expect.objectContaining({ code: "envelope/duplicate-path", details: { field: "/files/2/path" } }),
    );
  });

  it("refuses what only a programmer can get wrong", () => {
    const one = file(1);
    for (const wrong of [{ sizeBytes: -1 }, { sizeBytes: 0.5 }, { sizeBytes: Number.NaN }, { mediaType: "nonsense" }]) {
      expect(() => planPackage([{ ...one, ...wrong }])).toThrow(RangeError);
    }
    expect(() => planPackage([one, { ...one, path: "b" }])).toThrow(RangeError);
  });
});

describe("Padmé", () => {
  it.each([
    [1, 1],
    [2, 2],
    [8, 8],
    [9, 10],
    [16, 16],
    [17, 18],
    [99, 104],
    [1000, 1024],
    [16_384, 16_384],
    [16_385, 17_408],
    [2 ** 40 - 1, 2 ** 40],
    [2 ** 40, 2 ** 40],
    [2 ** 40 + 1, 2 ** 40 + 2 ** 34],
  ])("takes %i to %i", (length, padded) => {
    expect(padme(length)).toBe(padded);
  });

  it("adds at most 12 %, never takes away, and leaves its own lengths alone", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 42 }), (length) => {
        const padded = padme(length);
        expect(padded).toBeGreaterThanOrEqual(length);
        expect(padded).toBeLessThanOrEqual(length * 1.12);
        expect(padme(padded)).toBe(padded);
      }),
    );
  });
});

describe.each([1, 2] as const)("the length of an object of layout %i", (layout) => {
  const segment = segmentPlaintextOf(layout);

  it("tells its plaintext length, and the 32 lengths past full segments are no object's", () => {
    const full = objectShape(segment, layout).lengthBytes;
    expect(objectPlaintextBytes(full, layout)).toBe(segment);
    for (let extra = 1; extra <= 32; extra++) expect(objectPlaintextBytes(full + extra, layout)).toBeNull();
    expect(objectPlaintextBytes(full + 33, layout)).toBe(segment + 1);
    for (const length of [0, 1, 73, 74, 105]) expect(objectPlaintextBytes(length, layout)).toBeNull();
    expect(objectPlaintextBytes(106, layout)).toBe(0);
  });
});

describe("the part size", () => {
  it("is 8 MiB until 10,000 parts would not do, then grows by whole MiB", () => {
    expect(partSize(1)).toBe(SMALLEST_PART_BYTES);
    expect(partSize(PART_LIMIT * SMALLEST_PART_BYTES)).toBe(SMALLEST_PART_BYTES);
    expect(partSize(PART_LIMIT * SMALLEST_PART_BYTES + 1)).toBe(SMALLEST_PART_BYTES + MEBIBYTE);
    expect(partSize(2 ** 40)).toBe(105 * MEBIBYTE);
  });
});
