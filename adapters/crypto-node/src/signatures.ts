/** Ed25519 (RFC 8032) on node:crypto. Raw keys get their fixed DER wrapping of RFC 8410 here. */
import { createPrivateKey, createPublicKey, type KeyObject, randomFillSync, sign, verify } from "node:crypto";
import { type Bytes, concatBytes, copyBytes, type Signatures } from "@safeconduct/foundation";

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** PrivateKeyInfo of id-Ed25519 up to the seed, and SubjectPublicKeyInfo up to the key (RFC 8410 §10). */
const PRIVATE_PREFIX = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20);
const PUBLIC_PREFIX = Uint8Array.of(0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0);

export const nodeSignatures: Signatures = {
  async generateKeyPair() {
    const privateKey = randomFillSync(new Uint8Array(KEY_BYTES));
    const { x } = createPublicKey(privateKeyOf(privateKey)).export({ format: "jwk" });
    if (x === undefined) throw new Error("the platform gave no public key");
    return { publicKey: copyBytes(Buffer.from(x, "base64url")), privateKey };
  },

  async sign(privateKey: Bytes, message: Uint8Array): Promise<Bytes> {
    return copyBytes(sign(null, message, privateKeyOf(privateKey)));
  },

  async verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
    if (publicKey.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
    try {
      const key = createPublicKey({
        key: Buffer.from(concatBytes(PUBLIC_PREFIX, publicKey)),
        format: "der",
        type: "spki",
      });
      return verify(null, message, key, signature);
    } catch {
      return false;
    }
  },
};

function privateKeyOf(seed: Bytes): KeyObject {
  if (seed.length !== KEY_BYTES) throw new RangeError(`an Ed25519 seed has ${KEY_BYTES} bytes`);
  return createPrivateKey({ key: Buffer.from(concatBytes(PRIVATE_PREFIX, seed)), format: "der", type: "pkcs8" });
}
