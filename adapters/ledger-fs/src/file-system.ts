/** The few file operations that durability is made of, apart so that a test can fail each of them in turn. */
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { type Bytes, copyBytes } from "@safeconduct/foundation";

export interface FileSystem {
  /** Null if there is no such file. */
  read(path: string): Promise<Bytes | null>;
  /** Creates or replaces the file and returns when its content is on the disk. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Returns when the names in the folder are on the disk. */
  syncFolder(path: string): Promise<void>;
  /** With its parents; succeeds if it exists. */
  makeFolder(path: string): Promise<void>;
  /** Names in the folder. */
  list(path: string): Promise<string[]>;
  /** A file or a whole folder; succeeds if it does not exist. */
  remove(path: string): Promise<void>;
}

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

export const nodeFileSystem: FileSystem = {
  async read(path) {
    try {
      return copyBytes(await readFile(path));
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  },

  async write(path, bytes) {
    const file = await open(path, "w", FILE_MODE);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  },

  rename,

  async syncFolder(path) {
    // Windows has no fsync of a folder; NTFS journals its names by itself.
    if (process.platform === "win32") return;
    const folder = await open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },

  async makeFolder(path) {
    await mkdir(path, { recursive: true, mode: FOLDER_MODE });
  },

  list: (path) => readdir(path),

  async remove(path) {
    await rm(path, { recursive: true, force: true });
  },
};

/** ENOTDIR: a path below a file, which a tile path can name but never is. */
function isMissing(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return code === "ENOENT" || code === "ENOTDIR";
}
