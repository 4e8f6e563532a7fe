/**
 * Ranges of a file that the browser holds. A long file is read as one stream into two pieces of memory in turn, the next piece while the
 * last is encrypted: a browser fetches memory anew for each slice, which costs more than its encryption (docs/adr/0025-file-digest.md).
 */
import type { OutgoingFile } from "@safeconduct/client";
import type { Bytes } from "@safeconduct/foundation";
import { blobStream } from "../reading/blob-stream.ts";
import { sendProblem } from "./errors.ts";

type Source = Pick<File, "size" | "slice">;

/**
 * A range is the caller's until the next one is asked for. Problem `portal/file-unreadable`: it was moved, changed or its disk is gone
 * since it was chosen.
 */
export function readSource(file: Source, streamOf: typeof blobStream = blobStream): OutgoingFile["read"] {
  let run: Run | null = null;
  return async (offset, length) => {
    if (run?.goesOn(offset, length) === false) {
      run.end();
      run = null;
    }
    try {
      if (run === null && offset + length < file.size) run = await startRun(file, { offset, length, streamOf });
      return await (run?.next() ?? slice(file, offset, length));
    } catch {
      throw sendProblem("portal/file-unreadable");
    }
  };
}

const slice = async (file: Source, offset: number, length: number): Promise<Bytes> =>
  new Uint8Array(await file.slice(offset, offset + length).arrayBuffer());

/** Null where the browser gives no streams that fill the reader's memory: slices tell what is wrong with the file, if anything. */
async function startRun(
  file: Source,
  { offset, length, streamOf }: { offset: number; length: number; streamOf: typeof blobStream },
): Promise<Run | null> {
  try {
    const stream = await streamOf(file.slice(offset));
    return new Run(stream.getReader({ mode: "byob" }), { offset, pieceBytes: length, sizeBytes: file.size });
  } catch {
    return null;
  }
}

/** Piece after piece from one offset to the end of the file. */
class Run {
  private readonly reader: ReadableStreamBYOBReader;
  private readonly pieceBytes: number;
  private readonly sizeBytes: number;
  private readonly free: ArrayBuffer[];
  private offset: number;
  private lent: Bytes | null = null;
  private coming: Promise<Bytes> | null = null;

  constructor(
    reader: ReadableStreamBYOBReader,
    { offset, pieceBytes, sizeBytes }: { offset: number; pieceBytes: number; sizeBytes: number },
  ) {
    this.reader = reader;
    [this.offset, this.pieceBytes, this.sizeBytes] = [offset, pieceBytes, sizeBytes];
    this.free = [new ArrayBuffer(pieceBytes), new ArrayBuffer(pieceBytes)];
  }

  goesOn(offset: number, length: number): boolean {
    return offset === this.offset && length > 0 && length === this.nextLength();
  }

  async next(): Promise<Bytes> {
    const bytes = await (this.coming ?? this.fill());
    if (this.lent !== null) this.free.push(this.lent.buffer);
    this.lent = bytes;
    this.offset += bytes.length;
    this.coming = this.offset < this.sizeBytes ? this.fill() : null;
    // Heard of when the piece is asked for, if ever.
    this.coming?.catch(() => undefined);
    return bytes;
  }

  end(): void {
    this.reader.cancel().catch(() => undefined);
  }

  private nextLength(): number {
    return Math.min(this.pieceBytes, this.sizeBytes - this.offset);
  }

  private async fill(): Promise<Bytes> {
    const length = this.nextLength();
    let memory = this.free.pop() ?? new ArrayBuffer(this.pieceBytes);
    let filled = 0;
    while (filled < length) {
      const wanted = new Uint8Array(memory, filled, length - filled);
      const { value, done } = await this.reader.read(wanted, { min: wanted.length });
      if (done || value === undefined) break;
      memory = value.buffer;
      filled += value.length;
    }
    return new Uint8Array(memory, 0, filled);
  }
}
