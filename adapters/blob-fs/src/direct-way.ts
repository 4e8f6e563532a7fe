/**
 * The way to a file's bytes past the system's page cache (`O_DIRECT`), for large pieces. A part is flushed as soon as it is written and
 * mostly read once, much later: a copy in the cache costs more than everything else that is done with it
 * (docs/adr/0028-direct-parts.md).
 */
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { errorCode } from "./errors.ts";

/** Of address, offset and length; at least what disks ask for. */
export const BLOCK_BYTES = 4096;
/** For less a second handle is not worth it. */
const LEAST_BYTES = 1 << 18;

/** On systems without it, undefined. */
const DIRECT: number | undefined = constants.O_DIRECT;

/** The file system has no such way, or the memory does not lie as it must. */
const REFUSED: ReadonlySet<string> = new Set(["EINVAL", "ENOTSUP"]);

export class DirectWay {
  private readonly path: string;
  private readonly flags: number;
  /** Null before the first piece that may go this way. */
  private handle: FileHandle | null = null;
  private isThere = DIRECT !== undefined;

  /** `flags`: for reading or for writing. The file must be there. */
  constructor(path: string, flags: number) {
    [this.path, this.flags] = [path, flags];
  }

  /** What `move` answers for the handle of this way; null where `bytes` at `position` cannot go it. */
  async go(bytes: Uint8Array, position: number, move: (handle: FileHandle) => Promise<number>): Promise<number | null> {
    const isAligned = [position, bytes.byteOffset, bytes.length].every((value) => value % BLOCK_BYTES === 0);
    if (!this.isThere || !isAligned || bytes.length < LEAST_BYTES) return null;
    try {
      this.handle ??= await open(this.path, this.flags | (DIRECT ?? 0));
      return await move(this.handle);
    } catch (error) {
      if (!REFUSED.has(errorCode(error) ?? "")) throw error;
      this.isThere = false;
      return null;
    }
  }

  async close(): Promise<void> {
    await this.handle?.close();
  }
}
