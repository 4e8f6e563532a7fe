/**
 * The portal's own files, compressed once for everybody (RFC 7932). Only these: they hold no secret, so their length tells none; answers of
 * the API, where somebody's words would stand beside another's secret, stay as they are (BREACH).
 */
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";

const compress = promisify(brotliCompress);
/** Of 11: nearly as small, in a tenth of the time. */
const QUALITY = 9;
const COMPRESSIBLE = /^(?:text\/|application\/json|application\/wasm|image\/svg)/;
/** Less is one packet either way. */
const LEAST_BYTES = 1024;

/** Null where it is not worth it. */
export async function compressed(bytes: Buffer, mediaType: string): Promise<Buffer | null> {
  if (bytes.length < LEAST_BYTES || !COMPRESSIBLE.test(mediaType)) return null;
  const smaller = await compress(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: QUALITY } });
  return smaller.length < bytes.length ? smaller : null;
}

/** RFC 9110 §12.5.3, of which browsers need this much: named, and not with a weight of nothing. */
export function takesBrotli(acceptEncoding: string | undefined): boolean {
  for (const item of (acceptEncoding ?? "").toLowerCase().split(",")) {
    const [coding = "", weight = "q=1"] = item.split(";").map((part) => part.trim());
    if (coding === "br") return Number(weight.slice("q=".length)) > 0;
  }
  return false;
}
