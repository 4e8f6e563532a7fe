/**
 * After a downtime everything is due at once. Five thousand links on a real SQLite and a real ledger folder end and are destroyed
 * in one sweep, in batches: no look into the database brings more than a batch into memory. `npm run bench -- expiry` has the
 * larger numbers.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeCrypto } from "@safeconduct/crypto-node";
import type { Store, View } from "@safeconduct/exchange";
import { drawId, type TransferId } from "@safeconduct/foundation";
import { openTileStore } from "@safeconduct/ledger-fs";
import { openSqlite } from "@safeconduct/sqlite";
import { cheapCrypto, ExchangeScene, known, SCENE_START, sealedTransfer } from "@safeconduct/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";

const LINKS = 5_000;
/** Rows of the largest batch, those that destroy. */
const BATCH_ROWS = 100;
const HOUR_MS = 3_600_000;

let folder = "";
let store: Store;
let scene: ExchangeScene;
/** Rows that one look brought into memory, at most. */
let mostRows = 0;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "catch-up-"));
  store = (await openSqlite({ file: join(folder, "a.db") })).store;
  const tiles = await openTileStore(join(folder, "ledger"));
  scene = await ExchangeScene.open({
    crypto: cheapCrypto(nodeCrypto()),
    ports: { store: countingRows(store), tiles },
  });
  mostRows = 0;
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

function countingRows(counted: Store): Store {
  const view = <V extends View>(given: V): V =>
    new Proxy(given, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        // Leaves on their way to the tree have a batch of their own.
        if (typeof method !== "function" || name === "leavesFrom" || name === "sequenceEvents") return method;
        return async (...args: unknown[]) => {
          const found: unknown = await Reflect.apply(method, target, args);
          if (Array.isArray(found)) mostRows = Math.max(mostRows, found.length);
          return found;
        };
      },
    });
  return {
    transaction: (work) => counted.transaction((tx) => work(view(tx))),
    read: (work) => counted.read((given) => work(view(given))),
    scrub: () => counted.scrub(),
    close: () => counted.close(),
  };
}

/** Active transfers with one link each, like one that was sealed, without the work of sealing them. */
async function due(count: number): Promise<void> {
  const { id, grant } = await sealedTransfer(scene, await scene.desk());
  const model = await store.read(async (view) => ({
    transfer: known(await view.findTransfer(id)),
    grant: known(await view.findGrant(grant)),
  }));
  const ids: TransferId[] = Array.from({ length: count - 1 }, () => drawId("transfer", scene.random));
  await store.transaction(async (tx) => {
    for (const transfer of ids) {
      await tx.addTransfer({ ...model.transfer, id: transfer });
      const link = {
        id: drawId("grant", scene.random),
        transfer,
        notAfter: SCENE_START + HOUR_MS,
        endsAt: SCENE_START + HOUR_MS,
      };
      await tx.addGrant({ ...model.grant, ...link });
    }
  });
}

test("five thousand links that ended during a downtime end and are destroyed in one sweep, a batch at a time", async () => {
  await due(LINKS);
  scene.clock.advance(30 * 24 * HOUR_MS);
  const mark = scene.watch.calls.length;
  await scene.sweep();
  const entries = await scene.entries();
  for (const type of ["grant/expired", "transfer/expired", "transfer/destroyed"])
    expect(entries.filter((each) => each === type)).toHaveLength(LINKS);
  expect(scene.ledger.size).toBe(entries.length);
  expect(mostRows).toBeGreaterThan(0);
  expect(mostRows).toBeLessThanOrEqual(BATCH_ROWS);
  const calls = scene.watch.calls.slice(mark);
  // Ends and destructions take turns, fifty each: a new ring for each fifty, and a few transactions.
  expect(calls.filter((call) => call === "keys.shred")).toHaveLength(LINKS / 50);
  expect(calls.filter((call) => call === "store.transaction").length).toBeLessThan((6 * LINKS) / 50);
  const size = scene.ledger.size;
  expect(await scene.sweep()).toBe(false);
  expect(scene.ledger.size).toBe(size);
});
