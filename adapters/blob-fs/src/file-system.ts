/** The few calls of the file system that the blob store makes, so that a test can let each of them fail. */
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm, statfs, unlink } from "node:fs/promises";
import { DirectWay } from "./direct-way.ts";
import { errorCode } from "./errors.ts";

export interface NewBlobFile {
  /** Appends. Bytes written, which may be fewer than given. */
  write(bytes: Uint8Array): Promise<number>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface BlobFile {
  /** Bytes read into `buffer` from `position` on; 0 at the end. */
  read(buffer: Uint8Array, position: number): Promise<number>;
  sizeBytes(): Promise<number>;
  close(): Promise<void>;
}

export interface BlobFileSystem {
  /** A new file that only this account can read. Rejects when the name is taken. */
  create(path: string): Promise<NewBlobFile>;
  open(path: string): Promise<BlobFile>;
  /** Makes one folder. False when it is there already. */
  makeFolder(path: string): Promise<boolean>;
  /** Makes the entries of a folder survive a power cut. */
  syncFolder(path: string): Promise<void>;
  /** Replaces what has the new name, in one step. */
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** A folder and all in it. No error when it is not there. */
  removeFolder(path: string): Promise<void>;
  /** Bytes that may still be written where `path` lies. */
  freeBytes(path: string): Promise<number>;
  /** Names in a folder; none when it is not there. */
  list(path: string): Promise<readonly string[]>;
}

const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

export const nodeFileSystem: BlobFileSystem = {
  async create(path) {
    const handle = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, PRIVATE_FILE);
    const way = new DirectWay(path, constants.O_WRONLY);
    let end = 0;
    return {
      async write(bytes) {
        const put = async (to: FileHandle) => (await to.write(bytes, 0, bytes.length, end)).bytesWritten;
        const written = (await way.go(bytes, end, put)) ?? (await put(handle));
        end += written;
        return written;
      },
      sync: () => handle.sync(),
      close: () => closeBoth(way, handle),
    };
  },
  async open(path) {
    const handle = await open(path, constants.O_RDONLY);
    const way = new DirectWay(path, constants.O_RDONLY);
    return {
      async read(buffer, position) {
        const get = async (from: FileHandle) => (await from.read(buffer, 0, buffer.length, position)).bytesRead;
        return (await way.go(buffer, position, get)) ?? get(handle);
      },
      sizeBytes: async () => (await handle.stat()).size,
      close: () => closeBoth(way, handle),
    };
  },
  makeFolder: (path) =>
    mkdir(path, { mode: PRIVATE_FOLDER }).then(
      () => true,
      (error: unknown) => {
        if (errorCode(error) === "EEXIST") return false;
        throw error;
      },
    ),
  async syncFolder(path) {
    // Windows opens no folders, and its file systems keep names in their journal.
    if (process.platform === "win32") return;
    const folder = await open(path, constants.O_RDONLY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
  rename,
  unlink,
  removeFolder: (path) => rm(path, { recursive: true, force: true }),
  async freeBytes(path) {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  },
  list: async (path) => (await readdir(path).catch(unless("ENOENT"))) ?? [],
};

async function closeBoth(way: DirectWay, handle: FileHandle): Promise<void> {
  try {
    await way.close();
  } finally {
    await handle.close();
  }
}

const unless = (expected: string) => (error: unknown) => {
  if (errorCode(error) !== expected) throw error;
};
