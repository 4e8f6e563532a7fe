/**
 * A new file whose large writes go past the system's page cache (`O_DIRECT`). A part is flushed as soon as it is written and is read
 * much later if ever, so that a copy in the cache costs more than everything else that is done with it (docs/adr/0028-direct-parts.md).
 * Where the system, the file system or the memory do not allow it, writes go through the cache as any other.
 */
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** Of address, offset and length; at least what disks ask for. */
const BLOCK_BYTES = 4096;
/** Smaller writes are not worth a second handle. */
const LEAST_BYTES = 1 << 18;

/** On systems without it, undefined. */
const DIRECT: number | undefined = constants.O_DIRECT;

export class DirectFile {
  private readonly path: string;
  private readonly handle: FileHandle;
  /** Beside the other; null before the first write that may use it and after one that could not. */
  private direct: FileHandle | null = null;
  private mayBeDirect = DIRECT !== undefined;
  private offset = 0;

  private constructor(path: string, handle: FileHandle) {
    [this.path, this.handle] = [path, handle];
  }

  /** Rejects when the name is taken. */
  static async create(path: string, mode: number): Promise<DirectFile> {
    return new DirectFile(path, await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode));
  }

  /** Appends. Answers the bytes written, which may be fewer than given. */
  async write(bytes: Uint8Array): Promise<number> {
    const written = (await this.writeDirectly(bytes)) ?? (await this.writeTo(this.handle, bytes));
    this.offset += written;
    return written;
  }

  async sync(): Promise<void> {
    await this.handle.sync();
  }

  async close(): Promise<void> {
    await this.direct?.close();
    await this.handle.close();
  }

  /** Null where it cannot be done. */
  private async writeDirectly(bytes: Uint8Array): Promise<number | null> {
    const isAligned = [this.offset, bytes.byteOffset, bytes.length].every((value) => value % BLOCK_BYTES === 0);
    if (!this.mayBeDirect || !isAligned || bytes.length < LEAST_BYTES) return null;
    try {
      this.direct ??= await open(this.path, constants.O_WRONLY | (DIRECT ?? 0));
      return await this.writeTo(this.direct, bytes);
    } catch (error) {
      // The file system has no such way, or the memory does not lie as it must.
      if (!(error instanceof Error && "code" in error && error.code === "EINVAL")) throw error;
      this.mayBeDirect = false;
      return null;
    }
  }

  private async writeTo(handle: FileHandle, bytes: Uint8Array): Promise<number> {
    return (await handle.write(bytes, 0, bytes.length, this.offset)).bytesWritten;
  }
}
