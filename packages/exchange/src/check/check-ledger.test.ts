/** Ledger, database and readable events against each other, in memory. The damage of real files is in tests/fault. */
import { nodeCrypto } from "@safeconduct/crypto-node";
import { cheapCrypto, type Desk, ExchangeScene, known, sealedTransfer } from "@safeconduct/testkit";
import { beforeEach, expect, test } from "vitest";
import type { Store, View } from "../store.ts";
import { eraseTransfer } from "../retention/erase.ts";
import { revokeTransfer } from "../transfers/revoke.ts";
import { checkLedger } from "./check-ledger.ts";
import { Findings } from "./findings.ts";

const crypto = cheapCrypto(nodeCrypto());
let scene: ExchangeScene;
let desk: Desk;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
  const { id } = await sealedTransfer(scene, desk);
  await revokeTransfer(scene.deps, desk.caller, id);
  await scene.sweep();
  await eraseTransfer(scene.deps, desk.caller, id);
  await sealedTransfer(scene, desk);
});

async function check(changed: { checkpointText?: string | null; seenText?: string; store?: Store } = {}) {
  const findings = new Findings();
  const { checkpointText = await scene.tiles.readCheckpoint(), seenText = null, store = scene.store } = changed;
  const copy = {
    readTile: (path: string) => scene.tiles.readTile(path),
    checkpointText,
    logKey: scene.logKey,
    seenText,
  };
  const counted = await checkLedger({ ...crypto, store }, copy, findings);
  return { ...counted, codes: findings.all.map(({ code }) => code) };
}

test("a ledger with an erased transfer in it is whole", async () => {
  const { codes, entries, treeSize } = await check();
  expect(codes).toEqual([]);
  expect(treeSize).toBe(entries);
});

test.each([
  ["another member", { member: null }],
  ["another outcome", { outcome: "grant/unavailable" }],
  ["another organisation", { organisation: null }],
  ["another time of the same minute", { at: 1 }],
  ["no member, where the event was erased", { body: null, salt: null }],
])("an event that is filed under %s is found", async (_claim, filed) => {
  const event = known(
    (await scene.store.read((view) => view.leavesFrom(0, 1000))).findLast(({ member }) => member !== null),
  );
  const changed = { ...event, ...filed, ...("at" in filed ? { at: event.at + 1 } : {}) };
  const store = {
    ...scene.store,
    read: <T>(work: (view: View) => Promise<T>) =>
      scene.store.read((view) =>
        work({
          ...view,
          leavesFrom: async (from, limit) =>
            (await view.leavesFrom(from, limit)).map((each) => (each.id === event.id ? changed : each)),
        }),
      ),
  };
  expect((await check({ store })).codes).toEqual(["event/differs"]);
});

test("a ledger without its checkpoint is not", async () => {
  expect((await check({ checkpointText: null })).codes).toEqual(["ledger/checkpoint-refused"]);
});

test("a ledger that is shorter than what the key service has seen is an older copy", async () => {
  const earlier = (await scene.tiles.readCheckpoint()) ?? "";
  await sealedTransfer(scene, desk);
  const seenText = (await scene.tiles.readCheckpoint()) ?? "";
  expect((await check({ checkpointText: earlier, seenText })).codes).toEqual(["ledger/older-copy"]);
  expect((await check({ seenText: earlier })).codes).toEqual([]);
});

test("entries that have no place yet are told, and are no damage", async () => {
  scene.watch.before("tiles.writeTiles", () => {
    throw scene.outage("tiles");
  });
  await sealedTransfer(scene, desk).catch(() => undefined);
  const { codes, entries, treeSize } = await check();
  expect(codes).toEqual(["ledger/waiting"]);
  expect(entries).toBeGreaterThan(treeSize ?? 0);
});
