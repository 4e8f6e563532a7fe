/** SHA-256, HMAC-SHA-384 and the system's random source on node:crypto. */
import { createHash, createHmac, randomFillSync, webcrypto } from "node:crypto";
import { type Bytes, copyBytes, type Random, type Sha256Stream } from "@safeconduct/foundation";

export function sha256(...pieces: readonly Uint8Array[]): Bytes {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return copyBytes(hash.digest());
}

export function startSha256(): Sha256Stream {
  const hash = createHash("sha256");
  return {
    update(data) {
      hash.update(data);
    },
    soFar: () => copyBytes(hash.copy().digest()),
    digest: () => copyBytes(hash.digest()),
  };
}

/** In WebCrypto alone Node hashes on another thread. */
export const sha256Aside = async (data: Bytes): Promise<Bytes> =>
  new Uint8Array(await webcrypto.subtle.digest("SHA-256", data));

export async function hmacSha384(key: Uint8Array, data: Uint8Array): Promise<Bytes> {
  return copyBytes(createHmac("sha384", key).update(data).digest());
}

export const nodeRandom: Random = {
  bytes(length: number): Bytes {
    return randomFillSync(new Uint8Array(length));
  },
};
