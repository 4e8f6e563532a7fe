/**
 * What the simulation has found, so that it stays mended: the seeds of the lives, and each story told step by step, because a
 * seed means another life as soon as the walk draws otherwise.
 */
import { nodeCrypto } from "@safeconduct/crypto-node";
import { anchorKeyLog, certificateOf, draftTransfer } from "@safeconduct/exchange";
import { keyLogKey } from "@safeconduct/keyring";
import { cheapCrypto, ExchangeScene, outcomeOf, prepareTransfer, sealedTransfer } from "@safeconduct/testkit";
import { expect, test } from "vitest";
import { live } from "./lives.ts";

const crypto = cheapCrypto(nodeCrypto());
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

test.each([[900_077, "nothing was destroyed by time any more once the ledger had stood still for a week"]])(
  "the life with seed %i stays mended: %s",
  async (seed) => {
    expect(await live(seed)).toBeGreaterThan(0);
  },
);

test("a draft whose entry found the ledger away has no certificate yet, and has one once the ledger is back", async () => {
  const scene = await ExchangeScene.open({ crypto });
  const desk = await scene.desk();
  const prepared = await prepareTransfer(scene, desk);
  scene.watch.before("tiles.writeTiles", () => {
    throw scene.outage("tiles");
  });
  expect(await outcomeOf(draftTransfer(scene.deps, desk.caller, prepared.draft))).toBe("ledger/unavailable");
  const ledger = {
    size: scene.ledger.size,
    readTile: (path: string) => scene.tiles.readTile(path),
    checkpointCovering: async () => ({ size: scene.ledger.size, text: scene.ledger.checkpointText }),
  };
  const certificate = () => outcomeOf(certificateOf({ ...scene.deps, ledger }, desk.caller, prepared.id));
  expect(await certificate()).toBe("ledger/unavailable");
  scene.watch.clear();
  await scene.sequencer.settled();
  ledger.size = scene.ledger.size;
  expect(await certificate()).toBe("done");
});

test("what ended before the server stood still for weeks is destroyed after it, though nobody signs in", async () => {
  const scene = await ExchangeScene.open({ crypto });
  const desk = await scene.desk();
  const { id, sent } = await sealedTransfer(scene, desk);
  scene.clock.set(sent.notAfter);
  await scene.sweep(HOUR_MS);
  scene.clock.advance(20 * DAY_MS);
  expect(await outcomeOf(scene.sweep(HOUR_MS))).toBe("keys/clock-stopped");
  const logKey = keyLogKey(crypto.sha256, (await scene.keys.publicKeys()).signingPublicKey);
  await anchorKeyLog({ ...scene.deps, logKey }, { alarmed: null });
  await scene.sweep(HOUR_MS);
  expect((await scene.store.read((view) => view.findTransfer(id)))?.state).toBe("destroyed");
});
