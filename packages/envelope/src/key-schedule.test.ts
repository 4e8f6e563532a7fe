import { nodeCrypto } from "@safeconduct/crypto-node";
import { loadWebCrypto } from "@safeconduct/crypto-web";
import { type Bytes, copyBytes, drawId, hexText, utf8Bytes } from "@safeconduct/foundation";
import { hasWycheproof, hexField, wycheproofGroups, wycheproofName } from "@safeconduct/testkit";
import { describe, expect, it } from "vitest";
import { expandSha384, HKDF_BLOCK_BYTES, hkdfSha384 } from "./hkdf.ts";
import { commitManifest, drawSecret, grantTranscript, kek, NO_RECIPIENT_KEY, objectKey } from "./key-schedule.ts";
import { openSlot, SLOT_BYTES, sealSlot } from "./slot.ts";

const node = nodeCrypto();
const web = await loadWebCrypto();
const { random } = node;

describe.skipIf(!hasWycheproof)("HKDF-SHA-384 by Wycheproof (skipped where ../shared/data is absent)", () => {
  const tests = wycheproofGroups("hkdf_sha384_test.json").flatMap((group) => group.tests);
  for (const test of tests) {
    const length = Number(test["size"]);
    if (length > HKDF_BLOCK_BYTES) continue;
    for (const [platform, { hmac }] of Object.entries({ node, web })) {
      it(`${wycheproofName(test)} on ${platform}`, async () => {
        const salt = hexField(test, "salt");
        const secret = hexField(test, "ikm");
        const okm = await hkdfSha384(hmac, { secret, salt, info: hexField(test, "info"), length });
        expect(hexText(okm)).toBe(test["okm"]);
      });
    }
  }

  it("are enough", () => {
    expect(tests.filter((test) => Number(test["size"]) <= HKDF_BLOCK_BYTES).length).toBeGreaterThan(20);
  });
});

describe("HKDF", () => {
  it("gives 1 to 48 bytes, not 0 and not 49", async () => {
    const key = utf8Bytes("key");
    await expect(expandSha384(node.hmac, key, key, 0)).rejects.toThrow(RangeError);
    await expect(expandSha384(node.hmac, key, key, 1)).resolves.toHaveLength(1);
    await expect(expandSha384(node.hmac, key, key, 48)).resolves.toHaveLength(48);
    await expect(expandSha384(node.hmac, key, key, 49)).rejects.toThrow(RangeError);
  });
});

describe("keys of a package", () => {
  it("differ for each file, the padding, the manifest and its commitment, and for each P", async () => {
    const [packageKey, other] = [drawSecret(random), drawSecret(random)];
    const [one, two] = [drawId("file", random), drawId("file", random)];
    const keys = await Promise.all([
      objectKey(node, packageKey, { kind: "file", fileId: one }),
      objectKey(node, packageKey, { kind: "file", fileId: two }),
      objectKey(node, other, { kind: "file", fileId: one }),
      objectKey(node, packageKey, { kind: "padding" }),
      objectKey(node, packageKey, { kind: "manifest" }),
    ]);
    for (const key of keys) expect(key).toHaveLength(32);
    expect(new Set(keys.map(hexText)).size).toBe(keys.length);
    const text = utf8Bytes("manifest");
    expect(await commitManifest(node, packageKey, text)).toHaveLength(48);
    expect(await commitManifest(node, packageKey, text)).not.toEqual(await commitManifest(node, other, text));
    expect(await commitManifest(node, packageKey, text)).not.toEqual(await node.hmac.hmacSha384(packageKey, text));
  });
});

const scope = {
  organisation: drawId("organisation", random),
  transfer: drawId("transfer", random),
  grant: drawId("grant", random),
  termsHash: random.bytes(32),
  recipientKeyId: NO_RECIPIENT_KEY,
};
const transcript = grantTranscript(scope);
const secrets = {
  linkSecret: random.bytes(32),
  transferShare: random.bytes(32),
  grantShare: random.bytes(32),
  transcript,
};
const otherTranscripts: [string, Bytes][] = Object.entries({
  organisation: drawId("organisation", random),
  transfer: drawId("transfer", random),
  grant: drawId("grant", random),
  termsHash: random.bytes(32),
  recipientKeyId: random.bytes(32),
}).map(([field, value]) => [field, grantTranscript({ ...scope, [field]: value })]);

describe("a KEK", () => {
  it("is HKDF-SHA-384 of S ‖ F ‖ G, on either platform", async () => {
    const { linkSecret, transferShare, grantShare } = secrets;
    const secret = new Uint8Array([...linkSecret, ...transferShare, ...grantShare]);
    const expected = await crypto.subtle.deriveBits(
      { name: "HKDF", hash: "SHA-384", salt: new Uint8Array(48), info: transcript },
      await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]),
      256,
    );
    expect(await kek(node, secrets)).toEqual(new Uint8Array(expected));
    expect(await kek(web, secrets)).toEqual(new Uint8Array(expected));
  });

  it("needs every one of the three secrets, in its place", async () => {
    const right = hexText(await kek(node, secrets));
    const wrong = [
      { ...secrets, linkSecret: random.bytes(32) },
      { ...secrets, transferShare: random.bytes(32) },
      { ...secrets, grantShare: random.bytes(32) },
      { ...secrets, transferShare: secrets.grantShare, grantShare: secrets.transferShare },
      { ...secrets, linkSecret: secrets.transferShare, transferShare: secrets.linkSecret },
    ];
    for (const each of wrong) expect(hexText(await kek(node, each))).not.toBe(right);
  });

  it.each(otherTranscripts)("is another for another %s", async (_field, other) => {
    expect(await kek(node, { ...secrets, transcript: other })).not.toEqual(await kek(node, secrets));
  });

  it("takes secrets of 32 bytes alone, so that none can lend bytes to another", () => {
    expect(() => kek(node, { ...secrets, linkSecret: random.bytes(31), transferShare: random.bytes(33) })).toThrow(
      RangeError,
    );
    expect(() => grantTranscript({ ...scope, recipientKeyId: new Uint8Array(0) })).toThrow(RangeError);
  });
});

describe("a slot", () => {
  const packageKey = drawSecret(random);

  async function slotOf(): Promise<{ kek: Bytes; transcript: Bytes; slot: Bytes }> {
    const key = await kek(node, secrets);
    return { kek: key, transcript, slot: await sealSlot(node, { kek: key, transcript, packageKey }) };
  }

  it("gives P back to its KEK, on either platform", async () => {
    const slot = await slotOf();
    expect(slot.slot).toHaveLength(SLOT_BYTES);
    expect(await openSlot(node, slot)).toEqual(packageKey);
    expect(await openSlot(web, slot)).toEqual(packageKey);
  });

  it("gives nothing with any one bit of it flipped", async () => {
    const slot = await slotOf();
    for (let bit = 0; bit < 8 * SLOT_BYTES; bit++) {
      const changed = copyBytes(slot.slot);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(await openSlot(node, { ...slot, slot: changed }), `bit ${bit}`).toBeNull();
    }
  });

  it("gives nothing cut short, extended, or to another grant's KEK", async () => {
    const slot = await slotOf();
    expect(await openSlot(node, { ...slot, slot: slot.slot.slice(0, -1) })).toBeNull();
    expect(await openSlot(node, { ...slot, slot: new Uint8Array([...slot.slot, 0]) })).toBeNull();
    expect(await openSlot(node, { ...slot, slot: new Uint8Array(0) })).toBeNull();
    const otherKek = await kek(node, { ...secrets, grantShare: random.bytes(32) });
    expect(await openSlot(node, { ...slot, kek: otherKek })).toBeNull();
  });

  it.each(otherTranscripts)("gives nothing under the transcript of another %s", async (_field, other) => {
    expect(await openSlot(node, { ...(await slotOf()), transcript: other })).toBeNull();
  });

  it("may be sealed again: its nonce is drawn afresh", async () => {
    const [one, two] = [await slotOf(), await slotOf()];
    expect(one.slot.subarray(2, 14)).not.toEqual(two.slot.subarray(2, 14));
  });

  it("wraps 32 bytes and nothing else", async () => {
    const wrong = { kek: random.bytes(32), transcript, packageKey: new Uint8Array(31) };
    await expect(sealSlot(node, wrong)).rejects.toThrow(RangeError);
  });
});
