/**
 * Encrypted parts that wait to be sent, as files of the origin's own file system (OPFS): from there the browser sends them as it sends any
 * file, in no memory of the page. A part that is given to a request as bytes stays in memory until a collection that nothing sets off, and
 * costs twice as much on its way (docs/adr/0027-parts-aside.md). Only ciphertext ever lies here. A folder for each worker, under a Web Lock;
 * what a worker leaves that was stopped goes when the next one opens the shelf.
 */
import type { AsidePart } from "@safeconduct/client";
import type { Bytes } from "@safeconduct/foundation";
import { holdLock } from "./thread-lock.ts";

/** What a file has in workers alone; TypeScript's library for pages leaves it out. */
interface WorkerFile extends FileSystemFileHandle {
  createSyncAccessHandle(): Promise<{
    truncate(sizeBytes: number): void;
    write(bytes: Bytes, options: { at: number }): number;
    close(): void;
  }>;
}

const HOME = "safeconduct-parts";

const lockName = (folder: string): string => `${HOME} ${folder}`;

export class PartShelf {
  private readonly home: FileSystemDirectoryHandle;
  private readonly folder: FileSystemDirectoryHandle;
  private readonly free: string[] = [];
  private count = 0;
  /** Once it fails, a full disk say, parts go as bytes. */
  private usable = true;

  private constructor(home: FileSystemDirectoryHandle, folder: FileSystemDirectoryHandle) {
    [this.home, this.folder] = [home, folder];
  }

  /** `name` is this worker's alone. Null where the browser has no such place. */
  static async open(name: string): Promise<PartShelf | null> {
    try {
      const root = await navigator.storage.getDirectory();
      const home = await root.getDirectoryHandle(HOME, { create: true });
      if (!(await holdLock(lockName(name)))) return null;
      await removeLeftovers(home);
      return new PartShelf(home, await home.getDirectoryHandle(name, { create: true }));
    } catch {
      return null;
    }
  }

  /** The memory of `bytes` is free when this resolves. */
  async putAside(bytes: Bytes): Promise<AsidePart | null> {
    if (!this.usable) return null;
    const name = this.free.pop() ?? `${this.count++}`;
    try {
      const file = (await this.folder.getFileHandle(name, { create: true })) as WorkerFile;
      const access = await file.createSyncAccessHandle();
      try {
        access.truncate(bytes.length);
        if (access.write(bytes, { at: 0 }) !== bytes.length) throw new Error("not written whole");
      } finally {
        access.close();
      }
      return { body: await file.getFile(), release: () => this.free.push(name) };
    } catch {
      this.usable = false;
      // On a disk that is full half a part is in the way of everything else.
      await this.folder.removeEntry(name).catch(() => undefined);
      return null;
    }
  }

  /** Nothing is left of it. */
  async close(): Promise<void> {
    this.usable = false;
    await this.home.removeEntry(this.folder.name, { recursive: true }).catch(() => undefined);
  }
}

async function removeLeftovers(home: FileSystemDirectoryHandle): Promise<void> {
  for await (const name of home.keys()) {
    await navigator.locks.request(lockName(name), { ifAvailable: true }, async (lock) => {
      if (lock !== null) await home.removeEntry(name, { recursive: true });
    });
  }
}
