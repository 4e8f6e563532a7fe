import { type Bytes, hexText, type Hpke, utf8Bytes } from "@safeconduct/foundation";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { describeCryptoPorts, hasWycheproof, hexField, wycheproofGroups, wycheproofName } from "@safeconduct/testkit";
import * as noble from "@panva/hpke-noble";
import * as native from "hpke";
import { describe, expect, it } from "vitest";
import { loadNobleHpke } from "./hpke.ts";
import { loadWebCrypto } from "./index.ts";

const node = nodeCrypto();
const web = await loadWebCrypto();
const nobleHpke = await loadNobleHpke();

describeCryptoPorts("WebCrypto", web);
describeCryptoPorts("WebCrypto without ML-KEM", { ...web, hpke: nobleHpke });

describe("two platforms", () => {
  const hpkes: Record<string, Hpke> = { Node: node.hpke, WebCrypto: web.hpke, noble: nobleHpke };
  const [iv, aad, text] = [utf8Bytes("nonce nonce "), utf8Bytes("aad"), utf8Bytes("text")];

  for (const [writer, writes] of Object.entries(hpkes)) {
    for (const [reader, reads] of Object.entries(hpkes)) {
      it(`agree on HPKE: ${writer} seals and ${reader} opens`, async () => {
        const { publicKey, privateKey } = await reads.generateKeyPair();
        const sealed = await writes.seal({ publicKey, info: text, aad, plaintext: text });
        expect(await reads.open({ privateKey, info: text, aad, sealed })).toEqual(text);
      });
    }
  }

  it("agree on AES-GCM, HMAC, SHA-256 and Ed25519", async () => {
    const raw: Bytes = node.random.bytes(32);
    const [nodeKey, webKey] = [await node.aead.importKey(raw), await web.aead.importKey(raw)];
    expect(await nodeKey.seal({ iv, aad, plaintext: text })).toEqual(await webKey.seal({ iv, aad, plaintext: text }));
    expect(await node.hmac.hmacSha384(raw, text)).toEqual(await web.hmac.hmacSha384(raw, text));
    expect(node.sha256(raw, text)).toEqual(web.sha256(raw, text));
    expect(await node.sha256Aside(raw)).toEqual(await web.sha256Aside(raw));
    const pair = await web.signatures.generateKeyPair();
    const signature = await node.signatures.sign(pair.privateKey, text);
    expect(signature).toEqual(await web.signatures.sign(pair.privateKey, text));
    expect(await node.signatures.verify(pair.publicKey, text, signature)).toBe(true);
  });
});

describe.skipIf(!hasWycheproof)("ML-KEM-768 by Wycheproof (skipped where ../shared/data is absent)", () => {
  const decapsulations = {
    "the library's": decapsulation(native.KEM_ML_KEM_768()),
    "the JavaScript": decapsulation(noble.KEM_ML_KEM_768()),
  };
  const vectors = wycheproofGroups("mlkem_768_test.json").flatMap(({ tests }) => tests);
  it("has vectors", () => {
    expect(vectors.length).toBeGreaterThan(0);
  });

  for (const [name, decapsulate] of Object.entries(decapsulations)) {
    for (const test of vectors) {
      it(`${name} KEM, ${wycheproofName(test)}`, async () => {
        const secret = await decapsulate(hexField(test, "seed"), hexField(test, "c"));
        expect(secret && hexText(secret)).toBe(test.result === "valid" ? hexText(hexField(test, "K")) : null);
      });
    }
  }
});

/** The shared secret, or null. Checks the lengths as the HPKE library does before it asks a KEM. */
function decapsulation(kem: native.KEM): (seed: Bytes, enc: Bytes) => Promise<Uint8Array | null> {
  return async (seed, enc) => {
    if (seed.length !== kem.Nsk || enc.length !== kem.Nenc) return null;
    try {
      return await kem.Decap(enc, await kem.DeserializePrivateKey(seed, false), undefined);
    } catch {
      return null;
    }
  };
}
