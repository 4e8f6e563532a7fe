/**
 * Blobs as files: `<folder>/<two characters of the id>/<transfer id>/<part number>-<digest of the part>.part`.
 * The digest in the name lets two bodies of one part stand side by side: which one counts is said elsewhere.
 * A part is written under a name of its own in `<folder>/unfinished`, brought to the disk, and only then renamed into
 * its place, so a part is either whole or not there, whatever ends the process. Unfinished files stand in one folder,
 * because opening would otherwise have to look through every transfer for them.
 * One process at a time may open a folder: opening clears what an earlier one left unfinished.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { BlobStore, StoredPart } from "@safeconduct/exchange";
import { PartHash } from "@safeconduct/envelope";
import type { TransferId } from "@safeconduct/foundation";
import { ChunkMemory } from "./chunk-memory.ts";
import { blobProblem, errorCode } from "./errors.ts";
import { type BlobFileSystem, type NewBlobFile, nodeFileSystem } from "./file-system.ts";
import { parsePartName, partName, shardOf, storedTransfers, transferFolder, UNFINISHED } from "./layout.ts";
import { FreeSpace, type Room } from "./free-space.ts";
import { readParts } from "./read-parts.ts";

/**
 * Space that parts leave free. Database, ledger and key ring mostly lie on the same disk, and ending a transfer, which makes
 * room, has to write to all three.
 */
export const RESERVE_BYTES = 64 * 1024 * 1024;
/** Folders that are remembered as lasting; after so many they are flushed once more. */
const KNOWN_FOLDERS = 1000;
/** How much of a part is written between two looks at the free space. */
const LOOK_EVERY_BYTES = 16 * 1024 * 1024;

/** Makes `folder` where it is missing (its parent must exist) and clears what was left unfinished. */
export async function openBlobFolder({
  folder,
  fs = nodeFileSystem,
  reserveBytes = RESERVE_BYTES,
}: {
  folder: string;
  fs?: BlobFileSystem;
  reserveBytes?: number;
}): Promise<BlobStore> {
  const space = new FreeSpace(fs, folder, reserveBytes);
  const unfinished = join(folder, UNFINISHED);
  await fs.makeFolder(folder);
  await fs.syncFolder(join(folder, ".."));
  await fs.makeFolder(unfinished);
  for (const name of await fs.list(unfinished)) await fs.unlink(join(unfinished, name));
  const memory = new ChunkMemory();
  const lasting = new LastingFolders(fs, folder);
  let started = 0;
  return {
    async putPart(transfer, number, sizeBytes, body) {
      const temporary = join(unfinished, `${transfer}-${number}-${started++}`);
      let room: Room | null = null;
      try {
        room = await space.promise(sizeBytes);
        const part = await writeWhole(fs, temporary, { number, sizeBytes, body, room, memory });
        await place(fs, lasting, { transfer, part, temporary });
        return part;
      } catch (error) {
        throw FULL.has(errorCode(error) ?? "") ? blobProblem("storage/full") : error;
      } finally {
        room?.end();
      }
    },
    read: ({ transfer, parts, offset, lengthBytes }) =>
      readParts(fs, memory, {
        parts,
        pathOf: (part) => join(transferFolder(folder, transfer), partName(part)),
        offset,
        lengthBytes,
      }),
    async keepOnly(transfer, parts) {
      const home = transferFolder(folder, transfer);
      const kept = new Set(parts.map(partName));
      for (const name of await fs.list(home)) {
        if (parsePartName(name) !== null && !kept.has(name)) await fs.unlink(join(home, name));
      }
      await fs.syncFolder(home);
    },
    async delete(transfer) {
      lasting.forget(transfer);
      await fs.removeFolder(transferFolder(folder, transfer));
      const shard = join(folder, shardOf(transfer));
      // The shard is not there when nothing of it was ever stored, and then there is nothing to make durable.
      await fs.syncFolder(shard).catch((error: unknown) => {
        if (errorCode(error) !== "ENOENT") throw error;
      });
    },
    list: () => storedTransfers(fs, folder),
  };
}

/** No space left, or the account's quota is used up. */
const FULL: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT"]);

/** Writes `body` to the new file `path` and to the disk. After any failure the file is gone. */
async function writeWhole(
  fs: BlobFileSystem,
  path: string,
  {
    number,
    sizeBytes,
    body,
    room,
    memory,
  }: {
    number: number;
    sizeBytes: number;
    body: AsyncIterable<Uint8Array>;
    room: Room;
    memory: ChunkMemory;
  },
): Promise<StoredPart> {
  const file = await fs.create(path);
  try {
    const hash = new PartHash(() => createHash("sha256"), sizeBytes);
    let received = 0;
    let looked = 0;
    try {
      for await (const chunk of gathered(body, memory)) {
        received += chunk.length;
        // Before it is written: a sender cannot fill the disk with more than it announced.
        if (received > sizeBytes) throw blobProblem("storage/part-size");
        if (received - looked > LOOK_EVERY_BYTES) {
          await room.look();
          looked = received;
        }
        // Beside each other: the bytes are written by another thread.
        const writing = writeAll(file, chunk);
        hash.update(chunk);
        await writing;
        room.written(chunk.length);
      }
      if (received !== sizeBytes) throw blobProblem("storage/part-size");
      await file.sync();
    } finally {
      await file.close();
    }
    return { number, sizeBytes, sha256: hash.digest() };
  } catch (error) {
    await discard(fs, path);
    throw error;
  }
}

/** What the network gives in small pieces, in large ones: each write of a file costs a trip to another thread. */
async function* gathered(body: AsyncIterable<Uint8Array>, memory: ChunkMemory): AsyncGenerator<Uint8Array> {
  const chunk = memory.take();
  try {
    let filled = 0;
    for await (const piece of body) {
      for (let at = 0; at < piece.length; ) {
        const taken = piece.subarray(at, at + chunk.length - filled);
        chunk.set(taken, filled);
        filled += taken.length;
        at += taken.length;
        if (filled < chunk.length) continue;
        yield chunk;
        filled = 0;
      }
    }
    if (filled > 0) yield chunk.subarray(0, filled);
  } finally {
    memory.giveBack(chunk);
  }
}

async function writeAll(file: NewBlobFile, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += await file.write(chunk.subarray(at));
}

/** Gives the finished file its name. */
async function place(
  fs: BlobFileSystem,
  lasting: LastingFolders,
  { transfer, part, temporary }: { transfer: TransferId; part: StoredPart; temporary: string },
): Promise<void> {
  let home: string;
  try {
    home = await lasting.home(transfer);
    await fs.rename(temporary, join(home, partName(part)));
  } catch (error) {
    await discard(fs, temporary);
    throw error;
  }
  await fs.syncFolder(home);
}

/** The folders of transfers, made and brought to the disk with the first part of each: three flushes less for the others. */
class LastingFolders {
  private readonly fs: BlobFileSystem;
  private readonly folder: string;
  private readonly known = new Set<TransferId>();

  constructor(fs: BlobFileSystem, folder: string) {
    this.fs = fs;
    this.folder = folder;
  }

  /** The transfer's folder, which a power cut leaves where it is. */
  async home(transfer: TransferId): Promise<string> {
    const shard = join(this.folder, shardOf(transfer));
    const home = transferFolder(this.folder, transfer);
    const isNewShard = await this.fs.makeFolder(shard);
    const isNewHome = await this.fs.makeFolder(home);
    if (this.known.has(transfer) && !isNewShard && !isNewHome) return home;
    await this.fs.syncFolder(shard);
    await this.fs.syncFolder(this.folder);
    if (this.known.size >= KNOWN_FOLDERS) this.known.clear();
    this.known.add(transfer);
    return home;
  }

  forget(transfer: TransferId): void {
    this.known.delete(transfer);
  }
}

/** What cannot be removed now goes at the next opening; the failure before it is the one to tell. */
async function discard(fs: BlobFileSystem, path: string): Promise<void> {
  await fs.unlink(path).catch(() => {});
}
