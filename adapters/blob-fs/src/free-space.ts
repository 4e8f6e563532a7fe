/** What may still be written: parts that are on their way count from their beginning, or many at once would each find room for itself. */
import { blobProblem } from "./errors.ts";
import type { BlobFileSystem } from "./file-system.ts";

/** Room that one part was promised. */
export interface Room {
  /** So many bytes of it were written. */
  written(bytes: number): void;
  /** Problem `storage/full` where others, on the same disk, have taken what was promised. */
  look(): Promise<void>;
  /** Gives back what was not written. */
  end(): void;
}

export class FreeSpace {
  private readonly fs: Pick<BlobFileSystem, "freeBytes">;
  private readonly folder: string;
  private readonly reserveBytes: number;
  /** Promised and not written yet. */
  private promisedBytes = 0;

  constructor(fs: Pick<BlobFileSystem, "freeBytes">, folder: string, reserveBytes: number) {
    [this.fs, this.folder, this.reserveBytes] = [fs, folder, reserveBytes];
  }

  /** Problem `storage/full`. */
  async promise(sizeBytes: number): Promise<Room> {
    let left = sizeBytes;
    this.promisedBytes += left;
    const take = (bytes: number): void => {
      left -= bytes;
      this.promisedBytes -= bytes;
    };
    const room = { written: take, look: () => this.look(), end: () => take(left) };
    try {
      await room.look();
    } catch (error) {
      room.end();
      throw error;
    }
    return room;
  }

  private async look(): Promise<void> {
    if ((await this.fs.freeBytes(this.folder)) < this.promisedBytes + this.reserveBytes)
      throw blobProblem("storage/full");
  }
}
