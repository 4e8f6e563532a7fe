/**
 * A DICOM file (PS3.10) as a table of its elements: where each value lies. Attacker-controlled: every length is held against the file,
 * nesting has a limit, and nothing is copied. Only the outermost level is kept, up to the pixel data; what lies in sequences is skipped.
 */
import type { Bytes } from "@safeconduct/foundation";

/** Thrown for what is no DICOM file, or one whose lengths lie. */
export class NotDicom extends Error {
  override name = "NotDicom";
}

interface Element {
  readonly vr: string;
  readonly offset: number;
  readonly length: number;
}

interface PixelData {
  readonly vr: string;
  /** The whole where it is plain; one for each fragment where it is encapsulated, without the table of offsets. */
  readonly pieces: readonly { readonly offset: number; readonly length: number }[];
  readonly isEncapsulated: boolean;
  /** Where frames begin, counted from the first fragment's item; empty where the file does not say. */
  readonly offsetTable: readonly number[];
  /** Whether the file ends before the length that it tells. */
  readonly isTruncated: boolean;
}

export interface DataSet {
  readonly view: DataView;
  readonly isLittleEndian: boolean;
  /** By `GGGGEEEE`. */
  readonly elements: ReadonlyMap<string, Element>;
  readonly pixelData: PixelData | null;
  readonly transferSyntax: string;
}

const IMPLICIT_LITTLE = "1.2.840.10008.1.2";
const EXPLICIT_BIG = "1.2.840.10008.1.2.2";
const DEFLATED = "1.2.840.10008.1.2.1.99";

const PREAMBLE_BYTES = 128;
const DEPTH_LIMIT = 32;
const ELEMENT_LIMIT = 100_000;
const UNDEFINED = 0xffffffff;
/** Value representations with a length of 32 bits (PS3.5, 7.1.2). */
const LONG_VRS = new Set(["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"]);
const ITEM = "FFFEE000";
const ITEM_END = "FFFEE00D";
const SEQUENCE_END = "FFFEE0DD";
const PIXEL_DATA = "7FE00010";
const TRANSFER_SYNTAX = "00020010";

interface Coding {
  readonly isExplicit: boolean;
  readonly isLittleEndian: boolean;
}
const META_CODING: Coding = { isExplicit: true, isLittleEndian: true };
const IMPLICIT_CODING: Coding = { isExplicit: false, isLittleEndian: true };

/** Throws NotDicom. */
export function readDataSet(content: Bytes): DataSet {
  try {
    return new DataSetReader(content).read();
  } catch (error) {
    // A DataView refuses to read beyond its end.
    if (error instanceof RangeError) throw new NotDicom("ends early");
    throw error;
  }
}

/** Whether the first bytes are those of a DICOM file with a preamble. */
export const isDicom = (content: Bytes): boolean =>
  content.length > PREAMBLE_BYTES + 4 &&
  String.fromCharCode(...content.subarray(PREAMBLE_BYTES, PREAMBLE_BYTES + 4)) === "DICM";

interface Head {
  readonly tag: string;
  readonly vr: string;
  readonly length: number;
}

class DataSetReader {
  private readonly content: Bytes;
  private readonly view: DataView;
  private readonly elements = new Map<string, Element>();
  private at = 0;
  private count = 0;
  private pixelData: PixelData | null = null;

  constructor(content: Bytes) {
    this.content = content;
    this.view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  }

  read(): DataSet {
    let transferSyntax = IMPLICIT_LITTLE;
    if (isDicom(this.content)) {
      this.at = PREAMBLE_BYTES + 4;
      this.level(META_CODING, (tag) => tag.startsWith("0002"));
      transferSyntax = this.text(TRANSFER_SYNTAX) || IMPLICIT_LITTLE;
    } else if (this.view.getUint16(0, true) !== 8) {
      // Without a preamble only a data set that begins with its identification is taken for one.
      throw new NotDicom("no preamble");
    } else if (/^[A-Z]{2}$/u.test(this.letters(4))) transferSyntax = "1.2.840.10008.1.2.1";
    if (transferSyntax === DEFLATED) throw new NotDicom("deflated");
    const isLittleEndian = transferSyntax !== EXPLICIT_BIG;
    this.level({ isExplicit: transferSyntax !== IMPLICIT_LITTLE, isLittleEndian }, () => true);
    const { view, elements, pixelData } = this;
    return { view, elements, pixelData, transferSyntax, isLittleEndian };
  }

  /** Elements as long as they are `wanted`, up to the pixel data or the end. */
  private level(coding: Coding, wanted: (tag: string) => boolean): void {
    while (this.at + 8 <= this.content.length) {
      const start = this.at;
      const head = this.head(coding);
      if (!wanted(head.tag)) {
        this.at = start;
        return;
      }
      if (head.tag === PIXEL_DATA) {
        this.pixelData = head.length === UNDEFINED ? this.fragments(coding, head.vr) : this.plainPixels(head);
        return;
      }
      if (head.length === UNDEFINED) this.skipSequence(head.vr === "UN" ? IMPLICIT_CODING : coding, 0);
      else {
        this.requireWithin(head.length);
        this.elements.set(head.tag, { vr: head.vr, offset: this.at, length: head.length });
        this.at += head.length;
      }
    }
  }

  private head({ isExplicit, isLittleEndian }: Coding): Head {
    if (++this.count > ELEMENT_LIMIT) throw new NotDicom("too many elements");
    const hex = (offset: number): string =>
      this.view.getUint16(offset, isLittleEndian).toString(16).padStart(4, "0").toUpperCase();
    const tag = hex(this.at) + hex(this.at + 2);
    // Items have no representation in any coding.
    if (!isExplicit || tag.startsWith("FFFE")) {
      const length = this.view.getUint32(this.at + 4, isLittleEndian);
      this.at += 8;
      return { tag, vr: "", length };
    }
    const vr = this.letters(this.at + 4);
    const isLong = LONG_VRS.has(vr);
    const length = isLong
      ? this.view.getUint32(this.at + 8, isLittleEndian)
      : this.view.getUint16(this.at + 6, isLittleEndian);
    this.at += isLong ? 12 : 8;
    return { tag, vr, length };
  }

  private skipSequence(coding: Coding, depth: number): void {
    if (depth > DEPTH_LIMIT) throw new NotDicom("too deep");
    for (;;) {
      const { tag, length } = this.head(coding);
      if (tag === SEQUENCE_END) return;
      if (tag !== ITEM) throw new NotDicom("no item");
      if (length === UNDEFINED) this.skipItem(coding, depth);
      else {
        this.requireWithin(length);
        this.at += length;
      }
    }
  }

  private skipItem(coding: Coding, depth: number): void {
    for (;;) {
      const { tag, vr, length } = this.head(coding);
      if (tag === ITEM_END) return;
      if (length === UNDEFINED) this.skipSequence(vr === "UN" ? IMPLICIT_CODING : coding, depth + 1);
      else {
        this.requireWithin(length);
        this.at += length;
      }
    }
  }

  private plainPixels({ vr, length }: Head): PixelData {
    const there = Math.min(length, this.content.length - this.at);
    return {
      vr,
      pieces: [{ offset: this.at, length: there }],
      isEncapsulated: false,
      offsetTable: [],
      isTruncated: there < length,
    };
  }

  /** PS3.5, A.4: an item with the table of offsets, then one for each fragment. */
  private fragments(coding: Coding, vr: string): PixelData {
    const pieces: { offset: number; length: number }[] = [];
    const table = this.head(coding);
    if (table.tag !== ITEM) throw new NotDicom("no table of offsets");
    this.requireWithin(table.length);
    const offsetTable = Array.from({ length: Math.floor(table.length / 4) }, (_, index) =>
      this.view.getUint32(this.at + 4 * index, coding.isLittleEndian),
    );
    this.at += table.length;
    let isTruncated = true;
    while (this.at + 8 <= this.content.length) {
      const { tag, length } = this.head(coding);
      if (tag === SEQUENCE_END) {
        isTruncated = false;
        break;
      }
      if (tag !== ITEM) throw new NotDicom("no fragment");
      const there = Math.min(length, this.content.length - this.at);
      pieces.push({ offset: this.at, length: there });
      this.at += there;
    }
    return { vr, pieces, isEncapsulated: true, offsetTable, isTruncated };
  }

  private requireWithin(length: number): void {
    if (this.at + length > this.content.length) throw new NotDicom("a length that lies");
  }

  private letters(offset: number): string {
    return String.fromCharCode(this.view.getUint8(offset), this.view.getUint8(offset + 1));
  }

  private text(tag: string): string {
    const element = this.elements.get(tag);
    if (element === undefined) return "";
    const bytes = this.content.subarray(element.offset, element.offset + Math.min(element.length, 64));
    return String.fromCharCode(...bytes).replace(/[\0 ]+$/u, "");
  }
}
