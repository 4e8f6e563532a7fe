/** Reads a log from a folder: our own store, or an export that somebody handed over. Writes nothing. */
import { join } from "node:path";
import { type Bytes, utf8Text } from "@safeconduct/foundation";
import { parseTilePath } from "@safeconduct/ledger";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";

export interface TileFolder {
  /** The signed note, or null where there is none or it is no text. */
  readCheckpoint(): Promise<string | null>;
  /** Null for a path that is not a tile's, so nothing outside the folder can be named. */
  readTile(path: string): Promise<Bytes | null>;
}

/** Name of the checkpoint in the folder (C2SP tlog-tiles, "Checkpoints"). */
export const CHECKPOINT_FILE = "checkpoint";

/** Beside it: the newest checkpoint with its witnesses' cosignatures. Not part of tlog-tiles. */
export const WITNESSED_FILE = "checkpoint.witnessed";

export function openTileFolder(folder: string, files: FileSystem = nodeFileSystem): TileFolder {
  return {
    async readCheckpoint() {
      const bytes = await files.read(join(folder, CHECKPOINT_FILE));
      return bytes && utf8Text(bytes);
    },
    async readTile(path) {
      return parseTilePath(path) === null ? null : files.read(join(folder, path));
    },
  };
}
