import { Aes256Gcm, CipherSuite as OracleSuite, DhkemP256HkdfSha256, HkdfSha256 } from "@hpke/core";
import { concatBytes, copyBytes, hpkeOn, utf8Bytes } from "@safeconduct/foundation";
import { gcm } from "@noble/ciphers/aes.js";
import fc from "fast-check";
import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_P256_HKDF_SHA256 } from "hpke";
import { describe, expect, it } from "vitest";
import { nodeCrypto } from "./index.ts";

const { aead } = nodeCrypto();
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(copyBytes);
const someBytes = fc.uint8Array({ maxLength: 300 }).map(copyBytes);

describe("an implementation that none of us wrote", () => {
  it("writes the same AES-256-GCM", async () => {
    const message = fc.record({ raw: bytes(32), iv: bytes(12), aad: someBytes, plaintext: someBytes });
    await fc.assert(
      fc.asyncProperty(message, async ({ raw, iv, aad, plaintext }) => {
        const key = await aead.importKey(raw);
        const oracle = gcm(raw, iv, aad);
        const ciphertext = copyBytes(oracle.encrypt(plaintext));
        expect(await key.seal({ iv, aad, plaintext })).toEqual(ciphertext);
        expect(await key.open({ iv, aad, ciphertext })).toEqual(plaintext);
      }),
    );
  });

  // The oracle has no ML-KEM: the port's framing and key schedule are held against it on the classical half.
  const port = hpkeOn(new CipherSuite(KEM_DHKEM_P256_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_256_GCM));
  const oracle = new OracleSuite({
    kem: new DhkemP256HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Aes256Gcm(),
  });
  const [info, aad, plaintext] = [utf8Bytes("info"), utf8Bytes("aad"), utf8Bytes("text")];

  it("opens our HPKE", async () => {
    const pair = await oracle.kem.generateKeyPair();
    const publicKey = new Uint8Array(await oracle.kem.serializePublicKey(pair.publicKey));
    const sealed = await port.seal({ publicKey, info, aad, plaintext });
    const recipient = await oracle.createRecipientContext({
      recipientKey: pair.privateKey,
      enc: sealed.slice(0, 65).buffer,
      info: info.buffer,
    });
    expect(new Uint8Array(await recipient.open(sealed.slice(65).buffer, aad.buffer))).toEqual(plaintext);
  });

  it("writes HPKE that we open", async () => {
    const { publicKey, privateKey } = await port.generateKeyPair();
    const sender = await oracle.createSenderContext({
      recipientPublicKey: await oracle.kem.deserializePublicKey(publicKey.buffer),
      info: info.buffer,
    });
    const ciphertext = await sender.seal(plaintext.buffer, aad.buffer);
    const sealed = concatBytes(new Uint8Array(sender.enc), new Uint8Array(ciphertext));
    expect(await port.open({ privateKey, info, aad, sealed })).toEqual(plaintext);
  });
});
