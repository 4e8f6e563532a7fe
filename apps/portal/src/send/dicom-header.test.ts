import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sharedData } from "@safeconduct/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HEADER_BYTES, readSeriesFacts } from "./dicom-header.ts";

const folder = sharedData();
const sample = (name: string): Uint8Array => readFileSync(join(folder ?? "", "dicom", name));

describe.skipIf(folder === null)("series of real DICOM files (needs the shared data)", () => {
  it.each([
    ["CT_small.dcm", "CT", "1.3.6.1.4.1.5962.1.3.1.1.20040119072730.12322"],
    ["MR_small.dcm", "MR", "1.3.6.1.4.1.5962.1.3.4.1.20040826185059.5457"],
    ["MR_small_implicit.dcm", "MR", "1.3.6.1.4.1.5962.1.3.4.1.20040826185059.5457"],
    ["MR_small_RLE.dcm", "MR", "1.3.6.1.4.1.5962.1.3.4.1.20040826185059.5457"],
  ])("%s says its modality and series", (name, modality, series) => {
    expect(readSeriesFacts(sample(name).subarray(0, HEADER_BYTES[0]))).toMatchObject({ modality, series });
  });

  it.each(["MR_small_bigendian.dcm", "ExplVR_BigEnd.dcm", "no_meta.dcm"])("%s is a file like any other", (name) => {
    expect(readSeriesFacts(sample(name))).toBeNull();
  });

  it("every file, cut anywhere, says more is needed or what it says as a whole", () => {
    const told: unknown[] = [];
    for (const name of readdirSync(join(folder ?? "", "dicom")).filter((each) => each.endsWith(".dcm"))) {
      const bytes = sample(name).subarray(0, HEADER_BYTES[1]);
      const whole = JSON.stringify(readSeriesFacts(bytes));
      for (let end = 0; end < Math.min(bytes.length, 4096); end += 61) {
        const cut = readSeriesFacts(bytes.subarray(0, end));
        if (cut !== "more" && JSON.stringify(cut) !== whole) told.push([name, end, cut]);
      }
    }
    expect(told).toEqual([]);
  });

  it("damaged bytes give an answer and never an exception", () => {
    const bytes = sample("UN_sequence.dcm");
    const places = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(places, (changes) => {
        const damaged = Uint8Array.from(bytes);
        for (const [at, value] of changes) damaged[at] = value;
        expect(() => readSeriesFacts(damaged)).not.toThrow();
      }),
    );
  });
});

/** A file of elements in implicit little endian, behind its meta group. */
function implicitFile(...elements: readonly (readonly [tag: number, value: string | Uint8Array, length?: number])[]) {
  const bytes: number[] = [...new Uint8Array(128), ...latin("DICM")];
  const syntax = latin("1.2.840.10008.1.2\0");
  bytes.push(2, 0, 0x10, 0, ...latin("UI"), syntax.length, 0, ...syntax);
  for (const [tag, value, length] of elements) {
    const data = typeof value === "string" ? latin(value) : value;
    const size = length ?? data.length;
    bytes.push((tag >>> 16) & 255, (tag >>> 24) & 255, tag & 255, (tag >>> 8) & 255);
    bytes.push(size & 255, (size >>> 8) & 255, (size >>> 16) & 255, (size >>> 24) & 255, ...data);
  }
  return Uint8Array.from(bytes);
}
const latin = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const SERIES = [0x0020_000e, "1.2.3\0"] as const;

describe("a header that is made to mislead", () => {
  it("is read by the same rules as a real one", () => {
    expect(readSeriesFacts(implicitFile([0x0008_0060, "CT"], [0x0018_0015, "CHEST "], SERIES))).toEqual({
      series: "1.2.3",
      modality: "CT",
      bodyPart: "CHEST",
      description: "",
      patient: "",
    });
  });

  it("shows nothing but printable letters, and no more of them than a line", () => {
    const facts = readSeriesFacts(implicitFile([0x0008_103e, `\u{1b}[31m<b>${"x".repeat(4000)}`], SERIES));
    expect(facts).toMatchObject({ description: `[31m<b>${"x".repeat(57)}` });
  });

  it("whose series is no identifier has none", () => {
    expect(readSeriesFacts(implicitFile([0x0020_000e, "<script>"]))).toBeNull();
  });

  it("whose elements go back is not followed", () => {
    expect(readSeriesFacts(implicitFile([0x0010_0020, "1 "], [0x0008_0060, "CT"], SERIES))).toBeNull();
  });

  it("that promises more than there is asks for more, once", () => {
    expect(readSeriesFacts(implicitFile([0x0008_0001, "", 0x7fff_fff0], SERIES))).toBe("more");
  });

  it.each([
    [8, "the series is found", "1.2.3"],
    [9, "it is given up", undefined],
  ])("with %d sequences in one another: %s", (depth, _, expected) => {
    const open = [0x08, 0, 0x40, 0x11, 255, 255, 255, 255, 0xfe, 0xff, 0, 0xe0, 255, 255, 255, 255];
    const close = [0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0, 0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0];
    const times = (bytes: readonly number[], count: number) => Array.from({ length: count }, () => bytes).flat();
    const inner = [...times(open, depth - 1), ...times(close, depth)];
    const nested = Uint8Array.from([0xfe, 0xff, 0, 0xe0, 255, 255, 255, 255, ...inner]);
    const facts = readSeriesFacts(implicitFile([0x0008_1140, nested, 0xffff_ffff], SERIES));
    expect(facts === "more" ? "more" : facts?.series).toBe(expected);
  });
});
