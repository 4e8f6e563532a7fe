import { nodeCrypto } from "@safeconduct/crypto-node";
import { encodeTerms, grantShareContext, sealShare, signMemberRequest, termsHash } from "@safeconduct/envelope";
import { type Bytes, drawId, type GrantId } from "@safeconduct/foundation";
import {
  cheapCrypto,
  type Desk,
  ExchangeScene,
  known,
  outcomeOf,
  type SealedTransfer,
  sealedTransfer,
} from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { releaseToMember } from "../grants/release-to-member.ts";
import { RELEASE_KEY_LIMIT } from "../grants/release.ts";
import { type Addition, addRecipient } from "./add-recipient.ts";
import { revokeGrant } from "./revoke.ts";
import { suspendGrant } from "./suspend-grant.ts";
import { GRANTS_PER_TRANSFER, RECIPIENTS_PER_TRANSFER } from "./limits.ts";

const crypto = cheapCrypto(nodeCrypto());
const { random, sha256 } = crypto;
let scene: ExchangeScene;
let desk: Desk;
let sealed: SealedTransfer;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
  sealed = await sealedTransfer(scene, desk);
});

/** A link as an honest device would make it; what a test cares about it passes in. */
async function addition({
  address = `${drawId("event", random).slice(4, 14)}@hospital.example`,
  replaces = null,
  signer = desk.device.signing.privateKey,
}: {
  address?: string;
  replaces?: GrantId | null;
  signer?: Bytes;
} = {}): Promise<Addition> {
  const grant = drawId("grant", random);
  const ids = { organisation: desk.organisation.id, transfer: sealed.id, grant };
  const terms = encodeTerms({
    ...ids,
    kind: "recipient",
    profile: "downloadable",
    purpose: "TREAT",
    notBefore: 0,
    notAfter: scene.clock.now() + 3_600_000,
    releaseCap: 0,
  });
  const { intake } = await scene.keys.publicKeys();
  const hash = termsHash(sha256, terms);
  const context = grantShareContext({ ...ids, termsHash: hash });
  const sealedGrantShare = await sealShare(crypto, { publicKey: intake.publicKey, context, share: random.bytes(32) });
  const request = { request: "add-recipient", ...ids, device: desk.device.device, content: hash } as const;
  return {
    transfer: sealed.id,
    device: desk.device.device,
    signature: await signMemberRequest(crypto, { request, privateKey: signer }),
    recipient: {
      grant,
      address,
      name: null,
      organisation: null,
      language: null,
      terms,
      sealedGrantShare,
      slot: random.bytes(62),
      passcodeVerifierHash: null,
    },
    replaces,
  };
}
const add = (asked: Addition, by = desk) => outcomeOf(addRecipient(scene.deps, by.caller, asked));
const recipients = async () => (await scene.store.read((view) => view.grantsOf(sealed.id))).slice(1);

describe("adding a recipient", () => {
  test("is one entry, however often and at once it is said", async () => {
    const asked = await addition();
    expect(await Promise.all([add(asked), add(asked), add(asked)])).toEqual(["done", "done", "done"]);
    expect(await add(asked)).toBe("done");
    expect((await scene.entries(sealed.id)).filter((type) => type === "grant/added")).toHaveLength(2);
  });

  test("is refused without the signature of the device that it names", async () => {
    const [asked, other] = [await addition(), await addition()];
    expect(await add({ ...asked, signature: other.signature })).toBe("device/bad-signature");
    expect(await add(await addition({ signer: random.bytes(32) }))).toBe("device/bad-signature");
    const colleague = await scene.desk(desk.organisation);
    expect(await add({ ...asked, device: colleague.device.device })).toBe("device/unknown");
    expect(await add(asked, colleague)).toBe("transfer/unknown");
    expect(await recipients()).toHaveLength(1);
  });

  test("is refused once the sender's own share is gone", async () => {
    const [own] = await scene.store.read((view) => view.grantsOf(sealed.id));
    const asked = await addition();
    await scene.store.transaction((tx) => tx.updateGrant(known(own).id, { destroyedAt: 1 }));
    expect(await add(asked)).toBe("transfer/not-active");
  });

  test("is no way around a compliance officer who closed the link of that address, ended or not", async () => {
    const officer = await scene.desk(desk.organisation, ["compliance-officer"]);
    const { id: replaces, address } = known((await recipients())[0]);
    const ids = { transfer: sealed.id, grant: replaces };
    // Another link keeps the transfer open.
    expect(await add(await addition())).toBe("done");
    await suspendGrant(scene.deps, officer.caller, ids);
    expect(await add(await addition({ address: address.toUpperCase(), replaces }))).toBe("grant/closed-by-officer");
    await revokeGrant(scene.deps, desk.caller, ids);
    expect(await add(await addition({ address }))).toBe("grant/closed-by-officer");
    expect(await recipients()).toHaveLength(2);
  });

  test("is refused past the end of the sender's own grant", async () => {
    const [own] = await scene.store.read((view) => view.grantsOf(sealed.id));
    const asked = await addition();
    const end = (notAfter: number) => scene.store.transaction((tx) => tx.updateGrant(known(own).id, { notAfter }));
    await end(scene.clock.now() + 3_600_000 - 1);
    expect(await add(asked)).toBe("transfer/beyond-end");
    await end(scene.clock.now() + 3_600_000);
    expect(await add(asked)).toBe("done");
  });

  test("is refused by the key service once F is destroyed, whatever the database says", async () => {
    await scene.keys.shred({ organisation: desk.organisation.id, transfers: [sealed.id], grants: [] });
    expect(await add(await addition())).toBe("keys/shredded");
    expect(await recipients()).toHaveLength(1);
  });

  test(`reaches ${RECIPIENTS_PER_TRANSFER} links at a time and no more; a fresh one in place of one still goes`, async () => {
    for (let links = 2; links <= RECIPIENTS_PER_TRANSFER; links++) expect(await add(await addition())).toBe("done");
    expect(await add(await addition())).toBe("transfer/too-many-recipients");
    const { id: replaces, address } = known((await recipients())[0]);
    expect(await add(await addition({ address, replaces }))).toBe("done");
  });

  test(`reaches ${GRANTS_PER_TRANSFER} links in all`, async () => {
    const { id, address } = known((await recipients())[0]);
    let replaces = id;
    for (let links = 2; links <= GRANTS_PER_TRANSFER; links++) {
      const asked = await addition({ address, replaces });
      expect(await add(asked)).toBe("done");
      replaces = asked.recipient.grant;
    }
    expect(await add(await addition({ address, replaces }))).toBe("transfer/too-many-recipients");
  });

  test("leaves nothing behind while the key service or the ledger is away, and goes on after", async () => {
    const asked = await addition();
    for (const call of ["keys.addGrant", "store.transaction"] as const) {
      scene.watch.before(call, () => {
        throw scene.outage(call === "keys.addGrant" ? "keys" : "store");
      });
      expect(await add(asked)).not.toBe("done");
      scene.watch.clear();
      expect(await recipients()).toHaveLength(1);
    }
    expect(await add(asked)).toBe("done");
  });
});

describe("the release of the sender's own slot", () => {
  async function asked(ephemeralPublicKey = random.bytes(32), signer = desk.device.signing.privateKey) {
    const { device } = desk.device;
    const content = sha256(ephemeralPublicKey);
    const request = {
      request: "release",
      organisation: desk.organisation.id,
      transfer: sealed.id,
      device,
      grant: null,
      content,
    } as const;
    const signature = await signMemberRequest(crypto, { request, privateKey: signer });
    return { transfer: sealed.id, device, ephemeralPublicKey, signature };
  }
  const release = (given: Awaited<ReturnType<typeof asked>>, by = desk) =>
    outcomeOf(releaseToMember(scene.deps, by.caller, given));

  test("is one entry for one key", async () => {
    const given = await asked();
    expect(await Promise.all([release(given), release(given)])).toEqual(["done", "done"]);
    expect((await scene.entries(sealed.id)).slice(3)).toEqual(["grant/released-to-member"]);
  });

  test("is refused without the device's signature over this key and transfer", async () => {
    const [given, other] = [await asked(), await asked()];
    expect(await release({ ...given, signature: other.signature })).toBe("device/bad-signature");
    expect(await release(await asked(random.bytes(32), random.bytes(32)))).toBe("device/bad-signature");
    const another = await sealedTransfer(scene, desk);
    expect(await release({ ...given, transfer: another.id })).toBe("device/bad-signature");
    expect(await release(given, await scene.desk(desk.organisation))).toBe("device/unknown");
    expect((await scene.entries(sealed.id)).slice(3)).toEqual([]);
  });

  test("is refused when the transfer was revoked while the key service was asked", async () => {
    scene.watch.after("keys.release", async () => {
      await scene.store.transaction((tx) => tx.updateTransfer(sealed.id, { state: "revoked" }));
    });
    expect(await release(await asked())).toBe("transfer/not-active");
  });

  test("is refused when the device was removed while the key service was asked", async () => {
    scene.watch.after("keys.release", async () => {
      await scene.store.transaction((tx) => tx.removeDevice(desk.device.device, 1));
    });
    expect(await release(await asked())).toBe("device/removed");
  });

  test(`is for ${RELEASE_KEY_LIMIT} keys and no more`, async () => {
    for (let keys = 0; keys < RELEASE_KEY_LIMIT; keys++) expect(await release(await asked())).toBe("done");
    expect(await release(await asked())).toBe("transfer/not-active");
  });

  test("is refused by the key service to a draft that has ended, and to shares that are gone", async () => {
    await scene.keys.suspend({ organisation: desk.organisation.id, transfers: [sealed.id], grants: [] });
    expect(await release(await asked())).toBe("transfer/not-active");
  });
});
