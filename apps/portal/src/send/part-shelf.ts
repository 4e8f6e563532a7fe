/**
 * Encrypted parts that wait to be sent, as files of the origin's own file system (OPFS): from there the browser sends them as it sends any
 * file, in no memory of the page. A part that is given to a request as bytes stays in memory until a collection that nothing sets off, and
 * costs twice as much on its way (docs/adr/0027-parts-aside.md). Only ciphertext ever lies here. A folder for each worker, under a Web Lock;
 * what a worker leaves that was stopped goes when another opens its shelf, or closes it.
 */
import type { AsidePart } from "@safeconduct/client";
import type { Bytes } from "@safeconduct/foundation";
import { holdLock } from "./thread-lock.ts";

/** What a file has in workers alone; TypeScript's library for pages leaves it out. */
interface WorkerFile extends FileSystemFileHandle {
  createSyncAccessHandle(): Promise<FileAccess>;
}
interface FileAccess {
  truncate(sizeBytes: number): void;
  write(bytes: Bytes, options: { at: number }): number;
  close(): void;
}

/** A file for one part after the other. To open it takes twice as long as to write a part, so it stays open. */
interface Place {
  readonly file: FileSystemFileHandle;
  readonly access: FileAccess;
}

const HOME = "safeconduct-parts";

const lockName = (folder: string): string => `${HOME} ${folder}`;

export class PartShelf {
  private readonly home: FileSystemDirectoryHandle;
  private readonly folder: FileSystemDirectoryHandle;
  private readonly places: Place[] = [];
  private readonly free: Place[] = [];
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
    let place: Place | undefined;
    try {
      place = this.free.pop() ?? (await this.newPlace());
      const { file, access } = place;
      access.truncate(bytes.length);
      if (access.write(bytes, { at: 0 }) !== bytes.length) throw new Error("not written whole");
      const taken = place;
      return { body: await file.getFile(), release: () => this.free.push(taken) };
    } catch {
      this.usable = false;
      if (place !== undefined) this.free.push(place);
      // On a disk that is full what nobody waits for is in the way of everything else.
      for (const { access } of this.free.splice(0)) access.truncate(0);
      return null;
    }
  }

  private async newPlace(): Promise<Place> {
    const name = `${this.count++}`;
    const file = (await this.folder.getFileHandle(name, { create: true })) as WorkerFile;
    const place = { file, access: await file.createSyncAccessHandle() };
    this.places.push(place);
    return place;
  }

  /** Nothing is left of it. */
  async close(): Promise<void> {
    this.usable = false;
    for (const { access } of this.places) access.close();
    await this.home.removeEntry(this.folder.name, { recursive: true }).catch(() => undefined);
    await removeLeftovers(this.home).catch(() => undefined);
  }
}

async function removeLeftovers(home: FileSystemDirectoryHandle): Promise<void> {
  for await (const name of home.keys()) {
    await navigator.locks.request(lockName(name), { ifAvailable: true }, async (lock) => {
      // The browser may still be closing the files of a worker that it has just stopped: the next one then.
      if (lock !== null) await home.removeEntry(name, { recursive: true }).catch(() => undefined);
    });
  }
}
