/**
 * Compressed frames: JPEG 2000 (OpenJPEG) and JPEG-LS (CharLS) as WebAssembly, lossless JPEG in script, baseline JPEG by the browser, RLE
 * by ourselves. This runs in the worker. WebAssembly comes from the page, because the worker may speak to nobody else.
 */
import charls from "@cornerstonejs/codec-charls/decodewasmjs";
import openjpeg from "@cornerstonejs/codec-openjpeg/decodewasmjs";
import { Decoder as LosslessDecoder } from "@cornerstonejs/jpeg-lossless-decoder-js";
import type { Bytes } from "@safeconduct/foundation";
import { type DataSet, NotDicom } from "./data-set.ts";
import { FRAME_PIXEL_LIMIT, type DicomHeader } from "./header.ts";
import { type Frame, frameOf, rleDecoded } from "./pixels.ts";

export type CodecName = "openjpeg" | "charls";
export type AskForCodec = (name: CodecName) => Promise<ArrayBuffer>;

/** Thrown for a compression that nothing here reads, such as video and JPEG of twelve bits. */
export class UnknownCompression extends Error {
  override name = "UnknownCompression";
}

/** What the Emscripten builds of the Cornerstone codecs give. */
interface FrameDecoder {
  getEncodedBuffer(length: number): Uint8Array;
  readHeader?(): void;
  decode(): void;
  getFrameInfo(): { width: number; height: number; bitsPerSample: number; componentCount: number };
  getDecodedBuffer(): Uint8Array<ArrayBuffer>;
  delete(): void;
}
interface CodecModule {
  readonly J2KDecoder?: new () => FrameDecoder;
  readonly JpegLSDecoder?: new () => FrameDecoder;
}

type Decode = (stored: Bytes, header: DicomHeader, ask: AskForCodec) => Promise<Decoded>;
interface Decoded {
  readonly plain: Bytes;
  readonly isPlanar: boolean;
  readonly isRgb: boolean;
}

const PLAIN = new Set(["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"]);
const DECODERS: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ["1.2.840.10008.1.2.5", rle],
  ["1.2.840.10008.1.2.4.50", baselineJpeg],
  ["1.2.840.10008.1.2.4.57", losslessJpeg],
  ["1.2.840.10008.1.2.4.70", losslessJpeg],
  ["1.2.840.10008.1.2.4.80", jpegLs],
  ["1.2.840.10008.1.2.4.81", jpegLs],
  ["1.2.840.10008.1.2.4.90", jpeg2000],
  ["1.2.840.10008.1.2.4.91", jpeg2000],
]);

export async function decodedFrame(
  stored: Bytes,
  { data, header, ask }: { data: DataSet; header: DicomHeader; ask: AskForCodec },
): Promise<Frame> {
  const { isLittleEndian } = data;
  if (PLAIN.has(header.transferSyntax))
    return frameOf(swapped(stored, data, header), data, header, {
      isLittleEndian,
      isPlanar: header.isPlanar,
      isRgb: false,
    });
  const decode = DECODERS.get(header.transferSyntax);
  if (decode === undefined) throw new UnknownCompression(header.transferSyntax);
  const { plain, isPlanar, isRgb } = await decode(stored, header, ask);
  return frameOf(plain, data, header, { isLittleEndian: true, isPlanar, isRgb });
}

/** Eight bits in words of sixteen (OW) lie the other way round in a big-endian file. */
function swapped(stored: Bytes, data: DataSet, header: DicomHeader): Bytes {
  if (data.isLittleEndian || header.bitsAllocated !== 8 || data.pixelData?.vr !== "OW") return stored;
  const out = new Uint8Array(stored.length + (stored.length & 1));
  stored.forEach((byte, i) => {
    out[i ^ 1] = byte;
  });
  return out;
}

async function rle(stored: Bytes, header: DicomHeader): Promise<Decoded> {
  return { plain: rleDecoded(stored, header), isPlanar: false, isRgb: false };
}

/** Colours come out as red, green and blue; a grey picture has three equal ones. */
async function baselineJpeg(stored: Bytes, header: DicomHeader): Promise<Decoded> {
  if (header.bitsAllocated !== 8) throw new UnknownCompression(header.transferSyntax);
  const picture = await createImageBitmap(new Blob([stored], { type: "image/jpeg" }), {
    colorSpaceConversion: "none",
    imageOrientation: "none",
  });
  const { width, height } = picture;
  requireSize(header, width, height);
  const context = new OffscreenCanvas(width, height).getContext("2d");
  if (context === null) throw new Error("no canvas");
  context.drawImage(picture, 0, 0);
  picture.close();
  const { data: rgba } = context.getImageData(0, 0, width, height);
  const plain = new Uint8Array(width * height * header.samples);
  for (let i = 0; i < width * height; i++)
    for (let sample = 0; sample < header.samples; sample++)
      plain[i * header.samples + sample] = rgba[4 * i + sample] ?? 0;
  return { plain, isPlanar: false, isRgb: true };
}

async function losslessJpeg(stored: Bytes, header: DicomHeader): Promise<Decoded> {
  const decoder = new LosslessDecoder();
  const decoded = decoder.decode(stored.buffer, stored.byteOffset, stored.byteLength, header.bitsAllocated / 8);
  requireSize(header, decoder.frame.dimX, decoder.frame.dimY);
  const plain = new Uint8Array(decoded.buffer, decoded.byteOffset, decoded.byteLength).slice();
  return { plain, isPlanar: false, isRgb: header.photometric === "RGB" };
}

const modules = new Map<CodecName, Promise<CodecModule>>();
const FACTORIES = { openjpeg, charls } as const;

function moduleOf(name: CodecName, ask: AskForCodec): Promise<CodecModule> {
  const known = modules.get(name);
  if (known !== undefined) return known;
  const made = ask(name).then(
    async (wasmBinary) => (await FACTORIES[name]({ wasmBinary, print: silent, printErr: silent })) as CodecModule,
  );
  modules.set(name, made);
  return made;
}
const silent = (): void => undefined;

async function jpeg2000(stored: Bytes, header: DicomHeader, ask: AskForCodec): Promise<Decoded> {
  const { J2KDecoder } = await moduleOf("openjpeg", ask);
  if (J2KDecoder === undefined) throw new Error("no decoder");
  return wasmDecoded(new J2KDecoder(), stored, header);
}

async function jpegLs(stored: Bytes, header: DicomHeader, ask: AskForCodec): Promise<Decoded> {
  const { JpegLSDecoder } = await moduleOf("charls", ask);
  if (JpegLSDecoder === undefined) throw new Error("no decoder");
  return wasmDecoded(new JpegLSDecoder(), stored, header);
}

function wasmDecoded(decoder: FrameDecoder, stored: Bytes, header: DicomHeader): Decoded {
  try {
    decoder.getEncodedBuffer(stored.length).set(stored);
    // The size is judged before the pixels are made, where the decoder can tell it.
    decoder.readHeader?.();
    const told = decoder.getFrameInfo();
    if (told.width * told.height > FRAME_PIXEL_LIMIT) throw new NotDicom("another size");
    decoder.decode();
    const { width, height, componentCount, bitsPerSample } = decoder.getFrameInfo();
    requireSize(header, width, height);
    if (componentCount !== header.samples) throw new NotDicom("another number of colours");
    const decoded = decoder.getDecodedBuffer();
    const bytes = bitsPerSample > 8 ? 2 : 1;
    if (bytes !== header.bitsAllocated / 8) throw new NotDicom("another number of bits");
    // The colours of JPEG 2000 are turned back by its own decoder.
    return { plain: decoded.slice(), isPlanar: false, isRgb: !header.photometric.startsWith("YBR_FULL") };
  } finally {
    decoder.delete();
  }
}

/** A picture within that is not of the size that the file tells is a lie, and costs memory that was not asked about. */
function requireSize(header: DicomHeader, width: number, height: number): void {
  if (width !== header.columns || height !== header.rows) throw new NotDicom("another size");
}
