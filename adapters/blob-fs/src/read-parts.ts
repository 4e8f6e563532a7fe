/** A byte range over several files, in chunks. */
import type { StoredPart } from "@safeconduct/exchange";
import type { Bytes } from "@safeconduct/foundation";
import { blobProblem } from "./errors.ts";
import { type BlobFileSystem, errorCode } from "./file-system.ts";

/** What is in memory at a time, and what one chunk has at most. */
const CHUNK_BYTES = 1 << 20;

export interface PartRange {
  /** In the order of the blob. */
  readonly parts: readonly (StoredPart & { readonly path: string })[];
  readonly offset: number;
  readonly lengthBytes: number;
}

/** Throws RangeError outside of the blob and Problem `storage/damaged` for a file that is missing or of another size. */
export async function* readParts(fs: BlobFileSystem, { parts, offset, lengthBytes }: PartRange): AsyncGenerator<Bytes> {
  const total = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  if (offset < 0 || lengthBytes < 0 || offset + lengthBytes > total) throw new RangeError("outside of the blob");
  let start = 0;
  for (const part of parts) {
    const from = Math.max(offset - start, 0);
    const to = Math.min(offset + lengthBytes - start, part.sizeBytes);
    start += part.sizeBytes;
    if (from < to) yield* readFile(fs, { ...part, from, to });
  }
}

async function* readFile(
  fs: BlobFileSystem,
  { path, sizeBytes, from, to }: { path: string; sizeBytes: number; from: number; to: number },
): AsyncGenerator<Bytes> {
  const file = await fs.open(path).catch((error: unknown) => {
    throw errorCode(error) === "ENOENT" ? blobProblem("storage/damaged") : error;
  });
  try {
    if ((await file.sizeBytes()) !== sizeBytes) throw blobProblem("storage/damaged");
    for (let at = from; at < to; ) {
      const chunk = new Uint8Array(Math.min(CHUNK_BYTES, to - at));
      const length = await file.read(chunk, at);
      if (length === 0) throw blobProblem("storage/damaged");
      at += length;
      yield length === chunk.length ? chunk : chunk.slice(0, length);
    }
  } finally {
    await file.close();
  }
}
