/** The shelf over a file system of the origin that is made here: its disk can be full, and workers can stop without a word. */
import type { Bytes } from "@safeconduct/foundation";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PartShelf } from "./part-shelf.ts";

const HOME = "safeconduct-parts";
/** What lies in the folder of each worker, by name. */
type Folders = Map<string, Map<string, Bytes>>;

let folders: Folders;
let held: Set<string>;
/** Which files of which folders are open: the browser removes no folder that has one. */
let open: Set<string>;
let spaceBytes: number;

const usedBytes = () =>
  [...folders.values()].flatMap((files) => [...files.values()]).reduce((sum, { length }) => sum + length, 0);

function fileHandle(folder: string, files: Map<string, Bytes>, name: string) {
  const createSyncAccessHandle = async () => {
    open.add(`${folder}/${name}`);
    return {
      truncate: (length: number) => files.set(name, (files.get(name) ?? new Uint8Array(0)).slice(0, length)),
      write(bytes: Bytes) {
        files.set(name, new Uint8Array(0));
        const length = Math.min(bytes.length, spaceBytes - usedBytes());
        files.set(name, bytes.slice(0, length));
        return length;
      },
      close: () => open.delete(`${folder}/${name}`),
    };
  };
  return { createSyncAccessHandle, getFile: async () => new Blob([files.get(name) ?? new Uint8Array(0)]) };
}

function folderHandle(name: string) {
  const files = folders.get(name) ?? new Map<string, Bytes>();
  folders.set(name, files);
  return {
    name,
    async getFileHandle(file: string) {
      if (!files.has(file)) files.set(file, new Uint8Array(0));
      return fileHandle(name, files, file);
    },
  };
}

const home = {
  getDirectoryHandle: async (name: string) => folderHandle(name),
  async *keys() {
    yield* Array.from(folders.keys());
  },
  async removeEntry(name: string) {
    if ([...open].some((file) => file.startsWith(`${name}/`)))
      throw new DOMException("open", "NoModificationAllowedError");
    folders.delete(name);
  },
};
const locks = {
  async request(name: string, options: unknown, work?: (lock: object | null) => Promise<unknown>) {
    const run = work ?? (options as (lock: object | null) => Promise<unknown>);
    if (held.has(name)) return run(null);
    held.add(name);
    try {
      return await run({ name });
    } finally {
      held.delete(name);
    }
  },
};

beforeEach(() => {
  [folders, held, open, spaceBytes] = [new Map(), new Set(), new Set(), 1000];
  const root = { getDirectoryHandle: async (name: string) => (name === HOME ? home : null) };
  vi.stubGlobal("navigator", { storage: { getDirectory: async () => root }, locks });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

async function opened(name = "worker"): Promise<PartShelf> {
  const shelf = await PartShelf.open(name);
  if (shelf === null) throw new Error("no shelf");
  return shelf;
}
const part = (length: number, value = 1): Bytes => new Uint8Array(length).fill(value);
const textOf = async (body: Blob | undefined) => [...new Uint8Array((await body?.arrayBuffer()) ?? new ArrayBuffer(0))];

describe("a shelf for parts", () => {
  it("gives each part back as a file, and its place to a later one, longer or shorter", async () => {
    const shelf = await opened();
    const first = await shelf.putAside(part(5, 1));
    const second = await shelf.putAside(part(4, 2));
    expect(await textOf(first?.body)).toEqual([1, 1, 1, 1, 1]);
    expect(await textOf(second?.body)).toEqual([2, 2, 2, 2]);
    first?.release();
    expect(await textOf((await shelf.putAside(part(2, 3)))?.body)).toEqual([3, 3]);
    expect([...(folders.get("worker")?.keys() ?? [])]).toEqual(["0", "1"]);
  });

  it("on a disk that is full takes nothing, keeps only what is on its way, and is not asked again", async () => {
    const shelf = await opened();
    spaceBytes = 20;
    const sent = await shelf.putAside(part(7));
    const waiting = await shelf.putAside(part(6));
    sent?.release();
    expect(await shelf.putAside(part(15))).toBeNull();
    expect(await textOf(waiting?.body)).toHaveLength(6);
    expect([...(folders.get("worker")?.values() ?? [])].map(({ length }) => length)).toEqual([0, 6]);
    spaceBytes = 1000;
    expect(await shelf.putAside(part(1))).toBeNull();
    await shelf.close();
    expect([...folders.keys()]).toEqual([]);
  });

  it("leaves nothing when it is closed, and takes nothing then", async () => {
    const shelf = await opened();
    await shelf.putAside(part(7));
    await shelf.close();
    expect([...folders.keys()]).toEqual([]);
    expect(await shelf.putAside(part(7))).toBeNull();
  });

  it("clears what a worker left that was stopped, and nothing of one that still works", async () => {
    const working = await opened("working");
    await working.putAside(part(3));
    folders.set("stopped", new Map([["0", part(9)]]));
    await opened("another");
    expect([...folders.keys()]).toEqual(["working", "another"]);
  });

  it("leaves to the next one what the browser still closes of a worker that was just stopped", async () => {
    await (await opened("stopped")).putAside(part(9));
    held.delete("safeconduct-parts stopped");
    await opened("another");
    expect([...folders.keys()]).toEqual(["stopped", "another"]);
    open.clear();
    await opened("third");
    expect([...folders.keys()]).toEqual(["another", "third"]);
  });

  it.each([
    ["has no such place", { storage: {}, locks }],
    ["refuses it", { storage: { getDirectory: () => Promise.reject(new DOMException("no", "SecurityError")) }, locks }],
  ])("is not there where the browser %s", async (_, navigator) => {
    vi.stubGlobal("navigator", navigator);
    expect(await PartShelf.open("worker")).toBeNull();
  });
});
