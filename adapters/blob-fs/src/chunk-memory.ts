/** Memory for chunks of parts, handed from reader to reader and writer to writer. */
import type { Bytes } from "@safeconduct/foundation";

/** What one reader or writer has in memory at a time, and what one chunk has at most. */
const CHUNK_BYTES = 1 << 20;
/** Chunks kept for the next ones; more at once allocate their own. */
const KEPT_CHUNKS = 8;
const WASM_PAGE_BYTES = 1 << 16;

/**
 * Fresh chunks for each read would wait for the collector by the dozen: it sees small objects and not the megabyte behind each. The kept
 * ones lie in one piece that begins at a page, as a WebAssembly memory does and no other buffer of Node: the system takes such a chunk
 * from where it is (direct-way.ts).
 */
export class ChunkMemory {
  private readonly free: Bytes[];
  private readonly kept: ArrayBuffer;

  constructor() {
    const pages = (KEPT_CHUNKS * CHUNK_BYTES) / WASM_PAGE_BYTES;
    this.kept = new WebAssembly.Memory({ initial: pages, maximum: pages }).buffer;
    this.free = Array.from(
      { length: KEPT_CHUNKS },
      (_, at) => new Uint8Array(this.kept, at * CHUNK_BYTES, CHUNK_BYTES),
    );
  }

  take(): Bytes {
    return this.free.pop() ?? new Uint8Array(CHUNK_BYTES);
  }

  giveBack(chunk: Bytes): void {
    if (chunk.buffer === this.kept) this.free.push(chunk);
  }
}
