/**
 * The few attributes of a DICOM file that say which series it belongs to (PS3.10 §7, PS3.5 §7), read from its first bytes in
 * explicit or implicit little endian. Files are attacker-controlled. Nothing here is a check of the file, and no name of a patient
 * is read; whatever is not understood is a file like any other.
 */

/** Headers are read from so much of a file at the most: first the little that nearly always is enough. */
export const HEADER_BYTES = [16 * 1024, 256 * 1024] as const;
/** Sequences in sequences. */
const DEPTH_LIMIT = 8;
const PREAMBLE_BYTES = 128;
const MAGIC = "DICM";
const VALUE_LIMIT_CHARACTERS = 64;

const IMPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2";
/** Big endian and deflated data sets are not read. */
const UNREAD: ReadonlySet<string> = new Set(["1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"]);

const TRANSFER_SYNTAX = 0x0002_0010;
const MODALITY = 0x0008_0060;
const SERIES_DESCRIPTION = 0x0008_103e;
const PATIENT_ID = 0x0010_0020;
const BODY_PART = 0x0018_0015;
const SERIES_UID = 0x0020_000e;
const ITEM = 0xfffe_e000;
const ITEM_END = 0xfffe_e00d;
const SEQUENCE_END = 0xfffe_e0dd;
const UNDEFINED_LENGTH = 0xffff_ffff;
/** VRs with two reserved bytes and a length of four (PS3.5, table 7.1-1). */
const LONG_VRS: ReadonlySet<string> = new Set([
  "OB",
  "OD",
  "OF",
  "OL",
  "OV",
  "OW",
  "SQ",
  "SV",
  "UC",
  "UN",
  "UR",
  "UT",
  "UV",
]);

export interface SeriesFacts {
  readonly series: string;
  /** `CT`; empty where the file does not say. */
  readonly modality: string;
  readonly bodyPart: string;
  readonly description: string;
  /** To count patients, never to show. */
  readonly patient: string;
}

/** Thrown inside: the bytes end before what is wanted. */
class EndOfBytes extends Error {}
/** Thrown inside: not what a header looks like. */
class NotReadable extends Error {}

/** `"more"`: what was given ends too early to tell. Null: no DICOM file, or one that is not read here. */
export function readSeriesFacts(bytes: Uint8Array): SeriesFacts | "more" | null {
  try {
    return factsOf(new Elements(bytes));
  } catch (error) {
    if (error instanceof EndOfBytes) return "more";
    if (error instanceof NotReadable) return null;
    throw error;
  }
}

function factsOf(elements: Elements): SeriesFacts | null {
  elements.skip(PREAMBLE_BYTES);
  if (elements.text(MAGIC.length) !== MAGIC) return null;
  let syntax = "";
  // The group of meta information is explicit whatever follows.
  while (elements.groupAhead() === 0x0002) {
    const { tag, length } = elements.element(true);
    if (tag === TRANSFER_SYNTAX) syntax = elements.text(length);
    else elements.skip(length);
  }
  if (syntax === "" || UNREAD.has(syntax)) return null;
  const explicit = syntax !== IMPLICIT_LITTLE_ENDIAN;
  const found = new Map<number, string>();
  for (let last = -1; last < SERIES_UID; ) {
    const { tag, vr, length } = elements.element(explicit);
    // Elements ascend (PS3.5 §7.1): whatever goes back is damaged or made to keep us busy.
    if (tag <= last) return null;
    last = tag;
    if (tag > SERIES_UID) break;
    if (WANTED.has(tag)) found.set(tag, elements.text(length));
    else elements.skipValue({ vr, length, explicit });
  }
  const series = found.get(SERIES_UID) ?? "";
  if (!/^[0-9.]{1,64}$/.test(series)) return null;
  const text = (tag: number): string => found.get(tag) ?? "";
  return {
    series,
    modality: text(MODALITY),
    bodyPart: text(BODY_PART),
    description: text(SERIES_DESCRIPTION),
    patient: text(PATIENT_ID),
  };
}

const WANTED: ReadonlySet<number> = new Set([MODALITY, SERIES_DESCRIPTION, PATIENT_ID, BODY_PART, SERIES_UID]);

class Elements {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  groupAhead(): number {
    return this.view.getUint16(this.need(2), true);
  }

  skip(length: number): void {
    this.need(length);
    this.at += length;
  }

  /** Printable ASCII of the value; anything else in it is left out, so a name in another script shows nothing false. */
  text(length: number): string {
    const from = this.need(length);
    this.at += length;
    const raw = String.fromCharCode(...this.bytes.subarray(from, from + Math.min(length, 2 * VALUE_LIMIT_CHARACTERS)));
    return raw
      .replace(/[^ -~]/gu, "")
      .trim()
      .slice(0, VALUE_LIMIT_CHARACTERS);
  }

  /** Moves behind tag, VR and length. */
  element(explicit: boolean): { tag: number; vr: string; length: number } {
    const from = this.need(8);
    const tag = this.view.getUint16(from, true) * 0x1_0000 + this.view.getUint16(from + 2, true);
    if (!explicit || isDelimiter(tag)) {
      this.at += 8;
      return { tag, vr: "", length: this.view.getUint32(from + 4, true) };
    }
    const vr = String.fromCharCode(this.bytes[from + 4] ?? 0, this.bytes[from + 5] ?? 0);
    if (!/^[A-Z]{2}$/.test(vr)) throw new NotReadable();
    if (!LONG_VRS.has(vr)) {
      this.at += 8;
      return { tag, vr, length: this.view.getUint16(from + 6, true) };
    }
    this.need(12);
    this.at += 12;
    return { tag, vr, length: this.view.getUint32(from + 8, true) };
  }

  /** Of undefined length are sequences, and values of unknown representation, which then are implicit (PS3.5 §6.2.2). */
  skipValue({ vr, length, explicit }: { vr: string; length: number; explicit: boolean }, depth = 0): void {
    if (length !== UNDEFINED_LENGTH) return this.skip(length);
    if (depth >= DEPTH_LIMIT) throw new NotReadable();
    const inside = explicit && vr !== "UN";
    for (;;) {
      const item = this.element(inside);
      if (item.tag === SEQUENCE_END) return;
      if (item.tag !== ITEM) throw new NotReadable();
      if (item.length === UNDEFINED_LENGTH) this.skipItem(inside, depth + 1);
      else this.skip(item.length);
    }
  }

  private skipItem(explicit: boolean, depth: number): void {
    for (;;) {
      const { tag, vr, length } = this.element(explicit);
      if (tag === ITEM_END) return;
      this.skipValue({ vr, length, explicit }, depth);
    }
  }

  /** Where the next `length` bytes begin. */
  private need(length: number): number {
    if (length > this.bytes.length - this.at) throw new EndOfBytes();
    return this.at;
  }
}

const isDelimiter = (tag: number): boolean => tag === ITEM || tag === ITEM_END || tag === SEQUENCE_END;
