/** The log of a real key service process, anchored in a ledger: it grows with what is done, and an older copy of its folder is found out. */
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { anchorKeyLog } from "@safeconduct/exchange";
import { keyLogKey } from "@safeconduct/keyring";
import { openCheckpoint } from "@safeconduct/ledger";
import { ExchangeScene, KeyServiceScene } from "@safeconduct/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { clock, crypto, DidNotStart, type KeyProcess, startKeyProcess } from "./keys-process.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "keys-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

it("a release and a destruction are anchored, and the key folder of before is found out", async () => {
  const api = await crypto.signatures.generateKeyPair();
  const home = join(root, "home");
  let running = await startKeyProcess({ home, api });
  const main = await ExchangeScene.open({ crypto });
  const logKey = keyLogKey(crypto.sha256, running.signingPublicKey);
  const { sha256, signatures } = crypto;
  const deps = { clock: main.clock, store: main.store, perform: main.perform, sha256, signatures, logKey };
  const anchor = async (of: KeyProcess) => (await anchorKeyLog({ ...deps, keys: of.keys }, { alarmed: null })).outcome;
  const size = async (of: KeyProcess) => {
    const { checkpoint } = await of.keys.logCheckpoint(0);
    return (await openCheckpoint(signatures, checkpoint, { logKey }))?.checkpoint.size;
  };
  const anchors = async () =>
    (await main.store.read((view) => view.leavesFrom(0, 1000)))
      .filter(({ type }) => type === "keys/anchored")
      .map(({ body }) => (JSON.parse(body ?? "") as { outcome: string }).outcome);

  const scene = new KeyServiceScene({ crypto, clock, keys: running.keys });
  const { transfer, grant } = await scene.transferWithGrant();
  await (await scene.drawDevice()).ask(grant);
  expect([await size(running), await anchor(running)]).toEqual([1, "anchored"]);
  await running.kill();
  const old = join(root, "old");
  await cp(home, old, { recursive: true });

  running = await startKeyProcess({ home, api });
  await running.keys.shred(scene.named({ transfers: [transfer], grants: [grant] }));
  // kill -9 before the log has it: the ring tells it, and the next start adds it.
  await running.kill();
  running = await startKeyProcess({ home, api });
  expect([await size(running), await anchor(running), await anchor(running)]).toEqual([3, "anchored", "unchanged"]);
  await running.stop();

  const stale = await startKeyProcess({ home: old, api });
  expect([await size(stale), await anchor(stale)]).toEqual([1, "forked"]);
  for (let more = 0; more < 3; more++) {
    const again = new KeyServiceScene({ crypto, clock, keys: stale.keys });
    await stale.keys.suspend(again.named({ transfers: [await again.addTransfer()] }));
  }
  // Longer than the anchored one by now, and still another.
  expect([await size(stale), await anchor(stale)]).toEqual([4, "forked"]);
  expect(await anchors()).toEqual(["done", "done", "keys/log-forked", "keys/log-forked"]);
  await stale.stop();
});

it("a ring of before beside its newer log stops the start", async () => {
  const api = await crypto.signatures.generateKeyPair();
  const home = join(root, "mixed");
  let running = await startKeyProcess({ home, api });
  const scene = new KeyServiceScene({ crypto, clock, keys: running.keys });
  const transfer = await scene.addTransfer();
  await running.stop();
  const before = join(root, "mixed-before");
  await cp(home, before, { recursive: true });
  running = await startKeyProcess({ home, api });
  await running.keys.shred(scene.named({ transfers: [transfer] }));
  await running.stop();
  await rm(join(before, "log"), { recursive: true });
  await cp(join(home, "log"), join(before, "log"), { recursive: true });
  const refused = await startKeyProcess({ home: before, api }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(DidNotStart);
  expect(refused).toMatchObject({ exitCode: 65 });
  expect((refused as DidNotStart).stderr).toContain("older copy");
});
