/** A byte range over several files, in chunks. */
import type { StoredPart } from "@safeconduct/exchange";
import type { Bytes } from "@safeconduct/foundation";
import type { ChunkMemory } from "./chunk-memory.ts";
import { BLOCK_BYTES } from "./direct-way.ts";
import { blobProblem, errorCode } from "./errors.ts";
import type { BlobFileSystem } from "./file-system.ts";

export interface PartRange {
  /** In the order of the blob. */
  readonly parts: readonly StoredPart[];
  /** Asked only for the parts that the range touches, which are few of thousands. */
  readonly pathOf: (part: StoredPart) => string;
  readonly offset: number;
  readonly lengthBytes: number;
}

/** Throws RangeError outside of the blob and Problem `storage/damaged` for a file that is missing or of another size. */
export async function* readParts(
  fs: BlobFileSystem,
  memory: ChunkMemory,
  { parts, pathOf, offset, lengthBytes }: PartRange,
): AsyncGenerator<Bytes> {
  const total = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  if (offset < 0 || lengthBytes < 0 || offset + lengthBytes > total) throw new RangeError("outside of the blob");
  const chunk = memory.take();
  try {
    let start = 0;
    for (const part of parts) {
      const from = Math.max(offset - start, 0);
      const to = Math.min(offset + lengthBytes - start, part.sizeBytes);
      start += part.sizeBytes;
      if (from < to) yield* readFile(fs, chunk, { path: pathOf(part), sizeBytes: part.sizeBytes, from, to });
    }
  } finally {
    memory.giveBack(chunk);
  }
}

async function* readFile(
  fs: BlobFileSystem,
  chunk: Bytes,
  { path, sizeBytes, from, to }: { path: string; sizeBytes: number; from: number; to: number },
): AsyncGenerator<Bytes> {
  const file = await fs.open(path).catch((error: unknown) => {
    throw errorCode(error) === "ENOENT" ? blobProblem("storage/damaged") : error;
  });
  try {
    if ((await file.sizeBytes()) !== sizeBytes) throw blobProblem("storage/damaged");
    for (let at = from; at < to; ) {
      // Whole blocks, so that large ranges go past the page cache.
      const start = at - (at % BLOCK_BYTES);
      const wanted = Math.ceil((to - start) / BLOCK_BYTES) * BLOCK_BYTES;
      const end = start + (await file.read(chunk.subarray(0, Math.min(chunk.length, wanted)), start));
      if (end <= at) throw blobProblem("storage/damaged");
      const piece = chunk.subarray(at - start, Math.min(end, to) - start);
      at += piece.length;
      yield piece;
    }
  } finally {
    await file.close();
  }
}
