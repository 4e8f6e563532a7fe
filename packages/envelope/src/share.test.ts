import { nodeCrypto } from "@safeconduct/crypto-node";
import { type Bytes, concatBytes, copyBytes, drawId, hexText } from "@safeconduct/foundation";
import { describe, expect, it } from "vitest";
import { openAsMember, sealToMember } from "./member-key.ts";
import {
  drawShare,
  grantShareContext,
  openRelease,
  openShare,
  releaseContext,
  sealRelease,
  sealShare,
  transferShareContext,
} from "./share.ts";

const node = nodeCrypto();
const { random, sha256, hpke } = node;
const scope = {
  organisation: drawId("organisation", random),
  transfer: drawId("transfer", random),
  grant: drawId("grant", random),
  termsHash: random.bytes(32),
};
const keyService = await hpke.generateKeyPair();
const device = await hpke.generateKeyPair();
const release = { ...scope, ephemeralKeyHash: sha256(device.publicKey) };
const other = {
  organisation: drawId("organisation", random),
  transfer: drawId("transfer", random),
  grant: drawId("grant", random),
  termsHash: random.bytes(32),
};

describe("a share", () => {
  it("opens at the key service under its own context", async () => {
    const share = drawShare(random);
    for (const context of [transferShareContext(scope), grantShareContext(scope)]) {
      const sealed = await sealShare(node, { publicKey: keyService.publicKey, context, share });
      expect(await openShare(node, { privateKey: keyService.privateKey, context, sealed })).toEqual(share);
    }
  });

  it("opens under no context of another organisation, transfer, grant, terms or use", async () => {
    const share = drawShare(random);
    const context = grantShareContext(scope);
    const sealed = await sealShare(node, { publicKey: keyService.publicKey, context, share });
    const wrong: Bytes[] = Object.entries(other).map(([field, value]) =>
      grantShareContext({ ...scope, [field]: value }),
    );
    for (const each of [...wrong, transferShareContext(scope), releaseContext(release)]) {
      expect(await openShare(node, { privateKey: keyService.privateKey, context: each, sealed })).toBeNull();
    }
  });

  it("has contexts of which no two are one", () => {
    const contexts = [
      transferShareContext(scope),
      transferShareContext({ ...scope, organisation: other.organisation }),
      transferShareContext({ ...scope, transfer: other.transfer }),
      ...Object.entries(other).map(([field, value]) => grantShareContext({ ...scope, [field]: value })),
      grantShareContext(scope),
      ...Object.entries(other).map(([field, value]) => releaseContext({ ...release, [field]: value })),
      releaseContext({ ...release, ephemeralKeyHash: random.bytes(32) }),
      releaseContext(release),
    ];
    expect(new Set(contexts.map(hexText)).size).toBe(contexts.length);
  });

  it("is 32 bytes, coming and going", async () => {
    const context = transferShareContext(scope);
    const { publicKey, privateKey } = keyService;
    for (const length of [0, 31, 33]) {
      const share = new Uint8Array(length);
      expect(() => sealShare(node, { publicKey, context, share })).toThrow(RangeError);
      const sealed = await hpke.seal({ publicKey, info: context, aad: new Uint8Array(0), plaintext: share });
      expect(await openShare(node, { privateKey, context, sealed })).toBeNull();
    }
  });

  it("does not open with one bit of its ciphertext flipped", async () => {
    const context = transferShareContext(scope);
    const sealed = await sealShare(node, { publicKey: keyService.publicKey, context, share: drawShare(random) });
    for (let at = sealed.length - 48; at < sealed.length; at++) {
      const changed = copyBytes(sealed);
      changed[at] = (changed[at] ?? 0) ^ 0x80;
      expect(await openShare(node, { privateKey: keyService.privateKey, context, sealed: changed })).toBeNull();
    }
  });
});

describe("a release", () => {
  const [transferShare, grantShare] = [drawShare(random), drawShare(random)];
  const context = releaseContext(release);

  it("gives both shares, each in its place, to the device that asked", async () => {
    const sealed = await sealRelease(node, { publicKey: device.publicKey, context, transferShare, grantShare });
    const opened = await openRelease(node, { privateKey: device.privateKey, context, sealed });
    expect(opened).toEqual({ transferShare, grantShare });
  });

  it("gives nothing to another device, grant, transfer, organisation or terms", async () => {
    const sealed = await sealRelease(node, { publicKey: device.publicKey, context, transferShare, grantShare });
    expect(await openRelease(node, { privateKey: keyService.privateKey, context, sealed })).toBeNull();
    for (const [field, value] of Object.entries({ ...other, ephemeralKeyHash: random.bytes(32) })) {
      const wrong = releaseContext({ ...release, [field]: value });
      expect(
        await openRelease(node, { privateKey: device.privateKey, context: wrong, sealed }),
        `other ${field}`,
      ).toBeNull();
    }
  });

  it("is not one share, nor three", async () => {
    const { publicKey, privateKey } = device;
    for (const plaintext of [transferShare, concatBytes(transferShare, grantShare, grantShare)]) {
      const sealed = await hpke.seal({ publicKey, info: context, aad: new Uint8Array(0), plaintext });
      expect(await openRelease(node, { privateKey, context, sealed })).toBeNull();
    }
    const short = { publicKey, context, transferShare, grantShare: grantShare.slice(1) };
    expect(() => sealRelease(node, short)).toThrow(RangeError);
  });
});

describe("the sender's link secret, sealed to the member", () => {
  const member = {
    organisation: scope.organisation,
    transfer: scope.transfer,
    grant: scope.grant,
    member: drawId("member", random),
  };

  it("opens for that member, transfer and grant alone", async () => {
    const linkSecret = random.bytes(32);
    const { publicKey, privateKey } = device;
    const sealed = await sealToMember(node, { publicKey, scope: member, linkSecret });
    expect(await openAsMember(node, { privateKey, scope: member, sealed })).toEqual(linkSecret);
    expect(await openAsMember(node, { privateKey: keyService.privateKey, scope: member, sealed })).toBeNull();
    const { termsHash: _, ...wrong } = { ...other, member: drawId("member", random) };
    for (const [field, value] of Object.entries(wrong)) {
      expect(
        await openAsMember(node, { privateKey, scope: { ...member, [field]: value }, sealed }),
        `other ${field}`,
      ).toBeNull();
    }
  });
});
