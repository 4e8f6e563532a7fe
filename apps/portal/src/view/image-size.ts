/**
 * Width and height of a picture from its own first bytes, read before any decoder sees it: a file of a few kilobytes can ask for
 * gigabytes of pixels. Formats: PNG (W3C), GIF89a, JPEG (T.81 B.2.2), WebP (RFC 9649), BMP (BITMAPINFOHEADER).
 */
import type { Bytes } from "@safeconduct/foundation";
import type { ImageFormat } from "./kinds.ts";

/** 8-bit pixels of four channels: 256 MiB, the most that a telephone can be asked for. */
export const PIXEL_LIMIT = 64 * 1024 * 1024;
/** Of one side; browsers refuse more in a canvas. */
export const SIDE_LIMIT = 32_767;

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Null where the bytes do not say, which is refused as well. */
export function pictureSize(content: Bytes, format: ImageFormat): PictureSize | null {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  try {
    return READERS[format](view);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

export const fitsLimits = ({ width, height }: PictureSize): boolean =>
  width >= 1 && height >= 1 && width <= SIDE_LIMIT && height <= SIDE_LIMIT && width * height <= PIXEL_LIMIT;

const READERS: Readonly<Record<ImageFormat, (view: DataView) => PictureSize | null>> = {
  "image/png": (view) => ({ width: view.getUint32(16), height: view.getUint32(20) }),
  "image/gif": (view) => ({ width: view.getUint16(6, true), height: view.getUint16(8, true) }),
  "image/bmp": (view) => ({ width: Math.abs(view.getInt32(18, true)), height: Math.abs(view.getInt32(22, true)) }),
  "image/jpeg": jpegSize,
  "image/webp": webpSize,
};

/** From the first frame header (SOF) behind any number of other segments. */
function jpegSize(view: DataView): PictureSize | null {
  for (let at = 2; ; ) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) at++;
    else if (isFrameHeader(marker)) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    // Scans begin without a frame: not a JPEG.
    else if (marker === 0xda || marker === 0xd9) return null;
    else at += 2 + view.getUint16(at + 2);
  }
}

/** SOF0 to SOF15 but DHT, JPG and DAC, which lie between. */
const isFrameHeader = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

function webpSize(view: DataView): PictureSize | null {
  const chunk = String.fromCharCode(...[12, 13, 14, 15].map((at) => view.getUint8(at)));
  if (chunk === "VP8X") return { width: 1 + uint24(view, 24), height: 1 + uint24(view, 27) };
  if (chunk === "VP8 ") return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  if (chunk !== "VP8L") return null;
  const bits = view.getUint32(21, true);
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
}

const uint24 = (view: DataView, at: number): number => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
