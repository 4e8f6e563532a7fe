/** Ed25519 (RFC 8032) on WebCrypto. Raw private keys get their fixed PKCS #8 wrapping of RFC 8410 here. */
import { base64UrlBytes, type Bytes, concatBytes, copyBytes, type Signatures } from "@safeconduct/foundation";

const ALGORITHM = "Ed25519";
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** PrivateKeyInfo of id-Ed25519 up to the seed (RFC 8410 §10.3). */
const PRIVATE_PREFIX = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20);

export const webSignatures: Signatures = {
  async generateKeyPair() {
    const pair = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
    if (!("privateKey" in pair)) throw new Error("the platform gave no key pair");
    const { d } = await crypto.subtle.exportKey("jwk", pair.privateKey);
    const privateKey = base64UrlBytes(d ?? "");
    if (privateKey?.length !== KEY_BYTES) throw new Error("the platform gave no seed");
    return { publicKey: new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)), privateKey };
  },

  async sign(privateKey: Bytes, message: Uint8Array): Promise<Bytes> {
    if (privateKey.length !== KEY_BYTES) throw new RangeError(`an Ed25519 seed has ${KEY_BYTES} bytes`);
    const wrapped = concatBytes(PRIVATE_PREFIX, privateKey);
    const key = await crypto.subtle.importKey("pkcs8", wrapped, ALGORITHM, false, ["sign"]);
    return new Uint8Array(await crypto.subtle.sign(ALGORITHM, key, copyBytes(message)));
  },

  async verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
    if (publicKey.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
    try {
      const key = await crypto.subtle.importKey("raw", copyBytes(publicKey), ALGORITHM, false, ["verify"]);
      return await crypto.subtle.verify(ALGORITHM, key, copyBytes(signature), copyBytes(message));
    } catch {
      return false;
    }
  },
};
