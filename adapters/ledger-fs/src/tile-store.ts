/**
 * The ledger's port `TileStore` in a folder. Each file is written beside, flushed, renamed, and the folder flushed;
 * a batch flushes every folder once. One writer: the instance lock of the data folder is taken by the app above.
 */
import { dirname, join } from "node:path";
import { type Bytes, equalBytes, utf8Bytes } from "@safeconduct/foundation";
import { ledgerProblem, parseTilePath, TILE_WIDTH, type TileStore, type TileWrite } from "@safeconduct/ledger";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";
import { CHECKPOINT_FILE, openTileFolder, type TileFolder } from "./tile-folder.ts";

/** Files on their way. Not part of the served layout; emptied at every start. */
const TEMPORARY_FOLDER = "temporary";
/** Files flushed at the same time. */
const PARALLEL_WRITES = 8;

/** Opens or makes the store and clears what a crash has left behind. */
export async function openTileStore(folder: string, files: FileSystem = nodeFileSystem): Promise<TileStore> {
  const temporary = join(folder, TEMPORARY_FOLDER);
  await files.makeFolder(temporary);
  for (const name of await files.list(temporary)) await files.remove(join(temporary, name));
  await files.syncFolder(folder);
  await files.syncFolder(dirname(folder));
  return new FolderTileStore(folder, files);
}

class FolderTileStore implements TileStore {
  private readonly folder: string;
  private readonly files: FileSystem;
  private readonly reader: TileFolder;
  /** Folders whose own name is known to be on the disk. */
  private readonly settledFolders: Set<string>;
  /** Folders of partial tiles whose full tile stands; removed once a checkpoint covers it. */
  private readonly outgrown = new Set<string>();

  constructor(folder: string, files: FileSystem) {
    this.folder = folder;
    this.files = files;
    this.reader = openTileFolder(folder, files);
    this.settledFolders = new Set([folder]);
  }

  readCheckpoint(): Promise<string | null> {
    return this.reader.readCheckpoint();
  }

  readTile(path: string): Promise<Bytes | null> {
    return this.reader.readTile(path);
  }

  async writeTiles(tiles: readonly TileWrite[]): Promise<void> {
    const fresh: TileWrite[] = [];
    for (const tile of tiles) {
      const address = parseTilePath(tile.path);
      if (address === null) throw new RangeError("not a tile path");
      const standing = address.width === TILE_WIDTH ? await this.readTile(tile.path) : null;
      if (standing === null) fresh.push(tile);
      else if (!equalBytes(standing, tile.bytes)) throw ledgerProblem("ledger/tile-conflict");
    }
    await this.replace(fresh);
    // Also those that stood already: a crash may have come between their rename and the flush of the folder.
    await this.syncFoldersOf(tiles);
    for (const { path } of tiles) if (!path.includes(".p/")) this.outgrown.add(join(this.folder, `${path}.p`));
  }

  async writeCheckpoint(text: string): Promise<void> {
    await this.replace([{ path: CHECKPOINT_FILE, bytes: utf8Bytes(text) }]);
    await this.files.syncFolder(this.folder);
    await this.removeOutgrown();
  }

  /** Writes all files beside, then gives all of them their names. */
  private async replace(writes: readonly TileWrite[]): Promise<void> {
    const pending = writes.map(({ path, bytes }, position) => ({
      bytes,
      // Names come back with every call, so that failing again and again on a full disk does not fill it further.
      from: join(this.folder, TEMPORARY_FOLDER, String(position)),
      to: join(this.folder, path),
    }));
    for (let at = 0; at < pending.length; at += PARALLEL_WRITES) {
      const group = pending.slice(at, at + PARALLEL_WRITES);
      // All must have ended before a failure is told: the next call uses the same names.
      const results = await Promise.allSettled(group.map(({ from, bytes }) => this.files.write(from, bytes)));
      for (const result of results) if (result.status === "rejected") throw result.reason;
    }
    for (const { from, to } of pending) {
      await this.files.makeFolder(dirname(to));
      await this.files.rename(from, to);
    }
  }

  private async syncFoldersOf(tiles: readonly TileWrite[]): Promise<void> {
    const folders = new Set(tiles.map(({ path }) => dirname(join(this.folder, path))));
    for (const folder of folders) {
      await this.files.syncFolder(folder);
      await this.settle(folder);
    }
  }

  /** Makes the folder's own name, and those of the folders above it, durable; once in the life of this store. */
  private async settle(folder: string): Promise<void> {
    for (let at = folder; !this.settledFolders.has(at); at = dirname(at)) {
      await this.files.syncFolder(dirname(at));
      this.settledFolders.add(at);
    }
  }

  /** tlog-tiles allows it, and 255 partial copies of each bundle would cost a hundred times its size. */
  private async removeOutgrown(): Promise<void> {
    for (const folder of this.outgrown) {
      try {
        await this.files.remove(folder);
        this.outgrown.delete(folder);
        this.settledFolders.delete(folder);
      } catch {
        // The checkpoint is durable and the leftover harmless; the next checkpoint tries again.
      }
    }
  }
}
