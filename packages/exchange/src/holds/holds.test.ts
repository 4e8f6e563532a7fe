/** Holds: what they keep, what they do not open, and what follows when they go. */
import { nodeCrypto } from "@safeconduct/crypto-node";
import { drawId, type GrantId, type TransferId } from "@safeconduct/foundation";
import {
  cheapCrypto,
  type Desk,
  ExchangeScene,
  filledDraft,
  known,
  outcomeOf,
  sealedTransfer,
} from "@safeconduct/testkit";
import { beforeEach, expect, test } from "vitest";
import { release } from "../grants/release.ts";
import { HOLD_REASONS, type HoldReason } from "../records.ts";
import { abandonTransfer, revokeTransfer } from "../transfers/revoke.ts";
import { showTransfer } from "../transfers/show-transfers.ts";
import { liftHold } from "./lift-hold.ts";
import { placeHold } from "./place-hold.ts";

const crypto = cheapCrypto(nodeCrypto());
const ONE = [{ address: "a@x.example", name: null }];
const MONTH_MS = 30 * 86_400_000;
let scene: ExchangeScene;
let desk: Desk;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
});

const hold = (transfer: TransferId, reason: HoldReason = "audit", by: Desk = desk) =>
  outcomeOf(placeHold(scene.deps, by.caller, { transfer, reason }));
const lift = (transfer: TransferId, reason: HoldReason | null = null, by: Desk = desk) =>
  outcomeOf(liftHold(scene.deps, by.caller, { transfer, reason }));
const stateOf = async (id: TransferId) => known(await scene.store.read((view) => view.findTransfer(id))).state;
const shareStates = async (id: TransferId, grants: readonly GrantId[] = []) => {
  const status = await scene.keys.status({ organisation: desk.organisation.id, transfers: [id], grants });
  return [...status.transfers, ...status.grants].map(({ state }) => state);
};
const hasBlob = async (id: TransferId) => {
  for await (const stored of scene.blobs.list()) if (stored === id) return true;
  return false;
};
const askAnew = async (grant: GrantId) => {
  const { publicKey } = await crypto.hpke.generateKeyPair();
  return outcomeOf(release(scene.deps, { grant, session: drawId("session", crypto.random) }, publicKey));
};

test("a held transfer ends in its time and opens to nobody, but keeps shares and ciphertext until the hold is lifted", async () => {
  const { id, grants } = await sealedTransfer(scene, desk, { recipients: ONE });
  expect(await hold(id)).toBe("done");
  scene.clock.advance(MONTH_MS);
  await scene.sweep();
  expect(await stateOf(id)).toBe("expired");
  expect(await askAnew(known(grants[0]))).toBe("grant/unavailable");
  scene.clock.advance(MONTH_MS);
  await scene.sweep();
  expect([await stateOf(id), await hasBlob(id), ...(await shareStates(id, grants))]).toEqual([
    "expired",
    true,
    "active",
    "active",
  ]);
  expect((await showTransfer(scene.deps, desk.caller, id)).holds).toMatchObject([{ reason: "audit" }]);
  expect(await lift(id)).toBe("done");
  await scene.sweep();
  expect([await stateOf(id), await hasBlob(id), ...(await shareStates(id, grants))]).toEqual([
    "destroyed",
    false,
    "shredded",
    "shredded",
  ]);
  const entries = await scene.entries(id);
  expect(entries.filter((type) => type.startsWith("hold/"))).toEqual(["hold/placed", "hold/lifted"]);
});

test("what is revoked under a hold is denied at once, and destroyed when the last hold is lifted", async () => {
  const { id, grants } = await sealedTransfer(scene, desk, { recipients: ONE });
  await hold(id, "audit");
  await hold(id, "litigation");
  await revokeTransfer(scene.deps, desk.caller, id);
  await scene.sweep();
  expect(await askAnew(known(grants[0]))).toBe("grant/unavailable");
  expect(await shareStates(id)).toEqual(["suspended"]);
  await lift(id, "audit");
  await scene.sweep();
  expect(await shareStates(id)).toEqual(["suspended"]);
  await lift(id, "litigation");
  await scene.sweep();
  expect(await shareStates(id)).toEqual(["shredded"]);
});

test("a draft can be held, also when it is given up", async () => {
  const { id } = await filledDraft(scene, desk);
  await hold(id);
  await abandonTransfer(scene.deps, desk.caller, id);
  await scene.sweep();
  expect([await stateOf(id), await hasBlob(id)]).toEqual(["abandoned", true]);
  await lift(id);
  await scene.sweep();
  expect([await stateOf(id), await hasBlob(id)]).toEqual(["destroyed", false]);
});

test("the same reason twice is one hold and one entry", async () => {
  const { id } = await sealedTransfer(scene, desk, { recipients: ONE });
  expect([await hold(id), await hold(id)]).toEqual(["done", "done"]);
  expect((await scene.entries(id)).filter((type) => type === "hold/placed")).toHaveLength(1);
  expect([await lift(id), await lift(id)]).toEqual(["done", "hold/none"]);
});

test("a hold comes too late for what is destroyed, and is nobody else's to place or lift", async () => {
  const { id } = await sealedTransfer(scene, desk, { recipients: ONE });
  const other = await scene.desk();
  expect([await hold(id, "audit", other), await lift(id, null, other)]).toEqual([
    "transfer/unknown",
    "transfer/unknown",
  ]);
  await revokeTransfer(scene.deps, desk.caller, id);
  await scene.sweep();
  expect(await hold(id)).toBe("hold/too-late");
  expect((await scene.entries(id)).filter((type) => type.startsWith("hold/"))).toEqual([]);
});

test("where the key service has destroyed already and the word of it was lost, the hold says that it is too late and ends", async () => {
  const { id } = await sealedTransfer(scene, desk, { recipients: ONE });
  await scene.keys.shred({ organisation: desk.organisation.id, transfers: [id], grants: [] });
  expect(await hold(id)).toBe("hold/too-late");
  expect(await scene.store.read((view) => view.holdsToTell(10))).toEqual([]);
  expect((await showTransfer(scene.deps, desk.caller, id)).holds).toEqual([]);
});

test("a key service that is away when a hold is placed is told by the sweep, and nothing is destroyed in between", async () => {
  const { id } = await sealedTransfer(scene, desk, { recipients: ONE });
  scene.watch.before("keys.hold", () => {
    throw scene.outage("keys");
  });
  expect(await hold(id)).toBe("keys/unavailable");
  await revokeTransfer(scene.deps, desk.caller, id);
  await outcomeOf(scene.sweep());
  expect(await shareStates(id)).toEqual(["suspended"]);
  scene.watch.clear();
  await scene.sweep();
  expect(await scene.store.read((view) => view.holdsToTell(10))).toEqual([]);
  const named = { organisation: desk.organisation.id, transfers: [id], grants: [] };
  expect(await outcomeOf(scene.keys.shred(named))).toBe("keys/held");
});

test("a key service that is away when a hold is lifted is told before the destruction", async () => {
  const { id } = await sealedTransfer(scene, desk, { recipients: ONE });
  await hold(id);
  await revokeTransfer(scene.deps, desk.caller, id);
  scene.watch.before("keys.liftHold", () => {
    throw scene.outage("keys");
  });
  expect(await lift(id)).toBe("done");
  scene.watch.clear();
  await scene.sweep();
  expect(await shareStates(id)).toEqual(["shredded"]);
});

test("there is a place for each reason", async () => {
  const { id } = await sealedTransfer(scene, desk, { recipients: ONE });
  for (const reason of HOLD_REASONS) expect(await hold(id, reason)).toBe("done");
  expect(await lift(id)).toBe("done");
  expect((await showTransfer(scene.deps, desk.caller, id)).holds).toEqual([]);
});
