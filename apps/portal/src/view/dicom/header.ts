/** What a DICOM picture says of itself: PS3.3, Image Pixel (C.7.6.3), VOI LUT (C.11.2), Image Plane (C.7.6.2), General Series (C.7.3.1). */
import { seenText } from "../text.ts";
import { type DataSet, NotDicom } from "./data-set.ts";

export interface Window {
  readonly centre: number;
  readonly width: number;
}

export interface DicomHeader {
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
  readonly samples: number;
  readonly photometric: string;
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly isSigned: boolean;
  readonly isPlanar: boolean;
  readonly slope: number;
  readonly intercept: number;
  /** The first that the file proposes; null where it proposes none. */
  readonly window: Window | null;
  /** Height of one pixel by its width. */
  readonly pixelRatio: number;
  readonly seriesUid: string;
  readonly seriesNumber: number;
  readonly seriesDescription: string;
  readonly modality: string;
  /** ISO 8601; empty where the file has none. */
  readonly date: string;
  readonly instanceNumber: number;
  /** Millimetres along the normal of the picture; null where the file does not say. */
  readonly position: number | null;
  readonly transferSyntax: string;
}

/** Of one side, and of all in one frame. */
export const SIDE_LIMIT = 16_384;
export const FRAME_PIXEL_LIMIT = 64 * 1024 * 1024;
export const FRAME_LIMIT = 10_000;
/** Characters of one description. */
const TEXT_LIMIT = 200;

/** Throws NotDicom for what has no picture, or one beyond the limits. */
export function readHeader(data: DataSet): DicomHeader {
  const fields = new Fields(data);
  const rows = fields.unsigned("00280010");
  const columns = fields.unsigned("00280011");
  const frames = Math.max(1, fields.number("00280008") ?? 1);
  const samples = fields.unsigned("00280002") || 1;
  const bitsAllocated = fields.unsigned("00280100");
  const bitsStored = fields.unsigned("00280101") || bitsAllocated;
  const isWithin =
    data.pixelData !== null &&
    rows >= 1 &&
    columns >= 1 &&
    rows <= SIDE_LIMIT &&
    columns <= SIDE_LIMIT &&
    rows * columns <= FRAME_PIXEL_LIMIT &&
    Number.isSafeInteger(frames) &&
    frames <= FRAME_LIMIT &&
    (samples === 1 || samples === 3) &&
    [1, 8, 16, 32].includes(bitsAllocated) &&
    bitsStored <= bitsAllocated;
  if (!isWithin) throw new NotDicom("no picture within the limits");
  const [vertical = 1, horizontal = 1] = fields.numbers("00280030") ?? fields.numbers("00280034") ?? [];
  const ratio = vertical / horizontal;
  const slope = fields.number("00281053") ?? 1;
  return {
    rows,
    columns,
    frames,
    samples,
    photometric: fields.text("00280004") || "MONOCHROME2",
    bitsAllocated,
    bitsStored,
    isSigned: fields.unsigned("00280103") === 1,
    isPlanar: fields.unsigned("00280006") === 1,
    slope: slope === 0 ? 1 : slope,
    intercept: fields.number("00281052") ?? 0,
    window: windowOf(fields),
    pixelRatio: ratio > 0.1 && ratio < 10 ? ratio : 1,
    seriesUid: fields.text("0020000E"),
    seriesNumber: fields.number("00200011") ?? 0,
    seriesDescription: fields.text("0008103E"),
    modality: fields.text("00080060"),
    date: dateOf(fields.text("00080021") || fields.text("00080020")),
    instanceNumber: fields.number("00200013") ?? 0,
    position: positionOf(fields),
    transferSyntax: data.transferSyntax,
  };
}

function windowOf(fields: Fields): Window | null {
  const [centre] = fields.numbers("00281050") ?? [];
  const [width] = fields.numbers("00281051") ?? [];
  return centre === undefined || width === undefined || width < 1 ? null : { centre, width };
}

/** PS3.5 DA, in the new form and the old one with dots. */
function dateOf(text: string): string {
  const [, year, month, day] = /^(\d{4})\.?(\d\d)\.?(\d\d)$/u.exec(text) ?? [];
  return year === undefined ? "" : `${year}-${month}-${day}`;
}

/** Image Position (Patient) along the normal of Image Orientation (Patient). */
function positionOf(fields: Fields): number | null {
  const at = fields.numbers("00200032");
  const [xr = 0, yr = 0, zr = 0, xc = 0, yc = 0, zc = 0] = fields.numbers("00200037") ?? [];
  if (at?.length !== 3) return null;
  const [x = 0, y = 0, z = 0] = at;
  const normal = [yr * zc - zr * yc, zr * xc - xr * zc, xr * yc - yr * xc] as const;
  if (Math.hypot(...normal) < 0.5) return null;
  return x * normal[0] + y * normal[1] + z * normal[2];
}

/** Character sets (PS3.3, C.12.1.1.2) by the names of the Encoding Standard. Those that switch within a text are read as Latin. */
const CHARACTER_SETS: Readonly<Record<string, string>> = {
  "ISO_IR 192": "utf-8",
  "ISO_IR 101": "iso-8859-2",
  "ISO_IR 109": "iso-8859-3",
  "ISO_IR 110": "iso-8859-4",
  "ISO_IR 144": "iso-8859-5",
  "ISO_IR 127": "iso-8859-6",
  "ISO_IR 126": "iso-8859-7",
  "ISO_IR 138": "iso-8859-8",
  "ISO_IR 148": "windows-1254",
  "ISO_IR 166": "windows-874",
  GB18030: "gb18030",
  GBK: "gbk",
};

class Fields {
  private readonly data: DataSet;
  private readonly decoder: TextDecoder;

  constructor(data: DataSet) {
    this.data = data;
    const [first = ""] = this.latin("00080005").split("\\");
    this.decoder = new TextDecoder(CHARACTER_SETS[first.trim()] ?? "windows-1252");
  }

  /** A binary number (US); 0 where there is none. */
  unsigned(tag: string): number {
    const element = this.data.elements.get(tag);
    return element === undefined || element.length < 2
      ? 0
      : this.data.view.getUint16(element.offset, this.data.isLittleEndian);
  }

  /** The first of a text of numbers (DS, IS). */
  number(tag: string): number | undefined {
    return this.numbers(tag)?.[0];
  }

  numbers(tag: string): number[] | undefined {
    const text = this.latin(tag);
    if (text === "") return undefined;
    const numbers = text.split("\\").map((part) => Number(part.trim() === "" ? Number.NaN : part));
    return numbers.every(Number.isFinite) ? numbers : undefined;
  }

  text(tag: string): string {
    return seenText(this.decoder.decode(this.bytes(tag)).replaceAll("\0", "").trim());
  }

  private latin(tag: string): string {
    return String.fromCharCode(...this.bytes(tag))
      .replaceAll("\0", "")
      .trim();
  }

  private bytes(tag: string): Uint8Array {
    const { view, elements } = this.data;
    const { offset = 0, length = 0 } = elements.get(tag) ?? {};
    return new Uint8Array(view.buffer, view.byteOffset + offset, Math.min(length, TEXT_LIMIT));
  }
}
