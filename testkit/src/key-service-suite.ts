/**
 * What every key service must do: the one in memory and the process behind its signed channel. One suite, so one thing: its
 * claims share one opened service and are read side by side.
 */
import { encodeTerms } from "@safeconduct/envelope";
import { type Clock, type CryptoPorts, drawId } from "@safeconduct/foundation";
import { HOLD_LIMIT, type InventoryEntry, openStatement, signClockConfirmation } from "@safeconduct/keyring";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KeyServiceScene, outcomeOf, type SceneTransfer, type WatchedKeyService } from "./key-service-scene.ts";

export interface KeyServiceHarness {
  readonly crypto: CryptoPorts;
  open(): Promise<{ keys: WatchedKeyService; clock: Clock; close(): Promise<void> }>;
}

const HOUR_MS = 3_600_000;

export function keyServiceSuite(name: string, harness: KeyServiceHarness): void {
  const { crypto } = harness;
  describe(`key service: ${name}`, () => {
    let opened: Awaited<ReturnType<KeyServiceHarness["open"]>>;
    let scene: KeyServiceScene;
    const holdOf = ({ transfer }: { transfer: SceneTransfer["transfer"] }) => ({
      organisation: scene.organisation,
      transfer,
      hold: drawId("hold", crypto.random),
    });
    beforeAll(async () => {
      opened = await harness.open();
      scene = new KeyServiceScene({ ...opened, crypto });
    });
    afterAll(() => opened.close());

    describe("inventory", () => {
      it("names what is held and what is gone, with the hash of the terms", async () => {
        const { transfer, grant } = await scene.transferWithGrant();
        const { transfer: gone, grant: goneGrant } = await scene.transferWithGrant();
        await opened.keys.shred(scene.named({ transfers: [gone] }));
        const entries: InventoryEntry[] = [];
        for await (const entry of opened.keys.inventory()) entries.push(entry);
        const { organisation, termsHash } = grant;
        const live = { transfer: transfer.transfer, termsHash, releases: 0 };
        for (const entry of [
          { kind: "transfer", id: transfer.transfer, organisation, state: "active", holds: [] },
          { kind: "grant", id: grant.grant, organisation, state: "active", live },
          { kind: "transfer", id: gone.transfer, organisation, state: "shredded", holds: [] },
          { kind: "grant", id: goneGrant.grant, organisation, state: "shredded", live: null },
        ]) {
          expect(entries).toContainEqual(entry);
        }
        expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
      });
    });

    describe("release", () => {
      it("gives both shares to the device that asked, and a signed statement of it", async () => {
        const { transfer, grant } = await scene.transferWithGrant();
        const device = await scene.drawDevice();
        const answer = await device.ask(grant);
        expect(await device.open(grant, answer)).toEqual({ transferShare: transfer.share, grantShare: grant.share });
        expect(answer.releases).toBe(1);
        const { signingPublicKey: publicKey } = await opened.keys.publicKeys();
        expect(await openStatement(crypto.signatures, { publicKey, signed: answer.statement })).toMatchObject({
          kind: "release",
          organisation: scene.organisation,
          transfer: transfer.transfer,
          grant: grant.grant,
          session: device.session,
          termsHash: grant.termsHash,
          ephemeralKeyHash: device.ephemeralKeyHash,
          releases: 1,
        });
      });

      it("is of no use to another device", async () => {
        const { grant } = await scene.transferWithGrant();
        const [device, thief] = [await scene.drawDevice(), await scene.drawDevice()];
        expect(await thief.open(grant, await device.ask(grant))).toBeNull();
      });

      it("answers a device that asks again with the same bytes and counts it once", async () => {
        const { grant } = await scene.transferWithGrant({ releaseCap: 1 });
        const device = await scene.drawDevice();
        const first = await device.ask(grant);
        expect(await device.ask(grant)).toEqual(first);
        expect((await opened.keys.status(scene.named({ grants: [grant] }))).grants).toEqual([
          { state: "active", releases: 1 },
        ]);
      });

      it("answers one device that asks fifty times at once with one count", async () => {
        const { grant } = await scene.transferWithGrant({ releaseCap: 3 });
        const device = await scene.drawDevice();
        const answers = await Promise.all(Array.from({ length: 50 }, () => device.ask(grant)));
        for (const answer of answers) expect(answer).toEqual(answers[0]);
        expect((await opened.keys.status(scene.named({ grants: [grant] }))).grants).toEqual([
          { state: "active", releases: 1 },
        ]);
      });

      it("goes to three of fifty devices that ask at once under a cap of three", async () => {
        const { grant } = await scene.transferWithGrant({ releaseCap: 3 });
        const devices = await Promise.all(Array.from({ length: 50 }, () => scene.drawDevice()));
        const outcomes = await Promise.all(devices.map((device) => outcomeOf(device.ask(grant))));
        expect(outcomes.filter((outcome) => outcome === "done")).toHaveLength(3);
        expect(outcomes.filter((outcome) => outcome === "keys/capped")).toHaveLength(47);
        const again = await Promise.all(devices.map((device) => outcomeOf(device.ask(grant))));
        expect(again).toEqual(outcomes);
      });

      it("counts each grant of a transfer for itself", async () => {
        const { transfer, grant } = await scene.transferWithGrant({ releaseCap: 1 });
        const other = await scene.addGrant(transfer, { releaseCap: 1 });
        const device = await scene.drawDevice();
        expect(await outcomeOf(device.ask(grant))).toBe("done");
        expect(await outcomeOf(device.ask(other))).toBe("done");
      });

      it("is refused before the grant begins", async () => {
        const { grant } = await scene.transferWithGrant({ notBefore: opened.clock.now() + HOUR_MS });
        expect(await outcomeOf((await scene.drawDevice()).ask(grant))).toBe("keys/not-yet");
      });

      it.each([
        ["a grant nobody added", { grant: drawId("grant", crypto.random) }, "keys/unknown"],
        ["a transfer nobody added", { transfer: drawId("transfer", crypto.random) }, "keys/unknown"],
        ["another organisation", { organisation: drawId("organisation", crypto.random) }, "keys/unknown"],
        ["a member, where the grant is a recipient's", { asker: "member" as const }, "keys/bad-authorisation"],
        ["other terms", { termsHash: new Uint8Array(32) }, "keys/bad-authorisation"],
        ["a key that is none", { ephemeralPublicKey: new Uint8Array(1249) }, "keys/malformed"],
        ["a key that is too short", { ephemeralPublicKey: new Uint8Array(32) }, "keys/malformed"],
      ])("is refused for %s", async (_what, changed, code) => {
        const { grant } = await scene.transferWithGrant({ releaseCap: 1 });
        const device = await scene.drawDevice();
        expect(await outcomeOf(device.ask(grant, changed))).toBe(code);
        expect(await outcomeOf(device.ask(grant))).toBe("done");
      });

      it.each(["sender", "recovery"] as const)("of a %s grant is for a member alone", async (kind) => {
        const { grant } = await scene.transferWithGrant({ kind });
        const device = await scene.drawDevice();
        expect(await outcomeOf(device.ask(grant, { asker: "recipient" }))).toBe("keys/bad-authorisation");
        expect(await outcomeOf(device.ask(grant))).toBe("done");
      });

      it("is refused for a grant of another transfer", async () => {
        const { grant } = await scene.transferWithGrant();
        const { transfer } = await scene.addTransfer();
        expect(await outcomeOf((await scene.drawDevice()).ask(grant, { transfer }))).toBe("keys/unknown");
      });

      it("is refused to a second device by an authorisation that served a first", async () => {
        const { grant } = await scene.transferWithGrant();
        const authorisation = drawId("authorisation", crypto.random);
        const [first, second] = [await scene.drawDevice(), await scene.drawDevice()];
        const answer = await first.ask(grant, { authorisation });
        expect(await outcomeOf(second.ask(grant, { authorisation }))).toBe("keys/bad-authorisation");
        expect(await first.ask(grant, { authorisation })).toEqual(answer);
      });
    });

    describe("addition", () => {
      it("takes the same share twice and keeps it", async () => {
        const { transfer, grant } = await scene.transferWithGrant();
        await opened.keys.addTransfer({
          ...transfer.request,
          sealedTransferShare: await transfer.seal(transfer.share),
        });
        await opened.keys.addGrant({ ...grant.request, sealedGrantShare: await grant.seal(grant.share) });
        const device = await scene.drawDevice();
        expect(await device.open(grant, await device.ask(grant))).toEqual({
          transferShare: transfer.share,
          grantShare: grant.share,
        });
      });

      it("refuses another share under the same id", async () => {
        const { transfer, grant } = await scene.transferWithGrant();
        const other = crypto.random.bytes(32);
        const transferAgain = { ...transfer.request, sealedTransferShare: await transfer.seal(other) };
        const grantAgain = { ...grant.request, sealedGrantShare: await grant.seal(other) };
        expect(await outcomeOf(opened.keys.addTransfer(transferAgain))).toBe("keys/conflict");
        expect(await outcomeOf(opened.keys.addGrant(grantAgain))).toBe("keys/conflict");
      });

      it("refuses the share of another transfer", async () => {
        const [one, other] = [await scene.drawTransfer(), await scene.drawTransfer()];
        const swapped = { ...one.request, sealedTransferShare: other.request.sealedTransferShare };
        expect(await outcomeOf(opened.keys.addTransfer(swapped))).toBe("keys/bad-share");
        expect(await outcomeOf(opened.keys.addTransfer(one.request))).toBe("done");
      });

      it("refuses the share of another organisation", async () => {
        const { request } = await scene.drawTransfer();
        const organisation = drawId("organisation", crypto.random);
        expect(await outcomeOf(opened.keys.addTransfer({ ...request, organisation }))).toBe("keys/bad-share");
      });

      it("refuses a grant's share under terms it was not sealed with", async () => {
        const transfer = await scene.addTransfer();
        const { request, frozen } = await scene.drawGrant(transfer, { releaseCap: 1 });
        const terms = encodeTerms({ ...frozen, releaseCap: 2 });
        expect(await outcomeOf(opened.keys.addGrant({ ...request, terms }))).toBe("keys/bad-share");
      });

      it("refuses terms that speak of another grant, and bytes that are no terms", async () => {
        const transfer = await scene.addTransfer();
        const [one, other] = [await scene.drawGrant(transfer), await scene.drawGrant(transfer)];
        for (const terms of [other.request.terms, new Uint8Array(0), one.request.terms.slice(1)]) {
          expect(await outcomeOf(opened.keys.addGrant({ ...one.request, terms }))).toBe("keys/bad-share");
        }
      });

      it("refuses bytes that are no sealed share", async () => {
        const { request } = await scene.drawTransfer();
        for (const sealedTransferShare of [
          new Uint8Array(0),
          new Uint8Array(40),
          request.sealedTransferShare.slice(1),
        ]) {
          expect(await outcomeOf(opened.keys.addTransfer({ ...request, sealedTransferShare }))).toBe("keys/bad-share");
        }
      });

      it("refuses a grant of a transfer that it does not hold, or that is suspended or shredded", async () => {
        const absent = await scene.drawGrant(await scene.drawTransfer());
        expect(await outcomeOf(opened.keys.addGrant(absent.request))).toBe("keys/unknown");
        const transfer = await scene.addTransfer();
        const late = await scene.drawGrant(transfer);
        await opened.keys.suspend(scene.named({ transfers: [transfer] }));
        expect(await outcomeOf(opened.keys.addGrant(late.request))).toBe("keys/suspended");
        await opened.keys.shred(scene.named({ transfers: [transfer] }));
        expect(await outcomeOf(opened.keys.addGrant(late.request))).toBe("keys/shredded");
      });

      it("refuses a grant that has ended already", async () => {
        const transfer = await scene.addTransfer();
        const now = opened.clock.now();
        const { request } = await scene.drawGrant(transfer, { notBefore: now - 2, notAfter: now - 1 });
        expect(await outcomeOf(opened.keys.addGrant(request))).toBe("keys/ended");
      });
    });

    describe("suspension", () => {
      it("of a grant denies that grant, to devices that have the shares too, and no other", async () => {
        const { transfer, grant } = await scene.transferWithGrant();
        const other = await scene.addGrant(transfer);
        const device = await scene.drawDevice();
        await device.ask(grant);
        await opened.keys.suspend(scene.named({ grants: [grant] }));
        expect(await outcomeOf(device.ask(grant))).toBe("keys/suspended");
        expect(await outcomeOf(device.ask(other))).toBe("done");
        expect(await scene.stateOf({ transfers: [transfer], grants: [grant, other] })).toEqual([
          "active",
          "suspended",
          "active",
        ]);
      });

      it("of a transfer denies all its grants", async () => {
        const { transfer, grant } = await scene.transferWithGrant();
        await opened.keys.suspend(scene.named({ transfers: [transfer] }));
        await opened.keys.suspend(scene.named({ transfers: [transfer] }));
        expect(await outcomeOf((await scene.drawDevice()).ask(grant))).toBe("keys/suspended");
      });

      it("with an unknown id among them suspends nothing", async () => {
        const { transfer, grant } = await scene.transferWithGrant();
        const unknown = await scene.drawGrant(transfer);
        const named = scene.named({ transfers: [transfer], grants: [grant, unknown] });
        expect(await outcomeOf(opened.keys.suspend(named))).toBe("keys/unknown");
        expect(await scene.stateOf({ transfers: [transfer], grants: [grant] })).toEqual(["active", "active"]);
      });

      it("of another organisation's transfer is refused", async () => {
        const { transfer } = await scene.transferWithGrant();
        const named = {
          ...scene.named({ transfers: [transfer] }),
          organisation: drawId("organisation", crypto.random),
        };
        expect(await outcomeOf(opened.keys.suspend(named))).toBe("keys/unknown");
        expect((await opened.keys.status(named)).transfers).toEqual([{ state: "unknown", releases: 0 }]);
        expect(await scene.stateOf({ transfers: [transfer] })).toEqual(["active"]);
      });

      it("is undone by resuming, with the count that it had", async () => {
        const { transfer, grant } = await scene.transferWithGrant({ releaseCap: 2 });
        const [first, second, third] = [
          await scene.drawDevice(),
          await scene.drawDevice(),
          await scene.drawDevice(),
        ] as const;
        const answer = await first.ask(grant);
        const named = scene.named({ transfers: [transfer], grants: [grant] });
        await opened.keys.suspend(named);
        await opened.keys.resume(scene.named({ grants: [grant] }));
        expect(await outcomeOf(second.ask(grant))).toBe("keys/suspended");
        await opened.keys.resume(named);
        await opened.keys.resume(named);
        expect(await first.ask(grant)).toEqual(answer);
        expect(await outcomeOf(second.ask(grant))).toBe("done");
        expect(await outcomeOf(third.ask(grant))).toBe("keys/capped");
      });

      it("is not undone for what is destroyed, another organisation's or unknown, nor for what is named with it", async () => {
        const { transfer, grant } = await scene.transferWithGrant();
        const other = await scene.addGrant(transfer);
        await opened.keys.suspend(scene.named({ grants: [grant, other] }));
        await opened.keys.shred(scene.named({ grants: [grant] }));
        expect(await outcomeOf(opened.keys.resume(scene.named({ grants: [other, grant] })))).toBe("keys/shredded");
        const unknown = await scene.drawGrant(transfer);
        expect(await outcomeOf(opened.keys.resume(scene.named({ grants: [other, unknown] })))).toBe("keys/unknown");
        const foreign = { ...scene.named({ grants: [other] }), organisation: drawId("organisation", crypto.random) };
        expect(await outcomeOf(opened.keys.resume(foreign))).toBe("keys/unknown");
        expect(await scene.stateOf({ grants: [grant, other] })).toEqual(["shredded", "suspended"]);
      });

      it("among releases leaves none behind it", async () => {
        const { grant } = await scene.transferWithGrant();
        const devices = await Promise.all(Array.from({ length: 12 }, () => scene.drawDevice()));
        const asked = devices.map((device, at) => {
          const release = outcomeOf(device.ask(grant));
          return at === 6
            ? [release, opened.keys.suspend(scene.named({ grants: [grant] })).then(() => "done")]
            : [release];
        });
        const outcomes = await Promise.all(asked.flat());
        expect(new Set(outcomes)).toEqual(new Set(["done", "keys/suspended"]));
        const [{ releases } = { releases: -1 }] = (await opened.keys.status(scene.named({ grants: [grant] }))).grants;
        expect(outcomes.filter((outcome) => outcome === "done")).toHaveLength(releases + 1);
        expect(await outcomeOf((await scene.drawDevice()).ask(grant))).toBe("keys/suspended");
      });
    });

    describe("a hold", () => {
      it("keeps the shares of a transfer and of each of its grants from destruction until it is lifted", async () => {
        const { transfer, grant } = await scene.transferWithGrant();
        const hold = holdOf(transfer);
        await opened.keys.hold(hold);
        await opened.keys.hold(hold);
        for (const named of [scene.named({ transfers: [transfer] }), scene.named({ grants: [grant] })]) {
          expect(await outcomeOf(opened.keys.shred(named))).toBe("keys/held");
          expect(await outcomeOf(opened.keys.shred(named, { checkpointAt: null }))).toBe("keys/held");
        }
        expect(await scene.stateOf({ transfers: [transfer], grants: [grant] })).toEqual(["active", "active"]);
        await opened.keys.liftHold(hold);
        await opened.keys.liftHold(hold);
        expect(await outcomeOf(opened.keys.shred(scene.named({ transfers: [transfer] })))).toBe("done");
      });

      it("keeps what is destroyed with it in one request", async () => {
        const [held, other] = [await scene.transferWithGrant(), await scene.transferWithGrant()];
        await opened.keys.hold(holdOf(held.transfer));
        const named = scene.named({ transfers: [other.transfer], grants: [held.grant] });
        expect(await outcomeOf(opened.keys.shred(named))).toBe("keys/held");
        expect(await scene.stateOf({ transfers: [other.transfer], grants: [held.grant] })).toEqual([
          "active",
          "active",
        ]);
      });

      it("stands until the last one is lifted", async () => {
        const { transfer } = await scene.transferWithGrant();
        const [first, second] = [holdOf(transfer), holdOf(transfer)];
        await opened.keys.hold(first);
        await opened.keys.hold(second);
        await opened.keys.liftHold(first);
        expect(await outcomeOf(opened.keys.shred(scene.named({ transfers: [transfer] })))).toBe("keys/held");
        await opened.keys.liftHold(second);
        expect(await outcomeOf(opened.keys.shred(scene.named({ transfers: [transfer] })))).toBe("done");
      });

      it("opens nothing: suspension denies as without it", async () => {
        const { transfer, grant } = await scene.transferWithGrant();
        await opened.keys.hold(holdOf(transfer));
        await opened.keys.suspend(scene.named({ grants: [grant] }));
        expect(await outcomeOf((await scene.drawDevice()).ask(grant))).toBe("keys/suspended");
      });

      it("comes too late for what is destroyed, and not at all for what is not there or another's", async () => {
        const { transfer } = await scene.transferWithGrant();
        await opened.keys.shred(scene.named({ transfers: [transfer] }));
        expect(await outcomeOf(opened.keys.hold(holdOf(transfer)))).toBe("keys/shredded");
        expect(await outcomeOf(opened.keys.liftHold(holdOf(transfer)))).toBe("done");
        expect(await outcomeOf(opened.keys.hold(holdOf(await scene.drawTransfer())))).toBe("keys/unknown");
        const { transfer: live } = await scene.transferWithGrant();
        const foreign = { ...holdOf(live), organisation: drawId("organisation", crypto.random) };
        expect(await outcomeOf(opened.keys.hold(foreign))).toBe("keys/unknown");
        expect(await outcomeOf(opened.keys.liftHold(foreign))).toBe("keys/unknown");
      });

      it("can be placed as often as the limit and not more", async () => {
        const { transfer } = await scene.transferWithGrant();
        for (let count = 0; count < HOLD_LIMIT; count++) await opened.keys.hold(holdOf(transfer));
        expect(await outcomeOf(opened.keys.hold(holdOf(transfer)))).toBe("keys/too-many-holds");
      });

      it("and a destruction at once have an order: whoever is first wins", async () => {
        const pairs = await Promise.all(Array.from({ length: 8 }, () => scene.transferWithGrant()));
        const outcomes = await Promise.all(
          pairs.map(async ({ transfer }, at) => {
            const hold = () => outcomeOf(opened.keys.hold(holdOf(transfer)));
            const shred = () => outcomeOf(opened.keys.shred(scene.named({ transfers: [transfer] })));
            const [held, shredded] = await (at % 2 === 0
              ? Promise.all([hold(), shred()])
              : Promise.all([shred(), hold()]).then(([first, second]) => [second, first] as const));
            return `${held} ${shredded}`;
          }),
        );
        for (const outcome of outcomes) expect(["done keys/held", "keys/shredded done"]).toContain(outcome);
      });
    });

    describe("destruction by time", () => {
      const byTime = { checkpointAt: null };

      it("is refused for a transfer while a recipient's grant could still be released", async () => {
        const { transfer, grant } = await scene.transferWithGrant({ releaseCap: 1 });
        const named = scene.named({ transfers: [transfer] });
        expect(await outcomeOf(opened.keys.shred(named, byTime))).toBe("keys/not-due");
        expect(await outcomeOf(opened.keys.shred(scene.named({ grants: [grant] }), byTime))).toBe("keys/not-due");
        await (await scene.drawDevice()).ask(grant);
        expect(await outcomeOf(opened.keys.shred(named, byTime))).toBe("done");
      });

      it("goes on for what is suspended, and for a draft that has the sender's own grant alone", async () => {
        const { transfer, grant } = await scene.transferWithGrant();
        await opened.keys.suspend(scene.named({ grants: [grant] }));
        expect(await outcomeOf(opened.keys.shred(scene.named({ transfers: [transfer] }), byTime))).toBe("done");
        const { transfer: draft } = await scene.transferWithGrant({ kind: "sender" });
        expect(await outcomeOf(opened.keys.shred(scene.named({ transfers: [draft] }), byTime))).toBe("done");
      });

      it("is refused when the ledger's last checkpoint says another time than the clock", async () => {
        const transfer = await scene.addTransfer();
        const named = scene.named({ transfers: [transfer] });
        const now = opened.clock.now();
        for (const checkpointAt of [now + HOUR_MS, now - 30 * 24 * HOUR_MS]) {
          expect(await outcomeOf(opened.keys.shred(named, { checkpointAt }))).toBe("keys/clock-stopped");
        }
        expect(await outcomeOf(opened.keys.shred(named, { checkpointAt: now - HOUR_MS }))).toBe("done");
        // Repeated, it needs no clock: nothing is destroyed any more.
        expect(await outcomeOf(opened.keys.shred(named, { checkpointAt: now + HOUR_MS }))).toBe("done");
      });
    });

    describe("the clock", () => {
      it("is steady, and is not set right by anybody while it is", async () => {
        expect(await opened.keys.clock()).toMatchObject({ state: "steady", resets: 0 });
        const custodian = await crypto.signatures.generateKeyPair();
        const { organisation } = scene;
        const confirmation = { organisation, custodian: custodian.publicKey, resets: 0, time: opened.clock.now() };
        const { signingPublicKey: audience } = await opened.keys.publicKeys();
        const signing = { privateKey: custodian.privateKey, audience, confirmation };
        const signature = await signClockConfirmation(crypto.signatures, signing);
        expect(await outcomeOf(opened.keys.confirmClock({ confirmation, signature }))).toBe("keys/clock-agrees");
      });
    });

    describe("destruction", () => {
      it("of a grant leaves the others", async () => {
        const { transfer, grant } = await scene.transferWithGrant();
        const other = await scene.addGrant(transfer);
        const device = await scene.drawDevice();
        await device.ask(grant);
        await opened.keys.shred(scene.named({ grants: [grant] }));
        expect(await outcomeOf(device.ask(grant))).toBe("keys/shredded");
        expect(await outcomeOf(device.ask(other))).toBe("done");
      });

      it("of a transfer takes its grants with it", async () => {
        const { transfer, grant } = await scene.transferWithGrant();
        await opened.keys.shred(scene.named({ transfers: [transfer] }));
        expect(await scene.stateOf({ transfers: [transfer], grants: [grant] })).toEqual(["shredded", "shredded"]);
        expect(await outcomeOf((await scene.drawDevice()).ask(grant))).toBe("keys/shredded");
      });

      it("is stated for each id in order, and repeated in the same words", async () => {
        const { transfer, grant } = await scene.transferWithGrant();
        const { transfer: second, grant: secondGrant } = await scene.transferWithGrant();
        const named = scene.named({ transfers: [second, transfer], grants: [grant, secondGrant] });
        const { statements } = await opened.keys.shred(named);
        const { signingPublicKey: publicKey } = await opened.keys.publicKeys();
        const read = await Promise.all(
          statements.map((signed) => openStatement(crypto.signatures, { publicKey, signed })),
        );
        expect(read).toMatchObject([
          { kind: "transfer-shred", transfer: second.transfer, organisation: scene.organisation, held: true },
          { kind: "transfer-shred", transfer: transfer.transfer, held: true },
          { kind: "grant-shred", grant: grant.grant, held: true },
          { kind: "grant-shred", grant: secondGrant.grant, held: true },
        ]);
        expect(await opened.keys.shred(named)).toEqual({ statements });
      });

      it("cannot be undone by adding the share again", async () => {
        const { transfer, grant } = await scene.transferWithGrant();
        await opened.keys.shred(scene.named({ grants: [grant] }));
        expect(await outcomeOf(opened.keys.addGrant(grant.request))).toBe("keys/shredded");
        await opened.keys.shred(scene.named({ transfers: [transfer] }));
        expect(await outcomeOf(opened.keys.addTransfer(transfer.request))).toBe("keys/shredded");
        expect(await outcomeOf(opened.keys.suspend(scene.named({ transfers: [transfer] })))).toBe("done");
        expect(await scene.stateOf({ transfers: [transfer] })).toEqual(["shredded"]);
      });

      it("bars an id whose share has not come in yet, and says so", async () => {
        const transfer = await scene.drawTransfer();
        const grant = await scene.drawGrant(transfer);
        const named = scene.named({ transfers: [transfer], grants: [grant] });
        const { statements } = await opened.keys.shred(named);
        const { signingPublicKey: publicKey } = await opened.keys.publicKeys();
        for (const signed of statements) {
          expect(await openStatement(crypto.signatures, { publicKey, signed })).toMatchObject({ held: false });
        }
        expect(await outcomeOf(opened.keys.addTransfer(transfer.request))).toBe("keys/shredded");
        expect(await outcomeOf(opened.keys.addGrant(grant.request))).toBe("keys/shredded");
      });

      it("of another organisation's transfer is refused, and of what was named with it too", async () => {
        const { transfer } = await scene.transferWithGrant();
        const stranger = new KeyServiceScene({ ...opened, crypto });
        const { transfer: own } = await stranger.transferWithGrant();
        const named = { ...stranger.named({ transfers: [own] }), transfers: [own.transfer, transfer.transfer] };
        expect(await outcomeOf(opened.keys.shred(named))).toBe("keys/unknown");
        expect(await scene.stateOf({ transfers: [transfer] })).toEqual(["active"]);
        expect(await stranger.stateOf({ transfers: [own] })).toEqual(["active"]);
      });

      it("asked for many at once comes true for each", async () => {
        const pairs = await Promise.all(Array.from({ length: 10 }, () => scene.transferWithGrant()));
        const answers = await Promise.all(
          pairs.map(({ transfer, grant }) =>
            opened.keys.shred(scene.named({ transfers: [transfer], grants: [grant] })),
          ),
        );
        for (const { statements } of answers) expect(statements).toHaveLength(2);
        const transfers = pairs.map(({ transfer }) => transfer);
        expect(new Set(await scene.stateOf({ transfers }))).toEqual(new Set(["shredded"]));
      });
    });
  });
}
