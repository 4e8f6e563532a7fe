/** From the stored bytes of one frame to numbers or colours: PS3.5 section 8 and Annex G (RLE), PS3.3 C.7.6.3.1. */
import type { Bytes } from "@safeconduct/foundation";
import { type DataSet, NotDicom } from "./data-set.ts";
import type { DicomHeader } from "./header.ts";

type GreyValues = Uint8Array | Int16Array | Uint16Array | Int32Array;

/** One frame, ready for the window or for the screen. */
export type Frame =
  | { readonly kind: "grey"; readonly values: GreyValues; readonly least: number; readonly most: number }
  | { readonly kind: "colour"; readonly pixels: Uint8ClampedArray<ArrayBuffer> };

/** Bytes of one frame where nothing compresses it. YBR_FULL_422 has two samples for each pixel. */
function frameBytes(header: DicomHeader): number {
  const samples = header.photometric === "YBR_FULL_422" ? 2 : header.samples;
  return Math.ceil((header.rows * header.columns * samples * header.bitsAllocated) / 8);
}

/** The stored bytes of a frame: a view of plain data, or its fragments put together. What a short file lacks is zero. */
export function storedFrame(content: Bytes, data: DataSet, header: DicomHeader, frame: number): Bytes {
  const { pixelData } = data;
  if (pixelData === null || frame < 0 || frame >= header.frames) throw new NotDicom("no such frame");
  if (!pixelData.isEncapsulated) {
    const [{ offset, length } = { offset: 0, length: 0 }] = pixelData.pieces;
    const wanted = frameBytes(header);
    // One byte of eight pixels may belong to two frames.
    if (header.bitsAllocated === 1 && header.frames > 1) throw new NotDicom("frames of single bits");
    const start = frame * wanted;
    if (start >= length) throw new NotDicom("no such frame");
    const there = content.slice(offset + start, offset + Math.min(start + wanted, length));
    if (there.length === wanted) return there;
    const whole = new Uint8Array(wanted);
    whole.set(there);
    return whole;
  }
  const pieces = fragmentsOf(pixelData, header.frames, frame);
  if (pieces.length === 0) throw new NotDicom("no such frame");
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const { offset, length } of pieces) {
    whole.set(content.subarray(offset, offset + length), at);
    at += length;
  }
  return whole;
}

type Pieces = NonNullable<DataSet["pixelData"]>["pieces"];

function fragmentsOf(
  { pieces, offsetTable }: NonNullable<DataSet["pixelData"]>,
  frames: number,
  frame: number,
): Pieces {
  if (frames === 1) return pieces;
  // Without a table each frame is one fragment, as nearly every file has it.
  if (pieces.length === frames || offsetTable.length < frames) return pieces.slice(frame, frame + 1);
  const [first] = pieces;
  const base = (first?.offset ?? 8) - 8;
  const from = offsetTable[frame] ?? 0;
  const to = offsetTable[frame + 1] ?? Number.MAX_SAFE_INTEGER;
  return pieces.filter(({ offset }) => offset - 8 - base >= from && offset - 8 - base < to);
}

/** PS3.5, Annex G: a header of offsets, then one PackBits segment for each byte of each sample, the high byte first. */
export function rleDecoded(stored: Bytes, header: DicomHeader): Bytes {
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
  const pixels = header.rows * header.columns;
  const sampleBytes = header.bitsAllocated / 8;
  const expected = header.samples * sampleBytes;
  if (stored.length < 64 || view.getUint32(0, true) !== expected) throw new NotDicom("RLE segments");
  const out = new Uint8Array(pixels * expected);
  for (let segment = 0; segment < expected; segment++) {
    const start = view.getUint32(4 + 4 * segment, true);
    const end = segment + 1 < expected ? view.getUint32(8 + 4 * segment, true) : stored.length;
    const sample = Math.floor(segment / sampleBytes);
    // Samples lie beside each other, low byte first, as plain data have them.
    const first = sample * sampleBytes + (sampleBytes - 1 - (segment % sampleBytes));
    unpack(stored.subarray(start, end), out, { first, step: expected });
  }
  return out;
}

function unpack(packed: Bytes, out: Bytes, { first, step }: { first: number; step: number }): void {
  let to = first;
  for (let at = 0; at < packed.length && to < out.length; ) {
    const count = packed[at++] ?? 0;
    if (count < 128) {
      for (let i = 0; i <= count && at < packed.length && to < out.length; i++, to += step) out[to] = packed[at++] ?? 0;
    } else if (count > 128) {
      const value = packed[at++] ?? 0;
      for (let i = 0; i < 257 - count && to < out.length; i++, to += step) out[to] = value;
    }
  }
}

/** How plain bytes lie. */
export interface Layout {
  readonly isLittleEndian: boolean;
  readonly isPlanar: boolean;
  /** Colours that the decoder has turned into red, green and blue already. */
  readonly isRgb: boolean;
}

export function frameOf(plain: Bytes, data: DataSet, header: DicomHeader, layout: Layout): Frame {
  if (header.samples === 3) return { kind: "colour", pixels: colours(plain, header, layout) };
  const values = greyValues(plain, header, layout.isLittleEndian);
  if (header.photometric === "PALETTE COLOR") return { kind: "colour", pixels: paletteColours(values, data) };
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return { kind: "grey", values, least, most };
}

/** Without the bits above those stored, which old files use for overlays. */
function greyValues(plain: Bytes, header: DicomHeader, isLittleEndian: boolean): GreyValues {
  const { bitsAllocated, bitsStored, isSigned } = header;
  const count = header.rows * header.columns;
  const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
  if (plain.length < Math.ceil((count * bitsAllocated) / 8)) throw new NotDicom("too few pixels");
  if (bitsAllocated === 1) return Uint8Array.from({ length: count }, (_, i) => ((plain[i >> 3] ?? 0) >> (i & 7)) & 1);
  const unused = 32 - bitsStored;
  const read = (i: number): number =>
    bitsAllocated === 8
      ? (plain[i] ?? 0)
      : bitsAllocated === 16
        ? view.getUint16(2 * i, isLittleEndian)
        : view.getUint32(4 * i, isLittleEndian);
  const out =
    bitsAllocated === 32
      ? new Int32Array(count)
      : isSigned
        ? new Int16Array(count)
        : bitsAllocated === 8
          ? new Uint8Array(count)
          : new Uint16Array(count);
  for (let i = 0; i < count; i++) {
    const raised = read(i) << unused;
    // 32 unsigned bits lose their last, which no screen shows.
    out[i] = isSigned ? raised >> unused : bitsStored === 32 ? read(i) >>> 1 : raised >>> unused;
  }
  return out;
}

function colours(plain: Bytes, header: DicomHeader, layout: Layout): Uint8ClampedArray<ArrayBuffer> {
  const count = header.rows * header.columns;
  const out = new Uint8ClampedArray(4 * count);
  if (header.bitsAllocated !== 8) throw new NotDicom("colours of other than eight bits");
  const isYbr = !layout.isRgb && header.photometric.startsWith("YBR_FULL");
  const isHalved = !layout.isRgb && header.photometric === "YBR_FULL_422";
  if (plain.length < (isHalved ? 2 : 3) * count) throw new NotDicom("too few pixels");
  for (let i = 0; i < count; i++) {
    const pair = (i >> 1) * 4;
    const places = isHalved
      ? [pair + (i & 1), pair + 2, pair + 3]
      : layout.isPlanar
        ? [i, count + i, 2 * count + i]
        : [3 * i, 3 * i + 1, 3 * i + 2];
    const [a = 0, b = 0, c = 0] = [plain[places[0] ?? 0], plain[places[1] ?? 0], plain[places[2] ?? 0]];
    // PS3.3, C.7.6.3.1.2.
    out[4 * i] = isYbr ? a + 1.402 * (c - 128) : a;
    out[4 * i + 1] = isYbr ? a - 0.344136 * (b - 128) - 0.714136 * (c - 128) : b;
    out[4 * i + 2] = isYbr ? a + 1.772 * (b - 128) : c;
    out[4 * i + 3] = 255;
  }
  return out;
}

/** PS3.3, C.7.6.3.1.5 and .6: for each colour a table with its length, first value and bits. */
function paletteColours(values: GreyValues, data: DataSet): Uint8ClampedArray<ArrayBuffer> {
  const tables = ["1", "2", "3"].map((colour) => paletteTable(data, colour));
  const out = new Uint8ClampedArray(4 * values.length);
  values.forEach((value, i) => {
    tables.forEach(({ first, table }, colour) => {
      out[4 * i + colour] = table[Math.min(Math.max(value - first, 0), table.length - 1)] ?? 0;
    });
    out[4 * i + 3] = 255;
  });
  return out;
}

function paletteTable(data: DataSet, colour: string): { first: number; table: readonly number[] } {
  const { view, isLittleEndian, elements } = data;
  const descriptor = elements.get(`0028110${colour}`);
  const entries = elements.get(`0028120${colour}`);
  if (descriptor === undefined || entries === undefined || descriptor.length < 6) throw new NotDicom("no palette");
  const word = (offset: number): number => view.getUint16(offset, isLittleEndian);
  const count = word(descriptor.offset) || 65_536;
  const bits = word(descriptor.offset + 4);
  const isWide = entries.length >= 2 * count;
  if (!isWide && entries.length < count) throw new NotDicom("a palette that is too short");
  const table = Array.from({ length: count }, (_, i) =>
    isWide ? word(entries.offset + 2 * i) >> (bits > 8 ? 8 : 0) : view.getUint8(entries.offset + i),
  );
  return { first: word(descriptor.offset + 2), table };
}
