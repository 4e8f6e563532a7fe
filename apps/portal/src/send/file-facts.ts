/** Which series a chosen file belongs to, by reading its first bytes and no more. */
import type { FoundFile } from "./chosen-files.ts";
import { HEADER_BYTES, readSeriesFacts, type SeriesFacts } from "./dicom-header.ts";

/** Extensions that scanners and archives give images; many give none, or a number. */
const MAYBE_IMAGE = /(?:^|\/)[^./]*$|\.(?:dcm|dicom|ima|img|\d+)$/iu;

/** Null for whatever is no image of a series, or cannot be read now: sending it will tell. */
export async function readFacts({ name, file }: FoundFile): Promise<SeriesFacts | null> {
  if (!MAYBE_IMAGE.test(name)) return null;
  try {
    for (const lengthBytes of HEADER_BYTES) {
      const bytes = new Uint8Array(await file.slice(0, lengthBytes).arrayBuffer());
      const facts = readSeriesFacts(bytes);
      if (facts !== "more") return facts;
      if (bytes.length < lengthBytes) return null;
    }
  } catch {
    return null;
  }
  return null;
}
