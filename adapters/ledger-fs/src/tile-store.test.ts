import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { type Bytes, utf8Bytes } from "@safeconduct/foundation";
import {
  ED25519_KEY,
  LedgerWriter,
  makeVerifierKey,
  type NoteSigner,
  type TileStore,
  tilePath,
  verifyLog,
} from "@safeconduct/ledger";
import { tileStoreSuite } from "@safeconduct/testkit";
import { afterAll, describe, expect, it } from "vitest";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";
import { openTileStore } from "./tile-store.ts";

const { sha256, signatures } = nodeCrypto();
const scratch = mkdtempSync(join(tmpdir(), "ledger-fs-"));
const folders = new WeakMap<TileStore, string>();
let made = 0;

afterAll(() => rmSync(scratch, { recursive: true }));

function freshFolder(): string {
  made++;
  return join(scratch, String(made));
}

async function open(folder: string, files?: FileSystem): Promise<TileStore> {
  const store = await openTileStore(folder, files);
  folders.set(store, folder);
  return store;
}

tileStoreSuite("a folder", {
  fresh: () => open(freshFolder()),
  reopen: (store) => open(folders.get(store) ?? "unknown"),
});

describe("a log in a folder", () => {
  it("clears at start what a crash has left behind", async () => {
    const folder = freshFolder();
    await open(folder);
    writeFileSync(join(folder, "temporary", "7"), "half a tile");
    await open(folder);
    expect(readdirSync(join(folder, "temporary"))).toEqual([]);
  });

  it("drops partial tiles only once a checkpoint covers the full tile", async () => {
    const store = await open(freshFolder());
    const partial = { path: tilePath({ level: 0, index: 0, width: 2 }), bytes: filled(1, 64) };
    await store.writeTiles([partial]);
    await store.writeTiles([{ path: tilePath({ level: 0, index: 0, width: 256 }), bytes: filled(1, 8192) }]);
    expect(await store.readTile(partial.path)).not.toBeNull();
    await store.writeCheckpoint("covers it\n");
    expect(await store.readTile(partial.path)).toBeNull();
  });

  it("refuses to write anything but tiles", async () => {
    const store = await open(freshFolder());
    await expect(store.writeTiles([{ path: "../escape", bytes: filled(1, 1) }])).rejects.toThrow(RangeError);
  });
});

describe("when the disk fails at one operation", async () => {
  const signer = await makeSigner();
  const leaves = Array.from({ length: 300 }, (_, i) => utf8Bytes(`entry ${i}`));

  it("every single failure leaves a log that opens, verifies and takes the same leaves again", async () => {
    let failAt = 0;
    for (let finished = false; !finished; failAt++) {
      const folder = freshFolder();
      const store = await open(folder);
      const before = await LedgerWriter.open({ sha256, signatures, store, signer });
      await before.append(leaves.slice(0, 250));

      const { files, failed } = failingFiles(failAt);
      const writer = await tryOpen(folder, files, signer);
      const acknowledged = writer !== null && (await succeeds(() => writer.append(leaves.slice(250))));
      finished = !failed();
      expect(acknowledged).toBe(finished || writer?.size === 300);

      const healed = await LedgerWriter.open({ sha256, signatures, store: await open(folder), signer });
      expect([250, 300]).toContain(healed.size);
      await healed.recover({
        count: async () => leaves.length,
        read: async ({ firstIndex, limit }) => leaves.slice(firstIndex, firstIndex + limit),
      });
      const copy = await open(folder);
      const checkpointText = (await copy.readCheckpoint()) ?? "";
      const readTile = (path: string) => copy.readTile(path);
      const verdict = await verifyLog({ sha256, signatures }, { readTile, checkpointText, logKey: signer.key });
      expect(verdict).toMatchObject({ ok: true, checkpoint: { size: 300 } });
    }
    // Opening, 50 entries over two bundles, a full tile and two levels: fewer operations would mean some were not tried.
    expect(failAt).toBeGreaterThan(25);
  });

  it("a failed append is repeated by the same writer without a restart", async () => {
    const folder = freshFolder();
    const started = await LedgerWriter.open({ sha256, signatures, store: await open(folder), signer });
    await started.append(leaves.slice(0, 3));
    for (let failAt = 0; failAt < 20; failAt++) {
      const { files, failed, arm } = failingFiles(Number.POSITIVE_INFINITY);
      const writer = await LedgerWriter.open({ sha256, signatures, store: await open(folder, files), signer });
      const { size } = writer;
      arm(failAt);
      const batch = [utf8Bytes(`again ${failAt}`)];
      const first = await succeeds(() => writer.append(batch));
      expect(first).toBe(!failed());
      arm(Number.POSITIVE_INFINITY);
      if (!first) await writer.append(batch);
      expect(writer.size).toBe(size + 1);
      expect((await LedgerWriter.open({ sha256, signatures, store: await open(folder), signer })).size).toBe(size + 1);
    }
  });
});

async function makeSigner(): Promise<NoteSigner> {
  const { publicKey, privateKey } = await signatures.generateKeyPair();
  return { key: makeVerifierKey(sha256, { name: "ledger.example", type: ED25519_KEY, publicKey }), privateKey };
}

async function tryOpen(folder: string, files: FileSystem, signer: NoteSigner): Promise<LedgerWriter | null> {
  try {
    return await LedgerWriter.open({ sha256, signatures, store: await open(folder, files), signer });
  } catch {
    return null;
  }
}

async function succeeds(action: () => Promise<unknown>): Promise<boolean> {
  try {
    await action();
    return true;
  } catch {
    return false;
  }
}

/** The real file system whose operation number `failAt`, counted from 0, fails once. Removal is best effort and not counted. */
function failingFiles(failAt: number) {
  let count = 0;
  let target = failAt;
  let hit = false;
  const step = () => {
    if (count++ !== target) return;
    hit = true;
    throw new Error("the disk failed");
  };
  const files: FileSystem = {
    read: nodeFileSystem.read,
    list: nodeFileSystem.list,
    remove: nodeFileSystem.remove,
    async write(path, bytes) {
      step();
      await nodeFileSystem.write(path, bytes);
    },
    async rename(from, to) {
      step();
      await nodeFileSystem.rename(from, to);
    },
    async syncFolder(path) {
      step();
      await nodeFileSystem.syncFolder(path);
    },
    async makeFolder(path) {
      step();
      await nodeFileSystem.makeFolder(path);
    },
  };
  const arm = (at: number) => {
    count = 0;
    target = at;
    hit = false;
  };
  return { files, failed: () => hit, arm };
}

function filled(value: number, length: number): Bytes {
  return new Uint8Array(length).fill(value);
}
