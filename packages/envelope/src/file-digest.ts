/**
 * The digest of a file that the manifest holds, by the manifest's version. Version 3 is over the header of the file's object and the hashes
 * of its encrypted segments, which the digest of a part needs as well (docs/adr/0029-one-hash.md). Version 2 was over the hashes of
 * pieces of the plaintext, half a segment each, and version 1 the plain SHA-256. All are read for ever.
 */
import type { Bytes, CryptoPorts } from "@safeconduct/foundation";
import { layoutOfManifest, type ManifestVersion, segmentPlaintextOf } from "./layout.ts";
import { domainWriter } from "./suite.ts";

export interface HashedSegment {
  readonly plaintext: Bytes;
  /** SHA-256 of the encrypted segment. Asked for at once, and only where the version needs it. */
  readonly encryptedSha256: () => Promise<Bytes>;
}

/** 32 bytes over a file, given segment by segment, one call at a time. */
export interface FileDigest {
  /** The memory of `plaintext` is free again at once. */
  add(segment: HashedSegment): Promise<void>;
  /** Of all that was added until now. */
  soFar(): Bytes;
  digest(): Bytes;
}

type Hashes = Pick<CryptoPorts, "startSha256" | "sha256Aside">;

/** `header`: the 74 bytes of the file's object. */
export function startFileDigest(
  { startSha256, sha256Aside }: Hashes,
  version: ManifestVersion,
  header: Bytes,
): FileDigest {
  const stream = startSha256();
  const ends = { soFar: () => stream.soFar(), digest: () => stream.digest() };
  if (version === 1) return { ...ends, add: async ({ plaintext }) => stream.update(plaintext) };
  stream.update(domainWriter("file-digest").bytes());
  if (version === 3) {
    stream.update(header);
    return { ...ends, add: async ({ encryptedSha256 }) => stream.update(await encryptedSha256()) };
  }
  const pieceBytes = segmentPlaintextOf(layoutOfManifest(version)) / 2;
  return {
    ...ends,
    async add({ plaintext }) {
      const pieces: Promise<Bytes>[] = [];
      for (let at = 0; at < plaintext.length; at += pieceBytes)
        pieces.push(sha256Aside(plaintext.subarray(at, at + pieceBytes)));
      for (const digest of await Promise.all(pieces)) stream.update(digest);
    },
  };
}
