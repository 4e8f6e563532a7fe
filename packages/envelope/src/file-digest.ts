/**
 * The digest of a file that the manifest holds. Since version 2 it is a hash over the hashes of pieces: browsers hash a piece several times
 * as fast as a stream, and beside the thread that encrypts. A piece is the plaintext of a segment; in version 2 it was half of
 * one. Version 1 was the plain SHA-256. All are read for ever.
 */
import type { Bytes, CryptoPorts } from "@safeconduct/foundation";
import { layoutOfManifest, type ManifestVersion, segmentPlaintextOf } from "./layout.ts";
import { domainWriter } from "./suite.ts";

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
  const segmentBytes = segmentPlaintextOf(layoutOfManifest(version));
  const pieceBytes = version === 2 ? segmentBytes / 2 : segmentBytes;
  return {
    async add(segment) {
      const pieces: Promise<Bytes>[] = [];
      for (let at = 0; at < segment.length; at += pieceBytes)
        pieces.push(sha256Aside(segment.subarray(at, at + pieceBytes)));
      for (const digest of await Promise.all(pieces)) stream.update(digest);
    },
    soFar: () => stream.soFar(),
    digest: () => stream.digest(),
  };
}
