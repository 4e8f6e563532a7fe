/** A recipient or a member with every right they have, used without measure: what they can fill has an end. */
import { nodeCrypto } from "@safeconduct/crypto-node";
import { decodeTerms, encodeTerms } from "@safeconduct/envelope";
import {
  confirmAddress,
  draftTransfer,
  OPEN_DRAFTS_PER_MEMBER,
  recordReceipt,
  release,
  RELEASE_CAP_MAX,
  RELEASE_KEY_LIMIT,
  sendCode,
} from "@safeconduct/exchange";
import { drawId } from "@safeconduct/foundation";
import {
  cheapCrypto,
  type Desk,
  ExchangeScene,
  filledDraft,
  known,
  prepareTransfer,
  putPart,
  sealedTransfer,
} from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";

const UNAVAILABLE = { code: "grant/unavailable" };

let scene: ExchangeScene;
let desk: Desk;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto: cheapCrypto(nodeCrypto()) });
  desk = await scene.desk();
});
const entriesOf = async (type: string) => (await scene.entries()).filter((entry) => entry === type).length;
const keyCalls = (method: string) => scene.watch.calls.filter((call) => call === `keys.${method}`).length;
const freshKey = async () => (await scene.crypto.hpke.generateKeyPair()).publicKey;

describe("a recipient", () => {
  test("who brings a new key for ever is stopped, and their grant alone", async () => {
    const { grants } = await sealedTransfer(scene, desk, {
      recipients: ["a", "b"].map((name) => ({ address: `${name}@hospital.example`, name: null })),
    });
    const [greedy, modest] = [await scene.confirmed(known(grants[0])), await scene.confirmed(known(grants[1]))];
    for (let key = 0; key < RELEASE_KEY_LIMIT; key++) await release(scene.deps, greedy, await freshKey());
    for (let key = 0; key < 3; key++) {
      await expect(release(scene.deps, greedy, await freshKey())).rejects.toMatchObject(UNAVAILABLE);
    }
    expect(await entriesOf("grant/released")).toBe(RELEASE_KEY_LIMIT);
    expect(await entriesOf("grant/release-refused")).toBe(0);
    await release(scene.deps, modest, await freshKey());
  });

  test("who repeats one key for ever gets one answer and one entry", async () => {
    const { grant } = await sealedTransfer(scene, desk);
    const caller = await scene.confirmed(grant);
    const key = await freshKey();
    const first = await release(scene.deps, caller, key);
    for (let repeat = 0; repeat < 2 * RELEASE_KEY_LIMIT; repeat++) {
      expect((await release(scene.deps, caller, key)).sealedShares).toEqual(first.sealedShares);
    }
    expect(await entriesOf("grant/released")).toBe(1);
  });

  test("who had their keys may still repeat one when no new one is taken", async () => {
    const { grant } = await sealedTransfer(scene, desk);
    const caller = await scene.confirmed(grant);
    const key = await freshKey();
    for (let other = 1; other < RELEASE_KEY_LIMIT; other++) await release(scene.deps, caller, await freshKey());
    await release(scene.deps, caller, key);
    await expect(release(scene.deps, caller, await freshKey())).rejects.toMatchObject(UNAVAILABLE);
    await release(scene.deps, caller, key);
  });

  test("who brings garbage for keys fills neither ledger nor ring", async () => {
    const { grant } = await sealedTransfer(scene, desk);
    const caller = await scene.confirmed(grant);
    for (let garbage = 0; garbage < RELEASE_KEY_LIMIT + 5; garbage++) {
      const key = scene.random.bytes(33 + garbage);
      await expect(release(scene.deps, caller, key)).rejects.toMatchObject(UNAVAILABLE);
      await expect(release(scene.deps, caller, key)).rejects.toMatchObject(UNAVAILABLE);
    }
    expect(await entriesOf("grant/released")).toBe(RELEASE_KEY_LIMIT);
    expect(await entriesOf("grant/release-refused")).toBe(RELEASE_KEY_LIMIT);
    expect(keyCalls("release")).toBeLessThanOrEqual(2 * RELEASE_KEY_LIMIT);
    const record = await scene.store.read((view) => view.findGrant(grant));
    expect(record?.releases).toBe(0);
  });

  test("or whoever holds the link guesses fewer than 100 codes in its seven days", async () => {
    const week = 7 * 24 * 60 * 60 * 1000;
    const { grant } = await sealedTransfer(scene, desk, { lifeMs: week });
    const end = scene.clock.now() + week;
    // Patient: a code is always there, and each minute the next guess is tried.
    for (let guess = 0; scene.clock.now() < end - 60_000; guess++) {
      await sendCode(scene.deps, grant).catch(() => undefined);
      const wrong = String((Number(scene.mailedCode()) + 1 + (guess % 7)) % 1_000_000).padStart(6, "0");
      await confirmAddress(scene.deps, { grant, code: wrong }).catch(() => undefined);
      scene.clock.advance(60_000);
    }
    const guesses = await entriesOf("grant/confirm-refused");
    expect(guesses).toBeGreaterThan(50);
    expect(guesses).toBeLessThan(100);
  });

  test("who gives receipts for ever gives one", async () => {
    const { grant } = await sealedTransfer(scene, desk);
    const caller = await scene.confirmed(grant);
    await release(scene.deps, caller, (await scene.crypto.hpke.generateKeyPair()).publicKey);
    for (let repeat = 0; repeat < 20; repeat++) await recordReceipt(scene.deps, caller, { files: repeat });
    expect(await entriesOf("grant/receipt")).toBe(1);
  });
});

describe("a member", () => {
  const draft = async () => draftTransfer(scene.deps, desk.caller, (await prepareTransfer(scene, desk)).draft);

  test("may have so many drafts open and no more, and the key service is not asked for more", async () => {
    const first = await prepareTransfer(scene, desk);
    await draftTransfer(scene.deps, desk.caller, first.draft);
    for (let open = 1; open < OPEN_DRAFTS_PER_MEMBER; open++) await draft();
    const asked = keyCalls("addTransfer");
    await expect(draft()).rejects.toMatchObject({ code: "transfer/too-many-drafts" });
    expect(keyCalls("addTransfer")).toBe(asked);
    // A repeat after a lost answer is not one more, a colleague has their own, and a day later all is well.
    await draftTransfer(scene.deps, desk.caller, first.draft);
    const colleague = await scene.desk(desk.organisation);
    await draftTransfer(scene.deps, colleague.caller, (await prepareTransfer(scene, colleague)).draft);
    scene.clock.advance(25 * 60 * 60 * 1000);
    await scene.sweep();
    await draft();
  });

  test("without a device of their own puts nothing into the key service", async () => {
    const colleague = await scene.desk(desk.organisation);
    const prepared = await prepareTransfer(scene, desk);
    for (const device of [colleague.device.device, drawId("device", scene.random)]) {
      const drafting = draftTransfer(scene.deps, desk.caller, { ...prepared.draft, device });
      await expect(drafting).rejects.toMatchObject({ code: "device/unknown" });
    }
    expect(keyCalls("addTransfer")).toBe(0);
  });

  test("cannot put shares of their own under a colleague's transfer", async () => {
    const colleague = await scene.desk(desk.organisation);
    const theirs = await prepareTransfer(scene, colleague);
    await draftTransfer(scene.deps, colleague.caller, theirs.draft);
    const asked = keyCalls("addTransfer");
    const mine = await prepareTransfer(scene, desk);
    const stealing = [
      { ...theirs.draft, device: desk.device.device },
      { ...theirs.draft, device: desk.device.device, sealedTransferShare: mine.draft.sealedTransferShare },
    ];
    for (const draftOfTheirs of stealing) {
      const drafting = draftTransfer(scene.deps, desk.caller, draftOfTheirs);
      await expect(drafting).rejects.toMatchObject({ code: "transfer/conflict" });
    }
    expect(keyCalls("addTransfer")).toBe(asked);
    expect(await scene.store.read((view) => view.findTransfer(theirs.id))).toMatchObject({
      member: colleague.member.id,
      state: "draft",
    });
  });

  test("stores no more than was announced, however it is cut into parts", async () => {
    const several = {
      files: [1, 2, 3].map((number) => ({
        path: `${number}.bin`,
        mediaType: "application/octet-stream",
        sizeBytes: 8 << 20,
        read: async (offset: number, length: number) => new Uint8Array(Math.min(length, (8 << 20) - offset)),
      })),
    };
    const prepared = await filledDraft(scene, desk, several);
    const [first] = prepared.parts;
    // Again with the same size is a replacement; a byte more does not fit into what was announced.
    await putPart(scene, prepared, 1);
    const larger = new Uint8Array(known(first).bytes.length + 1);
    await expect(putPart(scene, prepared, 1, larger)).rejects.toMatchObject({ code: "transfer/bad-part" });
  });

  test.for([
    [RELEASE_CAP_MAX, "taken"],
    [RELEASE_CAP_MAX + 1, "transfer/bad-terms"],
    [2 ** 32 - 1, "transfer/bad-terms"],
  ] as const)("with a cap of %s: %s", async ([releaseCap, outcome]) => {
    const { draft: prepared } = await prepareTransfer(scene, desk);
    const terms = encodeTerms({ ...decodeTerms(prepared.senderGrant.terms), releaseCap });
    const drafting = draftTransfer(scene.deps, desk.caller, {
      ...prepared,
      senderGrant: { ...prepared.senderGrant, terms },
    });
    // The share was sealed for other terms, so the key service refuses what we take.
    const code = await drafting.then(
      () => "",
      (error: { code: string }) => error.code,
    );
    expect(code).toBe(outcome === "taken" ? "keys/bad-share" : outcome);
  });
});
