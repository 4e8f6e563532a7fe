/** Time, failing storage and batches; what every key service does is in testkit's suite. */
import { nodeCrypto } from "@safeconduct/crypto-node";
import { copyBytes, drawId } from "@safeconduct/foundation";
import { fakeKeyService, KeyServiceScene, MemoryRingStore, MemoryTileStore, outcomeOf } from "@safeconduct/testkit";
import { beforeEach, describe, expect, it } from "vitest";
import { encodeJournalRecord } from "./journal.ts";
import { openKeyService } from "./key-service.ts";
import { JOURNAL_FOLD_RECORDS } from "./limits.ts";
import { ANSWER_LIMIT } from "./ring.ts";
import { DamagedStore } from "./ring-store.ts";

const crypto = nodeCrypto();
const ownKey = await crypto.signatures.generateKeyPair();
const START = 1_800_000_000_000;
let now = START;
const clock = { now: () => now, monotonic: () => now };

let keys: Awaited<ReturnType<typeof fakeKeyService>>;
let scene: KeyServiceScene;
beforeEach(async () => {
  now = START;
  keys = await fakeKeyService({ crypto, clock });
  scene = new KeyServiceScene({ crypto, clock, keys });
});

describe("a grant", () => {
  it("begins and ends by the key service's own clock, to the millisecond", async () => {
    const { grant } = await scene.transferWithGrant({ notBefore: START + 10, notAfter: START + 20 });
    const device = await scene.drawDevice();
    const outcomes: string[] = [];
    for (now of [START + 9, START + 10, START + 19, START + 20]) outcomes.push(await outcomeOf(device.ask(grant)));
    expect(outcomes).toEqual(["keys/not-yet", "done", "done", "keys/ended"]);
  });

  it("without a cap goes on counting where answers are no longer kept", async () => {
    const { grant } = await scene.transferWithGrant();
    const first = await scene.drawDevice();
    await first.ask(grant);
    for (let count = 0; count < ANSWER_LIMIT; count++) await (await scene.drawDevice()).ask(grant);
    const again = await first.ask(grant);
    expect(again.releases).toBe(ANSWER_LIMIT + 2);
    expect(await first.open(grant, again)).not.toBeNull();
  });

  it("under a cap knows every device, and seals anew for one whose answer is no longer kept", async () => {
    const cap = ANSWER_LIMIT + 1;
    const { transfer, grant } = await scene.transferWithGrant({ releaseCap: cap });
    const first = await scene.drawDevice();
    await first.ask(grant);
    for (let count = 1; count < cap; count++) await (await scene.drawDevice()).ask(grant);
    const again = await first.ask(grant);
    expect(again.releases).toBe(cap);
    expect(await first.open(grant, again)).toEqual({ transferShare: transfer.share, grantShare: grant.share });
    expect(await outcomeOf((await scene.drawDevice()).ask(grant))).toBe("keys/capped");
  });
});

describe("when a write is taken back", () => {
  it("nothing of it has happened, and asking again does it", async () => {
    const { transfer, grant } = await scene.transferWithGrant({ releaseCap: 1 });
    const device = await scene.drawDevice();
    keys.store.failing = "taken-back";
    const named = scene.named({ transfers: [transfer], grants: [grant] });
    for (const asked of [() => device.ask(grant), () => keys.suspend(named), () => keys.shred(named)]) {
      expect(await outcomeOf(asked())).toBe("keys/unavailable");
      expect((await keys.status(named)).grants).toEqual([{ state: "active", releases: 0 }]);
    }
    keys.store.failing = null;
    expect((await device.ask(grant)).releases).toBe(1);
  });
});

describe("when nobody knows what the disk holds", () => {
  it("everything is unavailable until the store is opened anew, and that is told once", async () => {
    const store = new MemoryRingStore();
    let lost = 0;
    const identity = { signing: await crypto.signatures.generateKeyPair() };
    const { publicKey: apiPublicKey } = await crypto.signatures.generateKeyPair();
    const ports = {
      store,
      log: new MemoryTileStore(),
      crypto,
      clock,
      identity,
      apiPublicKey,
      onStoreLost: () => void (lost += 1),
    };
    const service = await openKeyService(ports);
    const watched = { ...keys, publicKeys: () => service.publicKeys() };
    const drawn = await new KeyServiceScene({ crypto, clock, keys: watched }).drawTransfer();
    const { appends } = store;
    store.failing = "lasting";
    expect(await outcomeOf(service.addTransfer(drawn.request))).toBe("keys/unavailable");
    store.failing = null;
    expect(await outcomeOf(service.addTransfer(drawn.request))).toBe("keys/unavailable");
    expect(lost).toBe(1);
    expect(store.appends).toBe(appends);
  });
});

describe("what waits", () => {
  it("is written together: the first by itself, all that came meanwhile at once", async () => {
    const transfers = await Promise.all(Array.from({ length: 40 }, () => scene.addTransfer()));
    const { appends } = keys.store;
    await Promise.all(transfers.map((transfer) => keys.suspend(scene.named({ transfers: [transfer] }))));
    expect(keys.store.appends).toBe(appends + 2);
    const { generation } = keys.store;
    await Promise.all(transfers.map((transfer) => keys.shred(scene.named({ transfers: [transfer] }))));
    expect(keys.store.generation).toBe(generation + 2);
  });

  it("does not make a new ring for what is destroyed already", async () => {
    const transfer = await scene.addTransfer();
    await keys.shred(scene.named({ transfers: [transfer] }));
    const { generation } = keys.store;
    await keys.shred(scene.named({ transfers: [transfer] }));
    expect(keys.store.generation).toBe(generation);
  });

  it("names the generation in which it is destroyed", async () => {
    const before = keys.store.generation;
    const transfer = await scene.addTransfer();
    await keys.shred(scene.named({ transfers: [transfer] }));
    expect(keys.store.generation).toBe(before + 1);
  });
});

describe("a ring with its journal", () => {
  const record = encodeJournalRecord({
    type: "suspended",
    organisation: drawId("organisation", crypto.random),
    transfers: [],
    grants: [],
  });

  const identity = { signing: ownKey };
  let log: MemoryTileStore;
  beforeEach(() => {
    log = new MemoryTileStore();
  });

  async function openedOn(store: MemoryRingStore) {
    const { publicKey: apiPublicKey } = await crypto.signatures.generateKeyPair();
    const service = await openKeyService({
      store,
      log,
      crypto,
      clock,
      identity,
      apiPublicKey,
      onStoreLost: () => undefined,
    });
    const watched = { ...keys, publicKeys: () => service.publicKeys() };
    return { service, scene: new KeyServiceScene({ crypto, clock, keys: watched }) };
  }

  it.each([
    // The first record brings the clock's along, and there is one for an intake key.
    ["stays one", JOURNAL_FOLD_RECORDS - 3, 1],
    ["is folded into a new ring", JOURNAL_FOLD_RECORDS - 2, 2],
  ])("%s with three records more than %i", async (_what, records, generation) => {
    const store = new MemoryRingStore();
    store.journal = Array.from({ length: records }, () => copyBytes(record));
    const opened = await openedOn(store);
    const drawn = await opened.scene.drawTransfer();
    await opened.service.addTransfer(drawn.request);
    expect(store.generation).toBe(generation);
    const { organisation, transfer } = drawn;
    const reopened = await openedOn(store);
    const status = reopened.service.status({ organisation, transfers: [transfer], grants: [] });
    expect(status.transfers).toEqual([{ state: "active", releases: 0 }]);
  });

  it("that cannot be read is refused", async () => {
    const store = new MemoryRingStore();
    store.journal = [Uint8Array.of(1, 99)];
    await expect(openedOn(store)).rejects.toThrow(DamagedStore);
    const other = new MemoryRingStore();
    other.ring = Uint8Array.of(4);
    await expect(openedOn(other)).rejects.toThrow(DamagedStore);
  });
});
