import { nodeCrypto } from "@safeconduct/crypto-node";
import type { Bytes } from "@safeconduct/foundation";
import {
  cheapCrypto,
  confirmedFor,
  demanding,
  type Desk,
  ExchangeScene,
  gate,
  known,
  outcomeOf,
  passcodeSession,
  sealedTransfer,
  type SealedTransfer,
} from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import type { RecipientCaller } from "../callers.ts";
import { CAPPED_DOWNLOAD_MS, RECEIPT_GRACE_MS } from "../transfers/limits.ts";
import { revokeGrant } from "../transfers/revoke.ts";
import { suspendGrant } from "../transfers/suspend-grant.ts";
import { acceptConditions } from "./accept-conditions.ts";
import { attestDeletion } from "./attest-deletion.ts";
import { blobTarget } from "./read-blob.ts";
import { recordReceipt } from "./record-receipt.ts";
import { release } from "./release.ts";

const crypto = cheapCrypto(nodeCrypto());
const HOUR_MS = 3_600_000;
const TWO = ["a@x.example", "b@x.example"].map((address) => ({ address, name: null }));
const ASKING = { conditions: { mayStore: true, deleteByDays: 30 } };
const CLOSING = { closesOnReceipt: true };
let scene: ExchangeScene;
let desk: Desk;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
});

async function recipient(fields: Parameters<typeof sealedTransfer>[2] = {}) {
  const sealed = await sealedTransfer(scene, desk, fields);
  return { sealed, caller: await scene.confirmed(sealed.grant) };
}

const freshKey = async (): Promise<Bytes> => (await crypto.hpke.generateKeyPair()).publicKey;
const open = async (caller: RecipientCaller) => outcomeOf(release(scene.deps, caller, await freshKey()));
const grantOf = async ({ grant }: Pick<RecipientCaller, "grant">) =>
  known(await scene.store.read((view) => view.findGrant(grant)));
const accept = async (caller: RecipientCaller, of: Pick<RecipientCaller, "grant"> = caller) =>
  outcomeOf(acceptConditions(scene.deps, caller, { termsHash: (await grantOf(of)).termsHash }));
const receipt = (caller: RecipientCaller) => outcomeOf(recordReceipt(scene.deps, caller, { files: 1 }));
const attest = (caller: RecipientCaller) => outcomeOf(attestDeletion(scene.deps, caller));
const count = async ({ id }: SealedTransfer, type: string) =>
  (await scene.entries(id)).filter((each) => each === type).length;

describe("terms that are to be accepted", () => {
  test("keep everything back until they are, and are one entry", async () => {
    const { sealed, caller } = await recipient(ASKING);
    expect(await open(caller)).toBe("grant/terms-not-accepted");
    expect(await count(sealed, "grant/released")).toBe(0);
    expect(await accept(caller)).toBe("done");
    expect(await grantOf(caller)).toMatchObject({ termsAcceptedAt: scene.clock.now() });
    expect(await open(caller)).toBe("done");
    scene.clock.advance(HOUR_MS / 2);
    expect(await accept(caller)).toBe("done");
    expect(await count(sealed, "grant/terms-accepted")).toBe(1);
  });

  test("say in the readable event what was accepted, and in the leaf of which terms", async () => {
    const { sealed, caller } = await recipient(ASKING);
    await accept(caller);
    const events = await scene.store.read((view) => view.eventsOf(sealed.id));
    const { body } = known(events.find(({ type }) => type === "grant/terms-accepted"));
    expect(JSON.parse(known(body ?? undefined))).toMatchObject({ detail: { mayStore: true, deleteByDays: 30 } });
  });

  test("are accepted by the hash of what was shown: of other terms nothing is", async () => {
    const { caller } = await recipient(ASKING);
    const other = await recipient(ASKING);
    expect(await accept(caller, other.caller)).toBe("grant/terms-not-accepted");
    expect((await grantOf(caller)).termsAcceptedAt).toBeNull();
    expect(await open(caller)).toBe("grant/terms-not-accepted");
  });

  test("are accepted once for a link: a later session goes on with it", async () => {
    const { sealed, caller } = await recipient(ASKING);
    await accept(caller);
    expect(await open(await confirmedFor(scene, sealed))).toBe("done");
  });

  test("of one recipient are not accepted by another", async () => {
    const sealed = await sealedTransfer(scene, desk, { ...ASKING, recipients: TWO });
    const [one, two] = sealed.grants.map((grant) => ({ ...sealed, grant }));
    await accept(await confirmedFor(scene, known(one)));
    expect(await open(await confirmedFor(scene, known(two)))).toBe("grant/terms-not-accepted");
  });

  test("are not accepted by who has just the mailbox", async () => {
    const sealed = await sealedTransfer(scene, desk, { ...demanding("passcode", "a@x.example"), ...ASKING });
    const caller = await confirmedFor(scene, sealed);
    expect(await accept(caller)).toBe("grant/factor-required");
    expect((await grantOf(caller)).termsAcceptedAt).toBeNull();
  });

  test("are not accepted of a link that was revoked, closed for now, or has ended", async () => {
    const { sealed, caller } = await recipient({ ...ASKING, recipients: TWO });
    await suspendGrant(scene.deps, desk.caller, { transfer: sealed.id, grant: caller.grant });
    expect(await accept(caller)).toBe("grant/unavailable");
    await revokeGrant(scene.deps, desk.caller, { transfer: sealed.id, grant: caller.grant });
    expect(await accept(caller)).toBe("grant/unavailable");
    expect(await count(sealed, "grant/terms-accepted")).toBe(0);
  });

  test("and a release at the same moment: it is refused, or the acceptance came first", async () => {
    for (let round = 0; round < 10; round++) {
      const { sealed, caller } = await recipient(ASKING);
      const [released] = await Promise.all([open(caller), accept(caller)]);
      const types = await scene.entries(sealed.id);
      const isInOrder = types.indexOf("grant/terms-accepted") < types.indexOf("grant/released");
      expect([released, isInOrder]).toEqual(released === "done" ? ["done", true] : ["grant/terms-not-accepted", false]);
      scene.clock.advance(60_000);
    }
  });

  test("that ask nothing have nothing to accept, and need nothing", async () => {
    const { sealed, caller } = await recipient();
    expect(await accept(caller)).toBe("done");
    expect(await open(caller)).toBe("done");
    expect(await count(sealed, "grant/terms-accepted")).toBe(0);
  });

  test("are not accepted while the ledger cannot be written", async () => {
    const { caller } = await recipient(ASKING);
    scene.watch.before("tiles.writeCheckpoint", () => {
      throw scene.outage("tiles");
    });
    expect(await accept(caller)).toBe("ledger/unavailable");
  });
});

describe("a link that its receipt closes", () => {
  test("stays open for the grace to the millisecond, and is denied by time alone then", async () => {
    const { caller } = await recipient(CLOSING);
    await open(caller);
    const at = scene.clock.now();
    expect(await receipt(caller)).toBe("done");
    expect(await grantOf(caller)).toMatchObject({ state: "used", receiptAt: at, endsAt: at + RECEIPT_GRACE_MS });
    scene.clock.advance(RECEIPT_GRACE_MS - 1);
    expect(await open(caller)).toBe("done");
    scene.clock.advance(1);
    expect(await open(caller)).toBe("grant/unavailable");
    expect(await outcomeOf(blobTarget(scene.deps, caller))).toBe("grant/unavailable");
  });

  test("is ended by the sweep with a word of its own, and destroyed while the transfer goes on", async () => {
    const sealed = await sealedTransfer(scene, desk, { ...CLOSING, recipients: TWO });
    const caller = await scene.confirmed(sealed.grant);
    await open(caller);
    await receipt(caller);
    scene.clock.advance(RECEIPT_GRACE_MS - 1);
    await scene.sweep(HOUR_MS);
    expect(await grantOf(caller)).toMatchObject({ state: "used" });
    scene.clock.advance(1);
    await scene.sweep(HOUR_MS);
    const [at, types] = [scene.clock.now(), await scene.entries(sealed.id)];
    expect(await grantOf(caller)).toMatchObject({ state: "closed", endedAt: at, destroyedAt: at });
    expect(types.filter((type) => type.startsWith("grant/")).slice(-2)).toEqual(["grant/closed", "grant/destroyed"]);
    expect(await scene.store.read((view) => view.findTransfer(sealed.id))).toMatchObject({ state: "active" });
    await scene.sweep(HOUR_MS);
    expect(await count(sealed, "grant/closed")).toBe(1);
    // The other one's link is as it was.
    expect(await open(await confirmedFor(scene, { ...sealed, grant: known(sealed.grants[1]) }))).toBe("done");
  });

  test("takes the transfer with it when it is the last, before its time by the terms", async () => {
    const { sealed, caller } = await recipient(CLOSING);
    await open(caller);
    await receipt(caller);
    scene.clock.advance(RECEIPT_GRACE_MS);
    await scene.sweep();
    await scene.sweep();
    expect(await scene.store.read((view) => view.findTransfer(sealed.id))).toMatchObject({ state: "destroyed" });
    expect(await scene.storedBlobs()).toEqual([]);
    expect((await scene.entries(sealed.id)).slice(-3)).toEqual([
      "grant/closed",
      "transfer/expired",
      "transfer/destroyed",
    ]);
  });

  test("is closed also where the key service could not be told at once", async () => {
    const { sealed, caller } = await recipient(CLOSING);
    await open(caller);
    await receipt(caller);
    scene.clock.advance(RECEIPT_GRACE_MS);
    scene.watch.before("keys.suspend", () => {
      throw scene.outage("keys");
    });
    await outcomeOf(scene.sweep());
    expect(await grantOf(caller)).toMatchObject({ state: "closed" });
    scene.watch.clear();
    await scene.sweep();
    expect(await scene.store.read((view) => view.findTransfer(sealed.id))).toMatchObject({ state: "destroyed" });
  });

  test("does not outlive its terms, and ends by them where they end first", async () => {
    const { sealed, caller } = await recipient({ ...CLOSING, lifeMs: HOUR_MS });
    const { notAfter } = await grantOf(caller);
    scene.clock.advance(notAfter - scene.clock.now() - RECEIPT_GRACE_MS);
    const again = await confirmedFor(scene, sealed);
    await open(again);
    await receipt(again);
    expect(await grantOf(caller)).toMatchObject({ endsAt: notAfter });
    scene.clock.advance(notAfter - scene.clock.now());
    await scene.sweep(HOUR_MS);
    expect(await grantOf(caller)).toMatchObject({ state: "expired", destroyedAt: null });
  });

  test("keeps the time of the first receipt", async () => {
    const { sealed, caller } = await recipient(CLOSING);
    await open(caller);
    await receipt(caller);
    const { endsAt } = await grantOf(caller);
    scene.clock.advance(RECEIPT_GRACE_MS / 2);
    await receipt(caller);
    expect((await grantOf(caller)).endsAt).toBe(endsAt);
    expect(await count(sealed, "grant/receipt")).toBe(1);
  });

  test("is not closed by a receipt of who has just the mailbox, or of another link's recipient", async () => {
    const passed = await passcodeSession(scene, desk, "a@x.example");
    const stranger = await recipient(CLOSING);
    await open(passed);
    expect(await receipt({ ...passed, session: stranger.caller.session })).toBe("grant/session-required");
    const sealed = await sealedTransfer(scene, desk, { ...demanding("passcode", "b@x.example"), ...CLOSING });
    expect(await receipt(await confirmedFor(scene, sealed))).toBe("grant/factor-required");
    expect(await receipt(stranger.caller)).toBe("grant/not-opened");
  });

  test("and a revocation at the same moment: the revocation stands, whichever came first", async () => {
    for (let round = 0; round < 10; round++) {
      const sealed = await sealedTransfer(scene, desk, { ...CLOSING, recipients: TWO });
      const caller = await scene.confirmed(sealed.grant);
      await open(caller);
      await Promise.all([
        receipt(caller),
        revokeGrant(scene.deps, desk.caller, { transfer: sealed.id, grant: sealed.grant }),
      ]);
      scene.clock.advance(RECEIPT_GRACE_MS);
      await scene.sweep();
      expect(await grantOf(caller)).toMatchObject({ state: "revoked" });
      expect(await count(sealed, "grant/closed")).toBe(0);
    }
  });

  test("lets nothing out that was asked for before the end and answered after it", async () => {
    const { caller } = await recipient(CLOSING);
    await open(caller);
    await receipt(caller);
    scene.clock.advance(RECEIPT_GRACE_MS - 1);
    const held = gate();
    scene.watch.after("keys.release", held.hold);
    const late = open(caller);
    await held.arrived;
    scene.clock.advance(1);
    held.open();
    expect(await late).toBe("grant/unavailable");
  });

  test("ends at its cap as ever, and the reading after it ends with the grace", async () => {
    const { caller } = await recipient({ ...CLOSING, releaseCap: 1 });
    await open(caller);
    await receipt(caller);
    expect(await grantOf(caller)).toMatchObject({ state: "capped" });
    scene.clock.advance(RECEIPT_GRACE_MS);
    expect(RECEIPT_GRACE_MS).toBeLessThan(CAPPED_DOWNLOAD_MS);
    expect(await outcomeOf(blobTarget(scene.deps, caller))).toBe("grant/unavailable");
  });

  test("is one that a receipt does not close where nothing was asked", async () => {
    const { caller } = await recipient();
    await open(caller);
    await receipt(caller);
    scene.clock.advance(RECEIPT_GRACE_MS);
    expect(await open(caller)).toBe("done");
  });
});

describe("the word that copies are deleted", () => {
  test("is one entry, however often it is given, and counts anew after another release", async () => {
    const { sealed, caller } = await recipient(ASKING);
    await accept(caller);
    await open(caller);
    expect(await attest(caller)).toBe("done");
    expect(await attest(caller)).toBe("done");
    expect(await count(sealed, "grant/deletion-attested")).toBe(1);
    expect((await grantOf(caller)).deletionAttestedAt).toBe(scene.clock.now());
    await open(caller);
    expect((await grantOf(caller)).deletionAttestedAt).toBeNull();
    await attest(caller);
    expect(await count(sealed, "grant/deletion-attested")).toBe(2);
  });

  test("stays when the same device asks for the same release again", async () => {
    const { caller } = await recipient();
    const key = await freshKey();
    await release(scene.deps, caller, key);
    await attest(caller);
    await release(scene.deps, caller, key);
    expect((await grantOf(caller)).deletionAttestedAt).not.toBeNull();
  });

  test("is not taken of files that were never opened, nor from who has just the mailbox", async () => {
    const { caller } = await recipient();
    expect(await attest(caller)).toBe("grant/not-opened");
    const sealed = await sealedTransfer(scene, desk, demanding("passcode", "a@x.example"));
    expect(await attest(await confirmedFor(scene, sealed))).toBe("grant/factor-required");
  });
});
