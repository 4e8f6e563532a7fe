/** SHA-256, HMAC-SHA-384 and the system's random source on node:crypto. */
import { createHash, createHmac, randomFillSync } from "node:crypto";
import { type Bytes, copyBytes, type Random, type Sha256Stream } from "@safeconduct/foundation";
import { HashThread } from "./hash-thread.ts";

export function sha256(...pieces: readonly Uint8Array[]): Bytes {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return copyBytes(hash.digest());
}

/** Below this the start of a thread costs more than it gives. */
const THREAD_FROM_BYTES = 32 * 1024 * 1024;

export function startSha256(expectedBytes = 0): Sha256Stream {
  if (expectedBytes >= THREAD_FROM_BYTES) return hashThread().start();
  const hash = createHash("sha256");
  return {
    async update(data) {
      hash.update(data);
    },
    soFar: async () => copyBytes(hash.copy().digest()),
    digest: async () => copyBytes(hash.digest()),
  };
}

let thread: HashThread | null = null;

/** One for the whole process: a second core is what there is to win. */
function hashThread(): HashThread {
  thread ??= new HashThread();
  return thread;
}

export async function hmacSha384(key: Uint8Array, data: Uint8Array): Promise<Bytes> {
  return copyBytes(createHmac("sha384", key).update(data).digest());
}

export const nodeRandom: Random = {
  bytes(length: number): Bytes {
    return randomFillSync(new Uint8Array(length));
  },
};
