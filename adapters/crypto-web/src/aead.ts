/** AES-256-GCM on WebCrypto. Its output is already ciphertext ‖ tag. */
import type { Aead, AeadKey, Bytes } from "@safeconduct/foundation";

const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BITS = 128;

export const webAead: Aead = {
  async importKey(raw: Bytes): Promise<AeadKey> {
    if (raw.length !== KEY_BYTES) throw new RangeError(`an AES-256 key has ${KEY_BYTES} bytes`);
    const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
    return {
      async seal({ iv, plaintext, aad }): Promise<Bytes> {
        return new Uint8Array(await crypto.subtle.encrypt(parameters(iv, aad), key, plaintext));
      },
      async open({ iv, ciphertext, aad }): Promise<Bytes | null> {
        const gcm = parameters(iv, aad);
        try {
          return new Uint8Array(await crypto.subtle.decrypt(gcm, key, ciphertext));
        } catch {
          return null;
        }
      },
    };
  },
};

function parameters(iv: Bytes, aad: Bytes): AesGcmParams {
  if (iv.length !== IV_BYTES) throw new RangeError(`a GCM nonce has ${IV_BYTES} bytes`);
  return { name: "AES-GCM", iv, additionalData: aad, tagLength: TAG_BITS };
}
