/** Closing a link for now, and what a last link's end leaves to destroy. */
import { nodeCrypto } from "@safeconduct/crypto-node";
import { drawId, type GrantId, type TransferId } from "@safeconduct/foundation";
import { cheapCrypto, type Desk, ExchangeScene, known, outcomeOf, sealedTransfer } from "@safeconduct/testkit";
import { beforeEach, expect, test } from "vitest";
import { release } from "../grants/release.ts";
import { revokeGrant } from "./revoke.ts";
import { resumeGrant, suspendGrant } from "./suspend-grant.ts";

const crypto = cheapCrypto(nodeCrypto());
const TWO = ["a@x.example", "b@x.example"].map((address) => ({ address, name: null }));
let scene: ExchangeScene;
let desk: Desk;
let id: TransferId;
let first: GrantId;
let second: GrantId;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
  const sealed = await sealedTransfer(scene, desk, { recipients: TWO });
  [id, first, second] = [sealed.id, known(sealed.grants[0]), known(sealed.grants[1])];
});

const suspend = (grant: GrantId, by: Desk = desk) =>
  outcomeOf(suspendGrant(scene.deps, by.caller, { transfer: id, grant }));
const resume = (grant: GrantId, by: Desk = desk) =>
  outcomeOf(resumeGrant(scene.deps, by.caller, { transfer: id, grant }));
const shareStates = async () =>
  (await scene.keys.status({ organisation: desk.organisation.id, transfers: [], grants: [first, second] })).grants.map(
    ({ state }) => state,
  );
const askAnew = async (grant: GrantId) => {
  const { publicKey } = await crypto.hpke.generateKeyPair();
  return outcomeOf(release(scene.deps, { grant, session: drawId("session", crypto.random) }, publicKey));
};

test("a suspended link opens nothing, the other one does, and resuming opens it again", async () => {
  expect(await suspend(first)).toBe("done");
  expect([await askAnew(first), await askAnew(second)]).toEqual(["grant/unavailable", "done"]);
  expect(await shareStates()).toEqual(["suspended", "active"]);
  expect(await resume(first)).toBe("done");
  expect(await askAnew(first)).toBe("done");
  const entries = (await scene.entries(id)).filter((type) => type === "grant/suspended" || type === "grant/resumed");
  expect(entries).toEqual(["grant/suspended", "grant/resumed"]);
});

test("its time runs on: a suspended link expires and is destroyed", async () => {
  await suspend(first);
  scene.clock.advance(30 * 86_400_000);
  await scene.sweep();
  expect(await resume(first)).toBe("grant/already-ended");
  scene.clock.advance(86_400_000);
  await scene.sweep();
  expect(await shareStates()).toEqual(["shredded", "shredded"]);
});

test("repeated, it is one entry; a stranger, another recipient kind and an ended link are refused", async () => {
  expect([await suspend(first), await suspend(first)]).toEqual(["done", "done"]);
  expect((await scene.entries(id)).filter((type) => type === "grant/suspended")).toHaveLength(1);
  const other = await scene.desk();
  expect([await suspend(first, other), await resume(first, other)]).toEqual(["transfer/unknown", "transfer/unknown"]);
  const [own] = await scene.store.read((view) => view.grantsOf(id));
  expect(await suspend(known(own).id)).toBe("grant/unknown");
  await revokeGrant(scene.deps, desk.caller, { transfer: id, grant: first });
  expect([await suspend(first), await resume(first)]).toEqual(["grant/already-ended", "grant/already-ended"]);
});

test("a key service that is away does not keep a link open; resuming says so and works when asked again", async () => {
  for (const call of ["keys.suspend", "keys.resume"]) {
    scene.watch.before(call, () => {
      throw scene.outage("keys");
    });
  }
  expect(await suspend(first)).toBe("done");
  expect(await askAnew(first)).toBe("grant/unavailable");
  expect(await resume(first)).toBe("keys/unavailable");
  scene.watch.clear();
  expect(await resume(first)).toBe("done");
  expect(await askAnew(first)).toBe("done");
});

test("when the last link is taken back while a capped recipient still reads, its share goes at once, the reader's stays", async () => {
  const capped = await sealedTransfer(scene, desk, { recipients: TWO, releaseCap: 1 });
  const [reader, other] = [known(capped.grants[0]), known(capped.grants[1])];
  expect(await askAnew(reader)).toBe("done");
  await revokeGrant(scene.deps, desk.caller, { transfer: capped.id, grant: other });
  await scene.sweep();
  const states = async () =>
    (
      await scene.keys.status({ organisation: desk.organisation.id, transfers: [capped.id], grants: [reader, other] })
    ).grants.map(({ state }) => state);
  expect(await states()).toEqual(["active", "shredded"]);
  scene.clock.advance(3_600_001);
  await scene.sweep();
  expect(await states()).toEqual(["shredded", "shredded"]);
});

test("what a compliance officer closed, only a compliance officer opens, also when its sender had closed it before", async () => {
  const sender = await scene.desk(desk.organisation, ["sender"]);
  const sealed = await sealedTransfer(scene, sender, { recipients: TWO });
  const officer = await scene.desk(desk.organisation, ["compliance-officer"]);
  const ids = { transfer: sealed.id, grant: sealed.grant };
  const closing = ({ caller }: Desk) => outcomeOf(suspendGrant(scene.deps, caller, ids));
  const opening = ({ caller }: Desk) => outcomeOf(resumeGrant(scene.deps, caller, ids));
  expect([await closing(sender), await closing(officer), await opening(sender)]).toEqual([
    "done",
    "done",
    "grant/closed-by-officer",
  ]);
  expect([await closing(sender), await opening(sender)]).toEqual(["done", "grant/closed-by-officer"]);
  const second = await scene.desk(desk.organisation, ["compliance-officer"]);
  expect([await opening(second), await askAnew(sealed.grant)]).toEqual(["done", "done"]);
  // A sender's own closing is theirs to open, and an officer's too.
  expect([await closing(sender), await opening(sender)]).toEqual(["done", "done"]);
  expect([await closing(sender), await opening(officer)]).toEqual(["done", "done"]);
});
