/**
 * The few file operations that the key folder is made of, one by one, so that a test can make each of them fail in
 * turn. Files are 0600 and folders 0700.
 */
import { constants } from "node:fs";
import { chmod, type FileHandle, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { type Bytes, copyBytes } from "@safeconduct/foundation";

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

export interface OpenFile {
  /** All of `bytes`, from `offset`. */
  write(bytes: Uint8Array, offset: number): Promise<void>;
  truncate(lengthBytes: number): Promise<void>;
  /** fsync. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface FileSystem {
  /** Makes the folder and those above it where they are missing, and closes it to everybody else. */
  makeFolder(path: string): Promise<void>;
  list(folder: string): Promise<readonly string[]>;
  /** Null if there is none. */
  read(path: string): Promise<Bytes | null>;
  /** An empty file; one that is there is emptied. */
  create(path: string): Promise<OpenFile>;
  /** An existing file, or null. */
  open(path: string): Promise<OpenFile | null>;
  rename(from: string, to: string): Promise<void>;
  /** No error if there is none. */
  remove(path: string): Promise<void>;
  /** fsync of a folder: makes names in it durable. */
  syncFolder(path: string): Promise<void>;
}

export const nodeFileSystem: FileSystem = {
  async makeFolder(path) {
    await mkdir(path, { recursive: true, mode: FOLDER_MODE });
    await chmod(path, FOLDER_MODE);
  },
  list: (folder) => readdir(folder),
  read: (path) => orNull(readFile(path).then(copyBytes)),
  create: async (path) => openFile(await open(path, "w", FILE_MODE)),
  open: (path) => orNull(open(path, constants.O_RDWR).then(openFile)),
  rename: (from, to) => rename(from, to),
  remove: (path) => rm(path, { force: true }),
  async syncFolder(path) {
    // Windows cannot open folders; NTFS journals renames itself.
    if (process.platform === "win32") return;
    const folder = await open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
};

function openFile(handle: FileHandle): OpenFile {
  return {
    async write(bytes, offset) {
      let written = 0;
      while (written < bytes.length) {
        const rest = bytes.length - written;
        written += (await handle.write(bytes, written, rest, offset + written)).bytesWritten;
      }
    },
    truncate: (lengthBytes) => handle.truncate(lengthBytes),
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}

async function orNull<Value>(found: Promise<Value>): Promise<Value | null> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** Writes a whole file and makes its content, not yet its name, durable. */
export async function writeDurably(files: FileSystem, path: string, bytes: Uint8Array): Promise<void> {
  const file = await files.create(path);
  try {
    await file.write(bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
}
