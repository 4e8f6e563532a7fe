import { nodeCrypto } from "@safeconduct/crypto-node";
import type { Bytes } from "@safeconduct/foundation";
import {
  cheapCrypto,
  type Desk,
  ExchangeScene,
  filledDraft,
  gate,
  known,
  outcomeOf,
  SCENE_START,
  sealedTransfer,
} from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import type { RecipientCaller } from "../callers.ts";
import { CAPPED_DOWNLOAD_MS } from "../transfers/limits.ts";
import { revokeGrant, revokeTransfer } from "../transfers/revoke.ts";
import { blobOpener, blobTarget } from "./read-blob.ts";
import { recordReceipt } from "./record-receipt.ts";
import { RELEASE_KEY_LIMIT, release } from "./release.ts";

const crypto = cheapCrypto(nodeCrypto());
const DAY_MS = 24 * 3_600_000;
const TWO = ["a@x.example", "b@x.example"].map((address) => ({ address, name: null }));
let scene: ExchangeScene;
let desk: Desk;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
});

const freshKey = async (): Promise<Bytes> => (await crypto.hpke.generateKeyPair()).publicKey;
const ask = (caller: RecipientCaller, key: Bytes) => release(scene.deps, caller, key);
const askAnew = async (caller: RecipientCaller) => outcomeOf(ask(caller, await freshKey()));
const grantOf = async (caller: RecipientCaller) =>
  known(await scene.store.read((view) => view.findGrant(caller.grant)));
const transferOf = async (id: Awaited<ReturnType<typeof sealedTransfer>>["id"]) =>
  known(await scene.store.read((view) => view.findTransfer(id)));

async function recipient(fields: Parameters<typeof sealedTransfer>[2] = {}) {
  const sealed = await sealedTransfer(scene, desk, fields);
  return { sealed, caller: await scene.confirmed(sealed.grant) };
}

describe("a release", () => {
  test("hands over sealed shares, the seal and the sender's device, and is one entry", async () => {
    const { sealed, caller } = await recipient();
    const released = await ask(caller, await freshKey());
    expect(released.device.id).toBe(desk.device.device);
    expect(released.transfer.sealRecord).toEqual(sealed.seal.record);
    expect((await scene.entries(sealed.id)).slice(-1)).toEqual(["grant/released"]);
    expect(await grantOf(caller)).toMatchObject({ state: "used", releases: 1, firstReleasedAt: SCENE_START });
  });

  test("to the same key is counted once and answered alike", async () => {
    const { caller } = await recipient({ releaseCap: 2 });
    const key = await freshKey();
    const [first, second] = [await ask(caller, key), await ask(caller, key)];
    expect(second.sealedShares).toEqual(first.sealedShares);
    expect(await grantOf(caller)).toMatchObject({ state: "used", releases: 1 });
  });

  test("to the same key, twenty times at once, is one entry", async () => {
    const { sealed, caller } = await recipient();
    const key = await freshKey();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcomeOf(ask(caller, key))));
    expect(new Set(outcomes)).toEqual(new Set(["done"]));
    expect((await scene.entries(sealed.id)).filter((type) => type === "grant/released")).toHaveLength(1);
  });

  test("is not asked of the key service before its entry stands", async () => {
    const { caller } = await recipient();
    const held = gate();
    scene.watch.before("tiles.writeCheckpoint", held.hold);
    const released = askAnew(caller);
    await held.arrived;
    expect(scene.watch.calls).not.toContain("keys.release");
    held.open();
    expect(await released).toBe("done");
  });

  test("does not happen while the ledger is away", async () => {
    const { caller } = await recipient();
    scene.watch.before("tiles.writeTiles", () => {
      throw scene.outage("tiles");
    });
    expect(await askAnew(caller)).toBe("ledger/unavailable");
    expect(scene.watch.calls).not.toContain("keys.release");
  });

  test.each(["before", "after"] as const)("repeated %s a key service that was away counts once", async (when) => {
    const { caller } = await recipient({ releaseCap: 1 });
    const key = await freshKey();
    scene.watch[when]("keys.release", () => {
      throw scene.outage("keys");
    });
    expect(await outcomeOf(ask(caller, key))).toBe("keys/unavailable");
    scene.watch.clear();
    expect(await outcomeOf(ask(caller, key))).toBe("done");
    expect(await grantOf(caller)).toMatchObject({ state: "capped", releases: 1 });
  });

  test("waits for its beginning and ends with its end, to the millisecond", async () => {
    const { sealed, caller } = await recipient({ lifeMs: 60_000 });
    scene.clock.set(sealed.sent.notAfter - 1);
    expect(await askAnew(caller)).toBe("done");
    scene.clock.set(sealed.sent.notAfter);
    expect(await askAnew(caller)).toBe("grant/unavailable");
    const later = await sealedTransfer(scene, desk, { notBefore: scene.clock.now() + 10 });
    expect(await askAnew({ ...caller, grant: later.grant })).toBe("grant/not-yet");
  });
});

describe("a cap", () => {
  test.each([1, 2, 3])("of %i holds against twenty devices at once", async (releaseCap) => {
    const { sealed, caller } = await recipient({ releaseCap });
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => askAnew(caller)));
    expect(outcomes.filter((outcome) => outcome === "done")).toHaveLength(releaseCap);
    expect(new Set(outcomes)).toEqual(new Set(["done", "grant/unavailable"]));
    expect(await grantOf(caller)).toMatchObject({ state: "capped", releases: releaseCap });
    const entries = await scene.entries(sealed.id);
    expect(entries.filter((type) => type === "grant/capped")).toHaveLength(1);
    expect(entries.filter((type) => type === "transfer/expired")).toHaveLength(1);
  });

  test("lets the last device go on reading for an hour, and no other in", async () => {
    const { sealed, caller } = await recipient({ releaseCap: 1 });
    const key = await freshKey();
    await ask(caller, key);
    expect(await askAnew(caller)).toBe("grant/unavailable");
    scene.clock.set(SCENE_START + CAPPED_DOWNLOAD_MS - 1);
    expect(await outcomeOf(ask(caller, key))).toBe("done");
    expect(await outcomeOf(blobTarget(scene.deps, caller))).toBe("done");
    expect(await outcomeOf(recordReceipt(scene.deps, caller, { files: 1 }))).toBe("done");
    scene.clock.set(SCENE_START + CAPPED_DOWNLOAD_MS);
    expect(await outcomeOf(ask(caller, key))).toBe("grant/unavailable");
    expect(await outcomeOf(blobTarget(scene.deps, caller))).toBe("grant/unavailable");
    await scene.sweep();
    expect((await transferOf(sealed.id)).state).toBe("destroyed");
  });

  test("never lets reading outlive the grant's own end", async () => {
    const { sealed, caller } = await recipient({ releaseCap: 1, lifeMs: 60_000 });
    await askAnew(caller);
    expect((await grantOf(caller)).destroyDueAt).toBe(sealed.sent.notAfter);
    scene.clock.set(sealed.sent.notAfter);
    expect(await outcomeOf(blobTarget(scene.deps, caller))).toBe("grant/unavailable");
  });

  test("taken back while the last device reads cuts it off", async () => {
    const { sealed, caller } = await recipient({ releaseCap: 1 });
    await askAnew(caller);
    expect(await outcomeOf(blobTarget(scene.deps, caller))).toBe("done");
    await revokeTransfer(scene.deps, desk.caller, sealed.id);
    expect(await outcomeOf(blobTarget(scene.deps, caller))).toBe("grant/unavailable");
    expect(await outcomeOf(blobOpener(scene.deps)(sealed.id))).toBe("grant/unavailable");
    await scene.sweep();
    expect((await transferOf(sealed.id)).state).toBe("destroyed");
  });

  test("reached by one lets them read on when another's link is taken back", async () => {
    const { sealed, caller } = await recipient({ releaseCap: 1, recipients: TWO });
    await askAnew(caller);
    const other = sealed.grants.find((grant) => grant !== caller.grant);
    await revokeGrant(scene.deps, desk.caller, { transfer: sealed.id, grant: known(other) });
    expect((await transferOf(sealed.id)).state).toBe("expired");
    expect(await outcomeOf(blobTarget(scene.deps, caller))).toBe("done");
  });

  test("reached without our knowing is taken over from the key service", async () => {
    const { caller } = await recipient({ releaseCap: 1 });
    scene.watch.after("keys.release", () => {
      scene.watch.before("store.transaction", () => {
        throw scene.outage("store");
      });
    });
    expect(await askAnew(caller)).toBe("store/unavailable");
    scene.watch.clear();
    expect((await grantOf(caller)).state).toBe("used");
    expect(await askAnew(caller)).toBe("grant/unavailable");
    expect(await grantOf(caller)).toMatchObject({ state: "capped", releases: 1 });
  });

  test("with another grant open leaves the transfer open", async () => {
    const { sealed, caller } = await recipient({
      releaseCap: 1,
      recipients: ["a@x.example", "b@x.example"].map((address) => ({ address, name: null })),
    });
    await askAnew(caller);
    expect((await transferOf(sealed.id)).state).toBe("active");
    await revokeTransfer(scene.deps, desk.caller, sealed.id);
    expect(await outcomeOf(blobTarget(scene.deps, caller))).toBe("grant/unavailable");
    expect(await askAnew(caller)).toBe("grant/unavailable");
  });
});

test("a link without a cap takes a hundred devices and then the known ones alone", async () => {
  const { sealed, caller } = await recipient({ lifeMs: DAY_MS });
  const first = await freshKey();
  await ask(caller, first);
  for (let device = 2; device <= RELEASE_KEY_LIMIT; device++) expect(await askAnew(caller)).toBe("done");
  const entries = (await scene.entries(sealed.id)).length;
  expect(await askAnew(caller)).toBe("grant/unavailable");
  expect(await outcomeOf(ask(caller, first))).toBe("done");
  expect(await scene.entries(sealed.id)).toHaveLength(entries);
});

describe("a revocation", () => {
  test("while a release is on its way to the key service wins, also when the key service was not told", async () => {
    for (const isTold of [true, false]) {
      const { sealed, caller } = await recipient();
      if (!isTold) {
        scene.watch.before("keys.suspend", () => {
          throw scene.outage("keys");
        });
      }
      scene.watch.before("keys.release", () =>
        revokeGrant(scene.deps, desk.caller, { transfer: sealed.id, grant: sealed.grant }),
      );
      expect(await askAnew(caller)).toBe("grant/unavailable");
      expect((await scene.entries(sealed.id)).slice(-1)).toEqual(["grant/release-refused"]);
      scene.watch.clear();
    }
  });

  test("after the key service answered but before we did wins too", async () => {
    const { sealed, caller } = await recipient();
    scene.watch.after("keys.release", () =>
      revokeGrant(scene.deps, desk.caller, { transfer: sealed.id, grant: sealed.grant }),
    );
    expect(await askAnew(caller)).toBe("grant/unavailable");
  });

  test("closes bytes behind URLs that were given before", async () => {
    const { sealed } = await recipient();
    const openBlob = blobOpener(scene.deps);
    expect(await outcomeOf(openBlob(sealed.id))).toBe("done");
    await revokeTransfer(scene.deps, desk.caller, sealed.id);
    expect(await outcomeOf(openBlob(sealed.id))).toBe("grant/unavailable");
    await scene.sweep();
    expect(await outcomeOf(openBlob(sealed.id))).toBe("grant/unavailable");
  });

  test("known to the key service alone is a refusal with its entry", async () => {
    const { sealed, caller } = await recipient();
    await scene.keys.suspend({ organisation: desk.organisation.id, transfers: [sealed.id], grants: [] });
    expect(await askAnew(caller)).toBe("grant/unavailable");
    expect((await scene.entries(sealed.id)).slice(-2)).toEqual(["grant/released", "grant/release-refused"]);
  });
});

describe("a receipt", () => {
  test("is recorded once, whoever repeats it", async () => {
    const { sealed, caller } = await recipient();
    await askAnew(caller);
    await Promise.all(Array.from({ length: 5 }, () => recordReceipt(scene.deps, caller, { files: 1 })));
    scene.clock.advance(1000);
    await recordReceipt(scene.deps, caller, { files: 9 });
    expect((await scene.entries(sealed.id)).filter((type) => type === "grant/receipt")).toHaveLength(1);
    expect((await grantOf(caller)).receiptAt).toBe(SCENE_START);
  });

  test("says how many files the page could not show, and nothing where it could show all", async () => {
    for (const facts of [
      { files: 2, unseen: 3 },
      { files: 2, unseen: 0 },
    ]) {
      const { sealed, caller } = await recipient();
      await askAnew(caller);
      await recordReceipt(scene.deps, caller, facts);
      const events = await scene.store.read((view) => view.eventsOf(sealed.id));
      const { body } = known(events.find(({ type }) => type === "grant/receipt"));
      expect(JSON.parse(known(body ?? undefined))).toMatchObject({ detail: { files: 2 } });
      expect(/"unseen":(\d+)/.exec(body ?? "")?.[1]).toBe(facts.unseen > 0 ? "3" : undefined);
    }
  });

  test("of what was never released is refused and leaves no entry", async () => {
    const { sealed, caller } = await recipient();
    const entries = (await scene.entries(sealed.id)).length;
    expect(await outcomeOf(recordReceipt(scene.deps, caller, { files: 1 }))).toBe("grant/not-opened");
    scene.watch.before("keys.release", () => {
      throw scene.outage("keys");
    });
    expect(await askAnew(caller)).toBe("keys/unavailable");
    expect(await outcomeOf(recordReceipt(scene.deps, caller, { files: 1 }))).toBe("grant/not-opened");
    expect((await scene.entries(sealed.id)).slice(entries)).toEqual(["grant/released"]);
    expect((await grantOf(caller)).receiptAt).toBeNull();
  });

  test("after the end is refused", async () => {
    const { caller } = await recipient({ lifeMs: DAY_MS });
    await askAnew(caller);
    scene.clock.advance(DAY_MS);
    expect(await outcomeOf(recordReceipt(scene.deps, caller, { files: 1 }))).toBe("grant/unavailable");
  });
});

describe("bytes", () => {
  test("are the blob that was sealed, in ranges", async () => {
    const { sealed } = await recipient();
    const blob = await blobOpener(scene.deps)(sealed.id);
    expect(blob.lengthBytes).toBe(sealed.draft.blobLengthBytes);
    const read: number[] = [];
    for await (const piece of blob.read({ offset: 5, lengthBytes: 20 })) read.push(...piece);
    expect(Uint8Array.from(read)).toEqual(known(sealed.parts[0]).bytes.slice(5, 25));
  });

  test("of a draft are nobody's", async () => {
    const draft = await filledDraft(scene, desk);
    expect(await outcomeOf(blobOpener(scene.deps)(draft.id))).toBe("grant/unavailable");
  });

  test("before the grant begins have no URL", async () => {
    const { caller } = await recipient();
    const later = await sealedTransfer(scene, desk, { notBefore: SCENE_START + 10 });
    expect(await outcomeOf(blobTarget(scene.deps, { ...caller, grant: later.grant }))).toBe("grant/not-yet");
  });
});
