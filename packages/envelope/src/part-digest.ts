/**
 * The digest of a part: a hash over the hashes of its pieces of 512 KiB. Browsers hash a piece in half the time that the same bytes take
 * in one run of 8 MiB, and a piece that is a whole segment has been hashed already, for the digest of its file
 * (docs/adr/0029-one-hash.md). Pieces are counted from the part's end, because what is no segment, the header of an object, stands
 * at its beginning.
 */
import { type Bytes, copyBytes, type Sha256 } from "@safeconduct/foundation";
import { domainWriter } from "./suite.ts";

const PIECE_BYTES = 1 << 19;

/** What a receiver needs of a SHA-256 (FIPS 180-4). */
interface RunningHash {
  update(data: Uint8Array): unknown;
  digest(): Uint8Array;
}

/** Where the pieces of a part of this size end, in order: all but the first have 512 KiB. None in an empty part. */
export function pieceEnds(sizeBytes: number): readonly number[] {
  const count = Math.ceil(sizeBytes / PIECE_BYTES);
  return Array.from({ length: count }, (_, at) => sizeBytes - (count - 1 - at) * PIECE_BYTES);
}

/** 32 bytes over the SHA-256 of each piece in order. */
export function partDigest(sha256: Sha256, pieces: readonly Bytes[]): Bytes {
  return sha256(domainWriter("part-digest").bytes(), ...pieces);
}

/** The same for whoever is given a part of a known size bit by bit. Used once. */
export class PartHash {
  private readonly start: () => RunningHash;
  private readonly whole: RunningHash;
  private readonly ends: readonly number[];
  private piece: RunningHash | null = null;
  private at = 0;
  private done = 0;

  constructor(start: () => RunningHash, sizeBytes: number) {
    this.start = start;
    this.ends = pieceEnds(sizeBytes);
    this.whole = start();
    this.whole.update(domainWriter("part-digest").bytes());
  }

  /** RangeError past the size that was announced. */
  update(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      const end = this.ends[this.done];
      if (end === undefined) throw new RangeError("a part longer than it was to be");
      const taken = bytes.subarray(from, from + end - this.at);
      this.piece ??= this.start();
      this.piece.update(taken);
      from += taken.length;
      this.at += taken.length;
      if (this.at < end) continue;
      this.whole.update(this.piece.digest());
      this.piece = null;
      this.done++;
    }
  }

  /** RangeError before the size that was announced. */
  digest(): Bytes {
    if (this.done < this.ends.length) throw new RangeError("a part shorter than it was to be");
    return copyBytes(this.whole.digest());
  }
}
