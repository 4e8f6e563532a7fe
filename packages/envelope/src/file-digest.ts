/**
 * The digest of a file that the manifest holds. Since version 2 it is a hash over the hashes of pieces: browsers hash a piece several times
 * as fast as a stream, and beside the thread that encrypts. Version 1, which is read for ever, was the plain SHA-256.
 */
import type { Bytes, CryptoPorts } from "@safeconduct/foundation";
import { SEGMENT_PLAINTEXT_BYTES } from "./floe.ts";
import { domainWriter } from "./suite.ts";

/** Half the plaintext of a segment: memory of less than a MiB is used again by browsers, of more it is fetched anew each time. */
const DIGEST_PIECE_BYTES = SEGMENT_PLAINTEXT_BYTES / 2;

export type ManifestVersion = 1 | 2;

/** 32 bytes over a file's plaintext, given segment by segment, one call at a time. */
export interface FileDigest {
  /** The memory of `segment` is free again at once. */
  add(segment: Bytes): Promise<void>;
  /** Of all that was added until now. */
  soFar(): Bytes;
  digest(): Bytes;
}

type Hashes = Pick<CryptoPorts, "startSha256" | "sha256Aside">;

export function startFileDigest({ startSha256, sha256Aside }: Hashes, version: ManifestVersion): FileDigest {
  const stream = startSha256();
  if (version === 1) {
    return {
      add: async (segment) => stream.update(segment),
      soFar: () => stream.soFar(),
      digest: () => stream.digest(),
    };
  }
  stream.update(domainWriter("file-digest").bytes());
  return {
    async add(segment) {
      const pieces: Promise<Bytes>[] = [];
      for (let at = 0; at < segment.length; at += DIGEST_PIECE_BYTES)
        pieces.push(sha256Aside(segment.subarray(at, at + DIGEST_PIECE_BYTES)));
      for (const digest of await Promise.all(pieces)) stream.update(digest);
    },
    soFar: () => stream.soFar(),
    digest: () => stream.digest(),
  };
}
