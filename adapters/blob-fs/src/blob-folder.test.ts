/** The suite on a real folder, and a failure at each call of the file system in turn. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BlobStore, StoredPart } from "@safeconduct/exchange";
import { type Bytes, concatBytes, copyBytes, hexText, type TransferId } from "@safeconduct/foundation";
import { aTransferId, blobStoreSuite, chunksOf, gate } from "@safeconduct/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openBlobFolder, RESERVE_BYTES } from "./blob-folder.ts";
import { type BlobFileSystem, nodeFileSystem } from "./file-system.ts";

const PART = /^[0-9]+-[0-9a-f]{64}\.part$/;
const nameOf = ({ number, sha256 }: StoredPart) => `${number}-${hexText(sha256)}.part`;

let parent = "";
let folder = "";
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "blobs-"));
  folder = join(parent, "blobs");
});
afterEach(() => {
  rmSync(parent, { recursive: true });
});

blobStoreSuite("a folder", () => openBlobFolder({ folder }));

const EARLIER = new Uint8Array(700).fill(1);
const LATER = new Uint8Array(900).fill(2);
const listed = async (store: BlobStore) => {
  const transfers: TransferId[] = [];
  for await (const transfer of store.list()) transfers.push(transfer);
  return transfers;
};
const filesIn = (path: string) =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);

test.for([
  // create, write, sync, close, two folders, rename and the sync of the transfer's folder.
  ["a put", 8],
  // And the syncs of the folders that it lies in.
  ["the first put of a transfer", 10],
] as const)(
  "a failure at any call of %s leaves the part that was there and no unfinished file",
  async ([which, calls]) => {
    for (const code of ["EIO", "ENOSPC", "EDQUOT"]) {
      let failures = 0;
      for (let call = 1; ; call++) {
        folder = join(parent, `${code}-${call}`);
        const transfer = aTransferId();
        const faulty = failingAt(call, code);
        const store = await openBlobFolder({ folder, fs: faulty.fs });
        const part = await store.putPart(transfer, 1, EARLIER.length, chunksOf(EARLIER, 500));
        faulty.arm();
        const outcome = await store
          .putPart(which === "a put" ? transfer : aTransferId(), 1, LATER.length, chunksOf(LATER, 500))
          .catch((error: unknown) => error as { code?: string });
        if (!faulty.hasFailed()) break;
        failures++;
        expect(outcome).toMatchObject({ code: code === "EIO" ? "EIO" : "storage/full" });
        faulty.disarm();
        const stored = filesIn(folder);
        expect(stored.filter((name) => !PART.test(name))).toEqual([]);
        expect(stored).toContain(nameOf(part));
        const reader = await openBlobFolder({ folder });
        const chunks = [];
        const range = { transfer, parts: [part], offset: 0, lengthBytes: part.sizeBytes };
        for await (const chunk of reader.read(range)) chunks.push(copyBytes(chunk));
        expect(concatBytes(...chunks)).toEqual(EARLIER);
      }
      expect(failures).toBe(calls);
    }
  },
);

/** Two parts of one transfer, of the first an earlier body too, which nobody wants any more. */
async function twoBodies(fs: BlobFileSystem) {
  const transfer = aTransferId();
  const store = await openBlobFolder({ folder, fs });
  const put = (number: number, body: Bytes) => store.putPart(transfer, number, body.length, chunksOf(body, 500));
  const earlier = await put(1, EARLIER);
  const parts = [await put(1, LATER), await put(2, EARLIER)];
  return { store, transfer, earlier, parts };
}
const contentOf = async (store: BlobStore, transfer: TransferId, parts: readonly StoredPart[]) => {
  const chunks = [];
  const lengthBytes = parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  for await (const chunk of store.read({ transfer, parts, offset: 0, lengthBytes })) chunks.push(copyBytes(chunk));
  return concatBytes(...chunks);
};

test("a failure at any call of keeping only the parts that count takes none of them, and a second call keeps only them", async () => {
  let failures = 0;
  for (let call = 1; ; call++) {
    folder = join(parent, `keep-${call}`);
    const faulty = failingAt(call, "EIO");
    const { store, transfer, earlier, parts } = await twoBodies(faulty.fs);
    faulty.arm();
    const outcome = await store.keepOnly(transfer, parts).catch((error: unknown) => error as { code?: string });
    if (!faulty.hasFailed()) break;
    failures++;
    // It is told: whoever asked does not take it for done.
    expect(outcome).toMatchObject({ code: "EIO" });
    faulty.disarm();
    expect(await contentOf(store, transfer, parts)).toEqual(concatBytes(LATER, EARLIER));
    const left = filesIn(folder).toSorted();
    const kept = parts.map(nameOf);
    expect([kept.toSorted(), [...kept, nameOf(earlier)].toSorted()]).toContainEqual(left);
    await store.keepOnly(transfer, parts);
    expect(filesIn(folder).toSorted()).toEqual(kept.toSorted());
    expect(await contentOf(store, transfer, parts)).toEqual(concatBytes(LATER, EARLIER));
  }
  // The look into the folder, the one body too many, the folder's sync.
  expect(failures).toBe(3);
});

test("a failure at any call of a deletion is told, and a second call leaves nothing", async () => {
  let failures = 0;
  for (let call = 1; ; call++) {
    folder = join(parent, `delete-${call}`);
    const faulty = failingAt(call, "EIO");
    const { store, transfer } = await twoBodies(faulty.fs);
    faulty.arm();
    const outcome = await store.delete(transfer).catch((error: unknown) => error as { code?: string });
    if (!faulty.hasFailed()) break;
    failures++;
    expect(outcome).toMatchObject({ code: "EIO" });
    faulty.disarm();
    faulty.syncs.length = 0;
    await store.delete(transfer);
    expect(filesIn(folder)).toEqual([]);
    expect(await listed(store)).toEqual([]);
    // What an earlier call removed without bringing it to the disk, this one has.
    expect(faulty.syncs).toEqual([join(folder, transfer.slice(4, 6))]);
  }
  // The removal and the sync of the folder above.
  expect(failures).toBe(2);
});

test("a deletion that stops half-way stays listed, takes nothing of others, and is finished by a second call", async () => {
  let isBroken = true;
  const fs: BlobFileSystem = {
    ...nodeFileSystem,
    async removeFolder(path) {
      if (!isBroken) return nodeFileSystem.removeFolder(path);
      await nodeFileSystem.unlink(join(path, readdirSync(path).toSorted()[0] ?? ""));
      throw Object.assign(new Error("EIO: injected"), { code: "EIO" });
    },
  };
  const { store, transfer } = await twoBodies(fs);
  const other = await twoBodies(fs);
  await expect(store.delete(transfer)).rejects.toMatchObject({ code: "EIO" });
  expect((await listed(store)).toSorted()).toEqual([transfer, other.transfer].toSorted());
  isBroken = false;
  await store.delete(transfer);
  expect(await listed(store)).toEqual([other.transfer]);
  expect(await contentOf(store, other.transfer, other.parts)).toEqual(concatBytes(LATER, EARLIER));
});

test("a write that takes fewer bytes than it was given goes on with the rest", async () => {
  const fs: BlobFileSystem = {
    ...nodeFileSystem,
    create: async (path) => {
      const file = await nodeFileSystem.create(path);
      return { ...file, write: (bytes) => file.write(bytes.subarray(0, 7)) };
    },
  };
  const store = await openBlobFolder({ folder, fs });
  const transfer = aTransferId();
  const part = await store.putPart(transfer, 1, EARLIER.length, chunksOf(EARLIER, 500));
  for await (const chunk of store.read({ transfer, parts: [part], offset: 0, lengthBytes: 700 })) {
    expect(chunk).toEqual(EARLIER);
  }
});

test("what an earlier process left unfinished is gone after opening", async () => {
  const store = await openBlobFolder({ folder });
  const transfer = aTransferId();
  const part = await store.putPart(transfer, 1, EARLIER.length, chunksOf(EARLIER, 500));
  writeFileSync(join(folder, "unfinished", "left"), "half a part");
  expect(filesIn(folder).toSorted()).toEqual([nameOf(part), "left"]);
  await openBlobFolder({ folder });
  expect(filesIn(folder)).toEqual([nameOf(part)]);
});

test("a part that lost its end on the disk is not read", async () => {
  const store = await openBlobFolder({ folder });
  const transfer = aTransferId();
  const part = await store.putPart(transfer, 1, EARLIER.length, chunksOf(EARLIER, 500));
  truncateSync(join(folder, transfer.slice(4, 6), transfer, nameOf(part)), 699);
  const chunks = store.read({ transfer, parts: [part], offset: 0, lengthBytes: 10 });
  await expect(chunks[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "storage/damaged" });
});

test("names that are no transfer are not listed", async () => {
  const store = await openBlobFolder({ folder });
  mkdirSync(join(folder, "ab", "lost+found"), { recursive: true });
  mkdirSync(join(folder, "ab", aTransferId()), { recursive: true });
  writeFileSync(join(folder, "ab", "lost+found", "1.part"), "x");
  for await (const transfer of store.list()) expect(transfer).toBe("no transfer");
  expect(filesIn(folder)).toEqual(["1.part"]);
});

test.skipIf(process.platform === "win32")(
  "only the owner can look into folders and parts (skipped on Windows)",
  async () => {
    const store = await openBlobFolder({ folder });
    const transfer = aTransferId();
    const part = await store.putPart(transfer, 1, EARLIER.length, chunksOf(EARLIER, 500));
    const home = join(folder, transfer.slice(4, 6), transfer);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(home).mode & 0o777).toBe(0o700);
    expect(statSync(join(home, nameOf(part))).mode & 0o777).toBe(0o600);
  },
);

/** The real file system, whose `failAt`-th call after `arm` fails. Closing does its work all the same. */
function failingAt(failAt: number, code: string) {
  let calls = 0;
  let isArmed = false;
  let hasFailed = false;
  const syncs: string[] = [];
  const failing = <Args extends readonly unknown[], T>(run: (...args: Args) => Promise<T>) => {
    return async (...args: Args): Promise<T> => {
      if (isArmed && ++calls === failAt) {
        hasFailed = true;
        throw Object.assign(new Error(`${code}: injected`), { code });
      }
      return run(...args);
    };
  };
  const fs: BlobFileSystem = {
    ...nodeFileSystem,
    create: failing(async (path) => {
      const file = await nodeFileSystem.create(path);
      const failsToClose = failing(async () => {});
      return {
        ...file,
        write: failing(file.write),
        sync: failing(file.sync),
        close: async () => {
          await file.close();
          await failsToClose();
        },
      };
    }),
    makeFolder: failing(nodeFileSystem.makeFolder),
    rename: failing(nodeFileSystem.rename),
    unlink: failing(nodeFileSystem.unlink),
    removeFolder: failing(nodeFileSystem.removeFolder),
    list: failing(nodeFileSystem.list),
    syncFolder: failing((path: string) => {
      syncs.push(path);
      return nodeFileSystem.syncFolder(path);
    }),
  };
  return {
    fs,
    /** Folders that were brought to the disk, in order. */
    syncs,
    arm: () => {
      isArmed = true;
    },
    disarm: () => {
      isArmed = false;
    },
    hasFailed: () => hasFailed,
  };
}

test.for([
  ["exactly the reserve beside it", 0, "kept"],
  ["a byte less than the reserve beside it", -1, "storage/full"],
] as const)("a part that leaves %s is %s", async ([, spareBytes, outcome]) => {
  const free = 10_000;
  const fs: BlobFileSystem = { ...nodeFileSystem, freeBytes: async () => free };
  const store = await openBlobFolder({ folder, fs, reserveBytes: free - EARLIER.length - spareBytes });
  const put = store.putPart(aTransferId(), 1, EARLIER.length, chunksOf(EARLIER, 500)).then(
    () => "kept",
    (error: { code: string }) => error.code,
  );
  expect(await put).toBe(outcome);
  expect(filesIn(folder)).toHaveLength(outcome === "kept" ? 1 : 0);
});

test("parts that come at once have room for all of them or are refused, and one that fails gives its room back", async () => {
  const [first, second] = [gate(), gate()];
  const fs: BlobFileSystem = { ...nodeFileSystem, freeBytes: async () => 2_000 };
  const store = await openBlobFolder({ folder, fs, reserveBytes: 0 });
  const transfer = aTransferId();
  const slow = async function* (held: ReturnType<typeof gate>) {
    await held.hold();
    yield EARLIER;
  };
  const put = (number: number, body: AsyncIterable<Uint8Array>) =>
    store.putPart(transfer, number, EARLIER.length, body).then(
      () => "kept",
      (error: { code: string }) => error.code,
    );
  const held = [put(1, slow(first)), put(2, slow(second))];
  await Promise.all([first.arrived, second.arrived]);
  // 1,400 of 2,000 bytes are promised, though nothing is written yet.
  expect(await put(3, chunksOf(EARLIER, 500))).toBe("storage/full");
  for (const each of [first, second]) each.open();
  expect(await Promise.all(held)).toEqual(["kept", "kept"]);
  expect(await put(3, chunksOf(EARLIER, 500))).toBe("kept");
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    yield EARLIER.subarray(0, 100);
    throw new RangeError("broken");
  };
  for (let at = 0; at < 5; at++) expect(await put(4, broken())).toBeUndefined();
  expect(await put(4, chunksOf(EARLIER, 500))).toBe("kept");
});

test("a part during which others fill the disk is given up before the reserve is touched", async () => {
  const piece = new Uint8Array(1 << 20);
  let written = 0;
  const fs: BlobFileSystem = {
    ...nodeFileSystem,
    freeBytes: async () => (written === 0 ? Number.MAX_SAFE_INTEGER : RESERVE_BYTES),
  };
  const pieces = async function* () {
    for (; written < 40; written++) yield piece;
  };
  const store = await openBlobFolder({ folder, fs });
  const put = store.putPart(aTransferId(), 1, 40 * piece.length, pieces());
  await expect(put).rejects.toMatchObject({ code: "storage/full" });
  expect(written).toBeLessThan(20);
  expect(filesIn(folder)).toEqual([]);
});
