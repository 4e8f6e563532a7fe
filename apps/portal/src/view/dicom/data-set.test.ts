import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sharedData } from "@safeconduct/testkit";
import { describe, expect, test } from "vitest";
import { isDicom, NotDicom, readDataSet } from "./data-set.ts";
import { dicomFile, element, plainPicture, SAMPLE_ELEMENTS, sequence } from "./dicom-samples.ts";
import { type DicomHeader, FRAME_LIMIT, readHeader, SIDE_LIMIT } from "./header.ts";
import { frameOf, rleDecoded, storedFrame } from "./pixels.ts";

const read = (content: Uint8Array<ArrayBuffer>): DicomHeader => readHeader(readDataSet(content));
/** What was thrown, or null. */
function thrownBy(act: () => unknown): unknown {
  try {
    act();
    return null;
  } catch (error) {
    return error;
  }
}
const isNoneOrRefusal = (thrown: unknown): boolean => thrown === null || thrown instanceof NotDicom;
const folder = sharedData();
const sample = (name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(join(folder ?? "", "dicom", name)));

describe("a DICOM file", () => {
  test("is read with its window, place and series", () => {
    expect(read(plainPicture())).toMatchObject({
      rows: 2,
      columns: 3,
      frames: 1,
      modality: "CT",
      seriesDescription: "Chest",
      date: "2026-11-18",
      window: { centre: 40, width: 400 },
      position: 12.5,
    });
  });

  test("passes over sequences of any length, also those that hold pixels of their own", () => {
    const inner = element("7FE00010", "OW", new Uint8Array(6));
    for (const isUndefined of [true, false])
      expect(read(plainPicture({ before: sequence("00081140", [inner, inner], isUndefined) })).columns).toBe(3);
  });

  test.each<[string, Uint8Array<ArrayBuffer>]>([
    ["nothing", new Uint8Array(0)],
    ["words", new Uint8Array(Buffer.from("no picture at all, only words".repeat(20)))],
    ["a preamble alone", dicomFile([])],
    ["no pixels", dicomFile(SAMPLE_ELEMENTS())],
    ["a length beyond the end", plainPicture({ before: element("00081030", "LO", new Uint8Array(2), 60_000) })],
    [
      "a long length beyond the end",
      plainPicture({ before: element("00091030", "UN", new Uint8Array(2), 0x7fffffff) }),
    ],
    ["a sequence that never ends", plainPicture({ before: element("00081140", "SQ", new Uint8Array(0), 0xffffffff) })],
    ["sequences within sequences without end", plainPicture({ before: nested(5000) })],
    ["no rows", plainPicture({ rows: 0 })],
    ["a row too many", plainPicture({ rows: SIDE_LIMIT + 1 })],
    ["gigabytes of pixels", plainPicture({ rows: SIDE_LIMIT, columns: SIDE_LIMIT })],
    ["a frame too many", plainPicture({ frames: FRAME_LIMIT + 1 })],
    ["seven bits", plainPicture({ bitsAllocated: 7 })],
    ["two samples", plainPicture({ samples: 2 })],
    ["deflated data", dicomFile(SAMPLE_ELEMENTS(), "1.2.840.10008.1.2.1.99")],
  ])("with %s is refused", (_, content) => {
    expect(() => read(content)).toThrow(NotDicom);
  });

  test("that lies in any single byte is read or refused, and nothing else happens", () => {
    const genuine = plainPicture({
      before: sequence("00081140", [element("00081150", "UI", new Uint8Array(4))], true),
    });
    for (let at = 128; at < genuine.length; at++) {
      for (const value of [0, 0x7f, 0xff]) {
        const spoiled = genuine.slice();
        spoiled[at] = value;
        const thrown = thrownBy(() => {
          const data = readDataSet(spoiled);
          storedFrame(spoiled, data, readHeader(data), 0);
        });
        expect(thrown).toSatisfy(isNoneOrRefusal);
      }
    }
  });

  test("that is cut anywhere is read or refused", () => {
    const genuine = plainPicture();
    for (let length = 0; length < genuine.length; length++) {
      expect(thrownBy(() => readHeader(readDataSet(genuine.slice(0, length))))).toSatisfy(isNoneOrRefusal);
    }
  });
});

function nested(levels: number): Uint8Array<ArrayBuffer> {
  const open = Buffer.concat([
    Buffer.from(element("00081140", "SQ", new Uint8Array(0), 0xffffffff)),
    Buffer.from("feff00e0ffffffff", "hex"),
  ]);
  return new Uint8Array(Buffer.concat(Array.from({ length: levels }, () => open)));
}

describe("pixels", () => {
  const frame = (content: Uint8Array<ArrayBuffer>, number = 0) => {
    const data = readDataSet(content);
    const header = readHeader(data);
    const layout = { isLittleEndian: data.isLittleEndian, isPlanar: header.isPlanar, isRgb: false };
    return frameOf(storedFrame(content, data, header, number), data, header, layout);
  };

  test("are numbers with their sign, without the bits above those stored", () => {
    expect(
      frame(plainPicture({ pixels: [0xf001, 0x0fff, 0x0800, 0, 1, 2], bitsStored: 12, isSigned: true })),
    ).toMatchObject({
      values: Int16Array.from([1, -1, -2048, 0, 1, 2]),
      least: -2048,
      most: 2,
    });
    expect(frame(plainPicture({ pixels: [0xffff, 1, 2, 3, 4, 5] }))).toMatchObject({ most: 65_535 });
  });

  test("that a short file lacks are zero; a frame beyond its end is refused", () => {
    expect(frame(plainPicture({ pixels: [7, 7, 7] }))).toMatchObject({ values: Uint16Array.from([7, 7, 7, 0, 0, 0]) });
    expect(() => frame(plainPicture({ frames: 3 }), 2)).toThrow(NotDicom);
  });

  test("in runs are unpacked, and runs that lie fill no more than the picture", () => {
    const header = { rows: 2, columns: 3, samples: 1, bitsAllocated: 8 } as DicomHeader;
    const packed = (...runs: number[]): Uint8Array<ArrayBuffer> => {
      const bytes = new Uint8Array(64 + runs.length);
      new DataView(bytes.buffer).setUint32(0, 1, true);
      new DataView(bytes.buffer).setUint32(4, 64, true);
      bytes.set(runs, 64);
      return bytes;
    };
    expect([...rleDecoded(packed(1, 5, 6, 254, 9, 128, 0, 4), header)]).toEqual([5, 6, 9, 9, 9, 4]);
    expect([...rleDecoded(packed(129, 1, 129, 1, 127), header)]).toEqual([1, 1, 1, 1, 1, 1]);
    expect([...rleDecoded(packed(127, 3), header)]).toEqual([3, 0, 0, 0, 0, 0]);
    expect(() => rleDecoded(packed(), { ...header, samples: 3 })).toThrow(NotDicom);
  });
});

describe.skipIf(folder === null)("published DICOM files (skipped without the shared test data)", () => {
  const names = folder === null ? [] : readdirSync(join(folder, "dicom")).filter((name) => name.endsWith(".dcm"));
  const WITHOUT_PICTURE =
    /^(?:chr(?:Jap|Kor|SQ)|priv_SQ|reportsi|rtplan|rtstruct|test-SR|UN_sequence|waveform|image_dfl|no_meta)/u;

  test.each(names.filter((name) => WITHOUT_PICTURE.test(name)))("%s, without a picture, is refused", (name) => {
    expect(thrownBy(() => readHeader(readDataSet(sample(name))))).toBeInstanceOf(NotDicom);
  });

  test.each(names.filter((name) => !WITHOUT_PICTURE.test(name)))("%s is read", (name) => {
    const content = sample(name);
    const data = readDataSet(content);
    const header = readHeader(data);
    expect(header.rows * header.columns).toBeGreaterThan(0);
    expect(storedFrame(content, data, header, header.frames - 1).length).toBeGreaterThan(0);
  });

  test("one picture in four codings is one picture", () => {
    const values = ["MR_small.dcm", "MR_small_implicit.dcm", "MR_small_bigendian.dcm", "MR_small_RLE.dcm"].map(
      (name) => {
        const content = sample(name);
        const data = readDataSet(content);
        const header = readHeader(data);
        const stored = storedFrame(content, data, header, 0);
        const isPacked = name.includes("RLE");
        const plain = isPacked ? rleDecoded(stored, header) : stored;
        const layout = { isLittleEndian: isPacked || data.isLittleEndian, isPlanar: false, isRgb: false };
        return frameOf(plain, data, header, layout);
      },
    );
    expect(values[0]).toMatchObject({ kind: "grey" });
    for (const other of values) expect(other).toEqual(values[0]);
  });

  test("a file that ends early is shown as far as it goes, and that is known", () => {
    expect(isDicom(sample("MR_truncated.dcm"))).toBe(true);
    expect(readDataSet(sample("MR_truncated.dcm")).pixelData?.isTruncated).toBe(true);
  });
});
