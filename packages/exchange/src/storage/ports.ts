/**
 * Where ciphertext lies. A file system keeps parts as they come; an S3 store joins them when the blob is complete.
 * Both are private: nobody reads a blob without a URL that this instance signed for a short time.
 */
import type { Bytes, TransferId } from "@safeconduct/foundation";

export interface StoredPart {
  /** From 1, as S3 counts. */
  readonly number: number;
  readonly sizeBytes: number;
  /** The digest of the part (`PartHash`), 32 bytes; of parts before there was one, their SHA-256. */
  readonly sha256: Bytes;
}

export interface BlobStore {
  /**
   * Stores one part durably (its bytes and its name survive a power cut). Another body under the same number stands beside it
   * and touches nothing: which one counts is the caller's record, so a put that ends late cannot change what was sealed.
   * Exactly `sizeBytes` must come; otherwise nothing changes and it rejects with Problem `storage/part-size`.
   * A full disk is Problem `storage/full`.
   */
  putPart(
    transfer: TransferId,
    number: number,
    sizeBytes: number,
    body: AsyncIterable<Uint8Array>,
  ): Promise<StoredPart>;
  /**
   * Bytes `offset` to `offset + lengthBytes` of the blob that `parts` make; parts are found by number and digest.
   * A chunk is valid until the next one is asked for: its memory is used again. Rejects when a part is missing or short.
   */
  read(blob: {
    transfer: TransferId;
    parts: readonly StoredPart[];
    offset: number;
    lengthBytes: number;
  }): AsyncIterable<Bytes>;
  /** Removes every stored part of the transfer but these, durably. */
  keepOnly(transfer: TransferId, parts: readonly StoredPart[]): Promise<void>;
  /** Removes everything of the transfer, durably. No error when nothing is there. */
  delete(transfer: TransferId): Promise<void>;
  /** Transfers that have anything stored, for `fsck` and clean-up. */
  list(): AsyncIterable<TransferId>;
}

/** Short-lived URLs that carry their own permission, in the shape of presigned S3 URLs. */
export interface BlobUrls {
  putPart(
    transfer: TransferId,
    part: { number: number; sizeBytes: number },
  ): {
    url: string;
    headers: Readonly<Record<string, string>>;
    expiresAt: number;
  };
  /** At most 60 seconds: a revocation reaches the bytes within that time. */
  read(transfer: TransferId): { url: string; expiresAt: number };
}
