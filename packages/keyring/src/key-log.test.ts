/** The key service's own log: what it tells, that it follows the ring through every crash, and what is found out. */
import { nodeCrypto } from "@safeconduct/crypto-node";
import { type Bytes, copyBytes, drawId, hexText } from "@safeconduct/foundation";
import { openCheckpoint, TreeReader, verifyConsistency } from "@safeconduct/ledger";
import { fakeKeyService, KeyServiceScene, MemoryRingStore, MemoryTileStore } from "@safeconduct/testkit";
import { beforeEach, describe, expect, it } from "vitest";
import { keyLogKey } from "./key-log.ts";
import { type KeyService, openKeyService } from "./key-service.ts";
import { JOURNAL_FOLD_RECORDS } from "./limits.ts";
import { LOG_LEAF_BYTES } from "./log-leaf.ts";
import { DamagedStore } from "./ring-store.ts";

const crypto = nodeCrypto();
const clock = { now: () => 1_800_000_000_000, monotonic: () => 0 };
const identity = { signing: await crypto.signatures.generateKeyPair() };
const { publicKey: apiPublicKey } = await crypto.signatures.generateKeyPair();
const organisation = drawId("organisation", crypto.random);
const logKey = keyLogKey(crypto.sha256, identity.signing.publicKey);

let store: MemoryRingStore;
let log: MemoryTileStore;
let service: KeyService;
let scene: KeyServiceScene;

const opened = (on: { store: MemoryRingStore; log: MemoryTileStore }) =>
  openKeyService({ ...on, crypto, clock, identity, apiPublicKey, onStoreLost: () => undefined });

async function start() {
  service = await opened({ store, log });
  const rest = await fakeKeyService({ crypto, clock });
  const keys = {
    ...rest,
    publicKeys: () => service.publicKeys(),
    addTransfer: service.addTransfer.bind(service),
    addGrant: service.addGrant.bind(service),
  };
  scene = new KeyServiceScene({ crypto, clock, keys, organisation });
}

beforeEach(async () => {
  store = new MemoryRingStore();
  log = new MemoryTileStore();
  await start();
});

async function told(): Promise<{ size: number; leaves: readonly string[] }> {
  const found = await openCheckpoint(crypto.signatures, log.checkpoint ?? "", { logKey });
  const size = found?.checkpoint.size ?? -1;
  const tree = new TreeReader({ sha256: crypto.sha256, size, readTile: (path) => log.readTile(path) });
  const leaves: Bytes[] = [];
  for (let index = 0; index < size; index++) leaves.push(await tree.entry(index));
  expect(await tree.root()).toEqual(found?.checkpoint.root);
  return { size, leaves: leaves.map(hexText) };
}

const loggedSize = () => Number((log.checkpoint ?? "").split("\n")[1]);

const codes = (leaves: readonly string[]) => leaves.map((leaf) => Number.parseInt(leaf.slice(2, 4), 16));
const hashOf = (leaf: string | undefined) => leaf?.slice(4, 68);

function copyOf(from: MemoryRingStore): MemoryRingStore {
  const copy = new MemoryRingStore();
  copy.generation = from.generation;
  copy.ring = copyBytes(from.ring);
  copy.journal = from.journal.map(copyBytes);
  return copy;
}

describe("the log of the key service", () => {
  it("has one entry for each suspension, resumption, hold, lifting and destruction, in their order", async () => {
    const transfer = await scene.addTransfer();
    const named = scene.named({ transfers: [transfer] });
    const hold = { organisation: scene.organisation, transfer: transfer.transfer, hold: drawId("hold", crypto.random) };
    await service.suspend(named);
    await service.resume(named);
    await service.hold(hold);
    await service.liftHold(hold);
    const { statements } = await service.shred(named);
    await service.followLog();
    const { leaves } = await told();
    expect(codes(leaves)).toEqual([2, 3, 5, 6, 4]);
    expect(leaves.every((leaf) => leaf.length === 2 * LOG_LEAF_BYTES)).toBe(true);
    expect(hashOf(leaves[4])).toBe(hexText(crypto.sha256(statements[0] ?? new Uint8Array(0))));
  });

  it("says nothing of what changed nothing", async () => {
    const transfer = await scene.addTransfer();
    const named = scene.named({ transfers: [transfer] });
    for (let time = 0; time < 3; time++) await service.suspend(named);
    for (let time = 0; time < 3; time++) await service.shred(named);
    await service.followLog();
    expect(codes((await told()).leaves)).toEqual([2, 4]);
  });

  it("answers a checkpoint under the pinned key with all that was done, and proves that it continues an earlier one", async () => {
    const transfers = await Promise.all([scene.addTransfer(), scene.addTransfer(), scene.addTransfer()]);
    const read = async (oldSize: number) => {
      const { checkpoint: text, proof } = await service.logCheckpoint({ oldSize });
      const found = await openCheckpoint(crypto.signatures, text, { logKey });
      if (found === null) throw new Error("not signed by the pinned key");
      return { ...found.checkpoint, proof };
    };
    await service.shred(scene.named({ transfers: transfers.slice(0, 1) }));
    const first = await read(0);
    await service.shred(scene.named({ transfers: transfers.slice(1) }));
    const second = await read(first.size);
    expect([first.size, second.size]).toEqual([1, 3]);
    const claim = { oldSize: 1, oldRoot: first.root, newSize: 3, newRoot: second.root, proof: second.proof };
    expect(verifyConsistency(crypto.sha256, claim)).toBe(true);
    expect(verifyConsistency(crypto.sha256, { ...claim, oldRoot: second.root })).toBe(false);
    expect((await read(4)).proof).toEqual([]);
  });

  it("is not waited for: an act is answered while the log cannot be written, and stands in it later", async () => {
    const transfer = await scene.addTransfer();
    log.beforeWrite = () => {
      throw new Error("disk full");
    };
    await service.suspend(scene.named({ transfers: [transfer] }));
    await expect(service.followLog()).rejects.toThrow("disk full");
    await expect(service.logCheckpoint({ oldSize: 0 })).rejects.toMatchObject({ code: "keys/unavailable" });
    log.beforeWrite = () => undefined;
    await service.followLog();
    expect(codes((await told()).leaves)).toEqual([2]);
  });
});

describe("after a crash", () => {
  it.each(["tiles", "checkpoint"] as const)(
    "before the log's %s, the next start adds what is missing",
    async (point) => {
      const transfer = await scene.addTransfer();
      const named = scene.named({ transfers: [transfer] });
      await service.suspend(named);
      await service.followLog();
      await service.resume(named);
      log.beforeWrite = (what) => {
        if (what === point) throw new Error("crash");
      };
      await service.followLog().catch(() => undefined);
      log = log.copy();
      store = copyOf(store);
      await start();
      expect(codes((await told()).leaves)).toEqual([2, 3]);
    },
  );

  it("at any moment of a long life the log is the same as without it", async () => {
    const leaves: string[] = [];
    for (let turn = 0; turn < 12; turn++) {
      const transfer = await scene.addTransfer();
      const named = scene.named({ transfers: [transfer] });
      await service.suspend(named);
      if (turn % 3 === 0) await service.followLog();
      if (turn % 4 === 1) await service.shred(named);
      if (turn % 2 === 0) {
        log = log.copy();
        store = copyOf(store);
        await start();
      }
      const now = (await told()).leaves;
      expect(now.slice(0, leaves.length)).toEqual(leaves);
      leaves.splice(0, leaves.length, ...now);
    }
    await service.followLog();
    expect(codes((await told()).leaves).filter((code) => code === 2)).toHaveLength(12);
    expect(codes((await told()).leaves).filter((code) => code === 4)).toHaveLength(3);
  });
});

describe("the ring", () => {
  it("leaves out what its log has, but for the last entry", async () => {
    const transfers = await Promise.all(Array.from({ length: 20 }, () => scene.addTransfer()));
    for (const transfer of transfers) await service.suspend(scene.named({ transfers: [transfer] }));
    await service.followLog();
    const before = store.ring.length;
    await service.shred(scene.named({ transfers: transfers.slice(0, 1) }));
    await service.followLog();
    const once = store.ring.length - before;
    await start();
    expect((await told()).size).toBe(21);
    expect(once).toBeLessThan(20 * 600 + 4 * LOG_LEAF_BYTES);
    const [second] = transfers.slice(1, 2);
    await service.shred(scene.named({ transfers: second === undefined ? [] : [second] }));
    await service.followLog();
    expect((await told()).size).toBe(22);
  });

  it("of an older copy is found out by the log", async () => {
    const named = scene.named({ transfers: [await scene.addTransfer()] });
    const old = copyOf(store);
    await service.shred(named);
    await service.followLog();
    await expect(opened({ store: old, log })).rejects.toThrow(/older copy/);
  });

  it("that went another way than its log is found out", async () => {
    const named = scene.named({ transfers: [await scene.addTransfer()] });
    const old = copyOf(store);
    await service.suspend(named);
    await service.followLog();
    const other = await opened({ store: old, log: new MemoryTileStore() });
    await other.hold({
      organisation: scene.organisation,
      transfer: named.transfers[0] ?? ("" as never),
      hold: drawId("hold", crypto.random),
    });
    await expect(opened({ store: old, log })).rejects.toThrow(/another one/);
  });

  it("does not begin a second log where the first is missing, cut off, or another key service's", async () => {
    const transfers = [await scene.addTransfer(), await scene.addTransfer(), await scene.addTransfer()];
    for (const transfer of transfers) await service.suspend(scene.named({ transfers: [transfer] }));
    await service.followLog();
    const cut = log.copy();
    await service.shred(scene.named({ transfers: transfers.slice(0, 1) }));
    await service.followLog();
    await service.shred(scene.named({ transfers: transfers.slice(1) }));
    const missing = new MemoryTileStore();
    await expect(opened({ store: copyOf(store), log: missing })).rejects.toThrow(DamagedStore);
    expect(missing.checkpoint).toBeNull();
    // The ring keeps one entry of those that the log had; this copy lacks more.
    cut.checkpoint = null;
    await expect(opened({ store: copyOf(store), log: cut })).rejects.toThrow(DamagedStore);
    const foreign = log.copy();
    foreign.checkpoint = (log.checkpoint ?? "").replace("safeconduct-keys/", "safeconduct-keys/0");
    await expect(opened({ store: copyOf(store), log: foreign })).rejects.toThrow(DamagedStore);
  });

  it("keeps its log through a fold of the journal", async () => {
    const transfer = await scene.addTransfer();
    await service.suspend(scene.named({ transfers: [transfer] }));
    const [record] = store.journal.slice(-1);
    if (record === undefined) throw new Error("nothing was journalled");
    store.journal.push(...Array.from({ length: JOURNAL_FOLD_RECORDS - store.journal.length }, () => copyBytes(record)));
    await start();
    const entries = loggedSize();
    await service.resume(scene.named({ transfers: [transfer] }));
    expect(store.journal).toHaveLength(0);
    await service.followLog();
    expect(loggedSize()).toBe(entries + 1);
    await start();
    expect(loggedSize()).toBe(entries + 1);
  });
});
