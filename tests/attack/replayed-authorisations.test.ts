/**
 * Whoever has recorded what API and key service say to each other plays it again: release authorisations word for word or with
 * one word changed, after the cap, after a revocation, after a restart in between; and answers to a device that did not ask.
 */
import { nodeCrypto } from "@safeconduct/crypto-node";
import { type Bytes, drawId, hexText } from "@safeconduct/foundation";
import { type ReleaseAuthorisation, signAuthorisation } from "@safeconduct/keyring";
import {
  cheapCrypto,
  drawKeyPairs,
  type FakeKeyService,
  fakeKeyService,
  KeyServiceScene,
  known,
  MemoryTileStore,
  outcomeOf,
  type SceneDevice,
  type SceneGrant,
  SteppedClock,
} from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";

const crypto = cheapCrypto(nodeCrypto());
const { random } = crypto;
const MINUTE_MS = 60_000;
const REFUSED = "keys/bad-authorisation";

let clock: SteppedClock;
let keyPairs: Awaited<ReturnType<typeof drawKeyPairs>>;
let log: MemoryTileStore;
let service: FakeKeyService;
let scene: KeyServiceScene;
beforeEach(async () => {
  clock = new SteppedClock();
  keyPairs = await drawKeyPairs(crypto);
  log = new MemoryTileStore();
  service = await fakeKeyService({ crypto, clock, keyPairs, log });
  scene = new KeyServiceScene({ crypto, clock, keys: service });
});

/** What goes over the wire for one release. */
interface Recorded {
  readonly authorisation: ReleaseAuthorisation;
  readonly signature: Bytes;
  readonly ephemeralPublicKey: Bytes;
}

async function record(grant: SceneGrant, { publicKey, session, ephemeralKeyHash }: SceneDevice): Promise<Recorded> {
  const { organisation, transfer, termsHash } = grant;
  const authorisation: ReleaseAuthorisation = {
    authorisation: drawId("authorisation", random),
    organisation,
    transfer,
    grant: grant.grant,
    session,
    asker: "recipient",
    termsHash,
    ephemeralKeyHash,
    issuedAt: clock.now(),
    expiresAt: clock.now() + MINUTE_MS,
  };
  const { privateKey: apiPrivateKey } = keyPairs.api;
  const audience = keyPairs.signing.publicKey;
  const signature = await signAuthorisation(crypto.signatures, { apiPrivateKey, audience, authorisation });
  return { authorisation, signature, ephemeralPublicKey: publicKey };
}

const play = (recorded: Recorded) => outcomeOf(service.core.release(recorded));

async function releasesOf(grant: SceneGrant): Promise<number> {
  const { grants } = await service.status(scene.named({ grants: [grant] }));
  return known(grants[0]).releases;
}

/** Of the same ring, as after a stop or a kill. */
async function restart(): Promise<void> {
  service = await fakeKeyService({ crypto, clock, keyPairs, log, store: service.store });
}

describe("a recorded authorisation", () => {
  test("played a hundred times, with restarts in between, is one release and one answer", async () => {
    const { grant } = await scene.transferWithGrant({ releaseCap: 2 });
    const recorded = await record(grant, await scene.drawDevice());
    const { sealedShares } = await service.core.release(recorded);
    for (let turn = 0; turn < 100; turn++) {
      if (turn % 25 === 24) await restart();
      expect(hexText((await service.core.release(recorded)).sealedShares)).toBe(hexText(sealedShares));
    }
    expect(await releasesOf(grant)).toBe(1);
  });

  test("gives nobody else the shares: with another device's key it is refused, before and after it was used and after a restart", async () => {
    const { grant } = await scene.transferWithGrant();
    const recorded = await record(grant, await scene.drawDevice());
    const thief = await scene.drawDevice();
    const swapped = { ...recorded, ephemeralPublicKey: thief.publicKey };
    expect(await play(swapped)).toBe(REFUSED);
    await service.core.release(recorded);
    expect(await play(swapped)).toBe(REFUSED);
    await restart();
    expect(await play(swapped)).toBe(REFUSED);
    expect(await releasesOf(grant)).toBe(1);
  });

  test("signed twice under one id serves the first device alone, also after a restart", async () => {
    const { grant } = await scene.transferWithGrant();
    const [first, second] = [await record(grant, await scene.drawDevice()), await scene.drawDevice()];
    const authorisation = { ...first.authorisation, ephemeralKeyHash: second.ephemeralKeyHash };
    const { privateKey: apiPrivateKey } = keyPairs.api;
    const audience = keyPairs.signing.publicKey;
    const signature = await signAuthorisation(crypto.signatures, { apiPrivateKey, audience, authorisation });
    const again = { authorisation, signature, ephemeralPublicKey: second.publicKey };
    await service.core.release(first);
    expect(await play(again)).toBe(REFUSED);
    await restart();
    expect(await play(again)).toBe(REFUSED);
  });

  test("that came too late for the cap stays refused, also after a restart, and takes no place", async () => {
    const { grant } = await scene.transferWithGrant({ releaseCap: 1 });
    const [first, late] = [
      await record(grant, await scene.drawDevice()),
      await record(grant, await scene.drawDevice()),
    ];
    await service.core.release(first);
    expect(await play(late)).toBe("keys/capped");
    await restart();
    expect(await play(late)).toBe("keys/capped");
    expect(await play(first)).toBe("done");
    expect(await releasesOf(grant)).toBe(1);
  });

  test("is worth nothing once the link is suspended or destroyed, used before or not, after a restart neither", async () => {
    const { grant } = await scene.transferWithGrant();
    const [used, kept] = [await record(grant, await scene.drawDevice()), await record(grant, await scene.drawDevice())];
    await service.core.release(used);
    await service.suspend(scene.named({ grants: [grant] }));
    expect([await play(used), await play(kept)]).toEqual(["keys/suspended", "keys/suspended"]);
    await restart();
    expect([await play(used), await play(kept)]).toEqual(["keys/suspended", "keys/suspended"]);
    await service.shred(scene.named({ grants: [grant] }));
    expect([await play(used), await play(kept)]).toEqual(["keys/shredded", "keys/shredded"]);
    await restart();
    expect([await play(used), await play(kept)]).toEqual(["keys/shredded", "keys/shredded"]);
  });

  test("dies with its minute, for the device that was served too, and a restart does not bring it back", async () => {
    const { grant } = await scene.transferWithGrant();
    const [used, kept] = [await record(grant, await scene.drawDevice()), await record(grant, await scene.drawDevice())];
    await service.core.release(used);
    clock.advance(MINUTE_MS - 1);
    expect(await play(used)).toBe("done");
    clock.advance(1);
    expect([await play(used), await play(kept)]).toEqual([REFUSED, REFUSED]);
    await restart();
    expect([await play(used), await play(kept)]).toEqual([REFUSED, REFUSED]);
  });

  test("with any one word changed is refused, and nothing is counted", async () => {
    const { transfer, grant } = await scene.transferWithGrant();
    const other = await scene.addGrant(transfer);
    const own = await scene.addGrant(transfer, { kind: "sender" });
    const elsewhere = await scene.transferWithGrant();
    const recorded = await record(grant, await scene.drawDevice());
    const { issuedAt, expiresAt } = recorded.authorisation;
    const changes: readonly Partial<ReleaseAuthorisation>[] = [
      { authorisation: drawId("authorisation", random) },
      { organisation: drawId("organisation", random) },
      { transfer: elsewhere.transfer.transfer },
      { grant: other.grant },
      { grant: other.grant, termsHash: other.termsHash },
      { grant: own.grant, termsHash: own.termsHash },
      { transfer: elsewhere.transfer.transfer, grant: elsewhere.grant.grant, termsHash: elsewhere.grant.termsHash },
      { session: drawId("session", random) },
      { asker: "member" },
      { termsHash: random.bytes(32) },
      { ephemeralKeyHash: random.bytes(32) },
      { issuedAt: issuedAt + 1 },
      { issuedAt: issuedAt - 1 },
      { expiresAt: expiresAt + 1 },
      { expiresAt: expiresAt - 1 },
    ];
    for (const change of changes) {
      const changed = { ...recorded, authorisation: { ...recorded.authorisation, ...change } };
      expect([Object.keys(change), await play(changed)]).toEqual([Object.keys(change), REFUSED]);
    }
    for (const each of [grant, other, own, elsewhere.grant]) expect(await releasesOf(each)).toBe(0);
    expect(await play(recorded)).toBe("done");
  });

  test("is refused by a key service for which it was not signed, and with another API's signature", async () => {
    const { grant } = await scene.transferWithGrant();
    const recorded = await record(grant, await scene.drawDevice());
    const stranger = await crypto.signatures.generateKeyPair();
    const { authorisation } = recorded;
    const sign = (audience: Bytes, apiPrivateKey: Bytes) =>
      signAuthorisation(crypto.signatures, { apiPrivateKey, audience, authorisation });
    const { signing, api } = keyPairs;
    const foreign = await sign(stranger.publicKey, api.privateKey);
    const forged = await sign(signing.publicKey, stranger.privateKey);
    for (const signature of [foreign, forged, new Uint8Array(64)])
      expect(await play({ ...recorded, signature })).toBe(REFUSED);
    expect(await releasesOf(grant)).toBe(0);
  });
});

describe("a recorded answer", () => {
  test("opens on the device that asked and for the grant that it asked for, and nowhere else", async () => {
    const { transfer, grant } = await scene.transferWithGrant();
    const other = await scene.addGrant(transfer);
    const elsewhere = (await scene.transferWithGrant()).grant;
    const [device, thief] = [await scene.drawDevice(), await scene.drawDevice()];
    const answer = await service.core.release(await record(grant, device));
    expect(await device.open(grant, answer)).not.toBeNull();
    expect(await thief.open(grant, answer)).toBeNull();
    expect(await device.open(other, answer)).toBeNull();
    expect(await device.open(elsewhere, answer)).toBeNull();
    const changed = answer.sealedShares.slice();
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    expect(await device.open(grant, { sealedShares: changed })).toBeNull();
  });
});
