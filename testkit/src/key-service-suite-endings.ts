/** What every key service must do when something ends or is kept from ending: suspension, holds, destruction, and the clock that decides. */
import { type Clock, type CryptoPorts, drawId } from "@safeconduct/foundation";
import { HOLD_LIMIT, openStatement, signClockConfirmation } from "@safeconduct/keyring";
import { beforeAll, describe, expect, it } from "vitest";
import { KeyServiceScene, outcomeOf, type SceneTransfer, type WatchedKeyService } from "./key-service-scene.ts";

interface KeyServiceStage {
  readonly opened: { readonly keys: WatchedKeyService; readonly clock: Clock };
  readonly scene: KeyServiceScene;
  readonly crypto: CryptoPorts;
}

const HOUR_MS = 3_600_000;

/** Claims for the suite around it; `stage` answers once its service is open. */
export function keyServiceEndings(stage: () => KeyServiceStage): void {
  let opened: KeyServiceStage["opened"];
  let scene: KeyServiceScene;
  let crypto: CryptoPorts;
  beforeAll(() => {
    ({ opened, scene, crypto } = stage());
  });
  const holdOf = ({ transfer }: { transfer: SceneTransfer["transfer"] }) => ({
    organisation: scene.organisation,
    transfer,
    hold: drawId("hold", crypto.random),
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
      expect(await scene.stateOf({ transfers: [other.transfer], grants: [held.grant] })).toEqual(["active", "active"]);
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
        pairs.map(({ transfer, grant }) => opened.keys.shred(scene.named({ transfers: [transfer], grants: [grant] }))),
      );
      for (const { statements } of answers) expect(statements).toHaveLength(2);
      const transfers = pairs.map(({ transfer }) => transfer);
      expect(new Set(await scene.stateOf({ transfers }))).toEqual(new Set(["shredded"]));
    });
  });
}
