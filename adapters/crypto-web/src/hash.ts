/**
 * SHA-256 by `hash-wasm`, because WebCrypto has neither a synchronous nor a streaming digest; HMAC-SHA-384 and
 * random bytes by WebCrypto.
 */
import { type Bytes, copyBytes, type Hmac, type Random, type Sha256, type Sha256Stream } from "@safeconduct/foundation";
import { createSHA256 } from "hash-wasm";

/** Idle hashers kept for the next stream, so that a Merkle tree does not compile WebAssembly for each node. */
const IDLE_LIMIT = 4;
/** Largest draw that WebCrypto allows in one call. */
const DRAW_LIMIT_BYTES = 65_536;
/**
 * Streams must start synchronously although WebAssembly is compiled asynchronously: one instance serves all one-shot
 * hashes, and each open stream keeps its own saved state and borrows the instance for the length of one call.
 */
export async function loadSha256(): Promise<{ sha256: Sha256; startSha256: () => Sha256Stream }> {
  const oneShot = await createSHA256();
  const idle = await Promise.all(Array.from({ length: IDLE_LIMIT }, () => createSHA256()));

  function sha256(...pieces: readonly Uint8Array[]): Bytes {
    oneShot.init();
    for (const piece of pieces) oneShot.update(piece);
    return copyBytes(oneShot.digest("binary"));
  }

  function startSha256(): Sha256Stream {
    const own = idle.pop()?.init();
    if (own === undefined) return savedStream();
    let ended = false;
    return {
      update(data) {
        if (ended) throw new Error("the digest has ended");
        own.update(data);
      },
      soFar() {
        if (ended) throw new Error("the digest has ended");
        return digestOf(own.save());
      },
      digest() {
        if (ended) throw new Error("the digest has ended");
        ended = true;
        const digest = copyBytes(own.digest("binary"));
        idle.push(own);
        return digest;
      },
    };
  }

  /** More streams than instances: the state travels in and out of the one-shot instance, which is slower but right. */
  function savedStream(): Sha256Stream {
    let state: Uint8Array | null = oneShot.init().save();
    return {
      update(data) {
        if (state === null) throw new Error("the digest has ended");
        state = oneShot.load(state).update(data).save();
      },
      soFar() {
        if (state === null) throw new Error("the digest has ended");
        return digestOf(state);
      },
      digest() {
        if (state === null) throw new Error("the digest has ended");
        const digest = digestOf(state);
        state = null;
        return digest;
      },
    };
  }

  function digestOf(state: Uint8Array): Bytes {
    return copyBytes(oneShot.load(state).digest("binary"));
  }

  return { sha256, startSha256 };
}

/** The browser's own hash knows no pieces, but is several times as fast as WebAssembly and runs on another thread. */
export const webSha256Aside = async (data: Bytes): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", data));

export const webHmac: Hmac = {
  async hmacSha384(key: Uint8Array, data: Uint8Array): Promise<Bytes> {
    const algorithm = { name: "HMAC", hash: "SHA-384" };
    // WebCrypto refuses an empty key. RFC 2104 pads a short key with zeros, so one zero byte is the same key.
    const raw = key.length === 0 ? new Uint8Array(1) : copyBytes(key);
    const imported = await crypto.subtle.importKey("raw", raw, algorithm, false, ["sign"]);
    return new Uint8Array(await crypto.subtle.sign(algorithm, imported, copyBytes(data)));
  },
};

export const webRandom: Random = {
  bytes(length: number): Bytes {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += DRAW_LIMIT_BYTES) {
      crypto.getRandomValues(bytes.subarray(at, at + DRAW_LIMIT_BYTES));
    }
    return bytes;
  },
};
