/** DICOM files made by hand for tests: explicit, little endian, as small as they can be. */

type Bytes = Uint8Array<ArrayBuffer>;
const LONG = new Set(["OB", "OW", "SQ", "UN"]);
const bytes = (hex: string): Buffer => Buffer.from(hex, "hex");

/** `length` tells another length than the value has. */
export function element(tag: string, vr: string, value: Uint8Array | string, length?: number): Bytes {
  const content = typeof value === "string" ? Buffer.from(value.length % 2 === 0 ? value : `${value} `) : value;
  const head = Buffer.alloc(LONG.has(vr) ? 12 : 8);
  head.writeUInt16LE(Number.parseInt(tag.slice(0, 4), 16), 0);
  head.writeUInt16LE(Number.parseInt(tag.slice(4), 16), 2);
  head.write(vr, 4, "latin1");
  if (LONG.has(vr)) head.writeUInt32LE(length ?? content.length, 8);
  else head.writeUInt16LE(length ?? content.length, 6);
  return new Uint8Array(Buffer.concat([head, content]));
}

export function sequence(tag: string, items: readonly Uint8Array[], isUndefined: boolean): Bytes {
  const written = items.map((item) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(isUndefined ? 0xffffffff : item.length);
    return Buffer.concat([bytes("feff00e0"), length, item, isUndefined ? bytes("feff0de000000000") : Buffer.alloc(0)]);
  });
  const body = Buffer.concat(written);
  return isUndefined
    ? element(tag, "SQ", Buffer.concat([body, bytes("feffdde000000000")]), 0xffffffff)
    : element(tag, "SQ", body);
}

export function dicomFile(elements: readonly Uint8Array[], transferSyntax = "1.2.840.10008.1.2.1"): Bytes {
  const syntax = transferSyntax.length % 2 === 0 ? transferSyntax : `${transferSyntax}\0`;
  return new Uint8Array(
    Buffer.concat([Buffer.alloc(128), Buffer.from("DICM"), element("00020010", "UI", syntax), ...elements]),
  );
}

const us = (tag: string, value: number): Bytes => {
  const word = Buffer.alloc(2);
  word.writeUInt16LE(value & 0xffff);
  return element(tag, "US", word);
};

export interface SamplePicture {
  readonly rows?: number;
  readonly columns?: number;
  readonly frames?: number;
  readonly samples?: number;
  readonly bitsAllocated?: number;
  readonly bitsStored?: number;
  readonly isSigned?: boolean;
  readonly pixels?: readonly number[];
  readonly seriesUid?: string;
  readonly instance?: number;
  readonly position?: number;
  readonly description?: string;
  /** Stands at the beginning of the data set. */
  readonly before?: Uint8Array;
}

/** Everything but the pixels. */
export const SAMPLE_ELEMENTS = ({
  rows = 2,
  columns = 3,
  frames = 1,
  samples = 1,
  bitsAllocated = 16,
  bitsStored = bitsAllocated,
  isSigned = false,
  seriesUid = "1.2.3",
  instance = 1,
  position = 12.5,
  description = "Chest",
}: SamplePicture = {}): Bytes[] => [
  element("00080021", "DA", "20261118"),
  element("00080060", "CS", "CT"),
  element("0008103E", "LO", description),
  element("0020000E", "UI", seriesUid),
  element("00200013", "IS", String(instance)),
  element("00200032", "DS", `0\\0\\${position}`),
  element("00200037", "DS", "1\\0\\0\\0\\1\\0"),
  us("00280002", samples),
  element("00280004", "CS", "MONOCHROME2"),
  element("00280008", "IS", String(frames)),
  us("00280010", rows),
  us("00280011", columns),
  us("00280100", bitsAllocated),
  us("00280101", bitsStored),
  us("00280103", isSigned ? 1 : 0),
  element("00281050", "DS", "40\\300"),
  element("00281051", "DS", "400\\1500"),
];

/** Sixteen bits a pixel. */
export function plainPicture(picture: SamplePicture = {}): Bytes {
  const { pixels = [0, 1, 2, 3, 4, 5], before = new Uint8Array(0) } = picture;
  const words = Buffer.alloc(2 * pixels.length);
  pixels.forEach((value, i) => words.writeUInt16LE(value, 2 * i));
  const wanted = 2 * (picture.rows ?? 2) * (picture.columns ?? 3) * (picture.frames ?? 1);
  const length = Math.min(Math.max(wanted, words.length), 0x7ffffffe);
  return dicomFile([before, ...SAMPLE_ELEMENTS(picture), element("7FE00010", "OW", words, length)]);
}
