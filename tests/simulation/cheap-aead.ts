/** Authenticated encryption that only looks like it and needs no thread: what is interleaved stays the same for one seed. */
import { type Aead, type Bytes, concatBytes, equalBytes, type Sha256 } from "@safeconduct/foundation";

const TAG_BYTES = 16;

export function cheapAead({ sha256 }: { sha256: Sha256 }): Aead {
  return {
    async importKey(given) {
      // The caller may wipe what it gave.
      const raw = given.slice();
      const tagOf = (iv: Bytes, text: Bytes, aad: Bytes) => sha256(raw, iv, sha256(aad), text).slice(0, TAG_BYTES);
      const masked = (iv: Bytes, text: Bytes) => {
        const mask = sha256(raw, iv);
        return text.map((byte, at) => byte ^ (mask[at % mask.length] ?? 0));
      };
      return {
        seal: async ({ iv, plaintext, aad }) => concatBytes(masked(iv, plaintext), tagOf(iv, plaintext, aad)),
        async open({ iv, ciphertext, aad }) {
          const plaintext = masked(iv, ciphertext.slice(0, -TAG_BYTES));
          return equalBytes(tagOf(iv, plaintext, aad), ciphertext.slice(-TAG_BYTES)) ? plaintext : null;
        },
      };
    },
  };
}
