/** What every key service must do: the one in memory and the process behind its signed channel. All claims share one opened service. */
import { encodeTerms } from "@safeconduct/envelope";
import { type Clock, type CryptoPorts, drawId } from "@safeconduct/foundation";
import { type InventoryEntry, openStatement } from "@safeconduct/keyring";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KeyServiceScene, outcomeOf, type WatchedKeyService } from "./key-service-scene.ts";
import { keyServiceEndings } from "./key-service-suite-endings.ts";

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

    keyServiceEndings(() => ({ opened, scene, crypto }));
  });
}
