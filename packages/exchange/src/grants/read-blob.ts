/** Ciphertext on its way to a recipient: a short-lived URL for a verified one, and the bytes behind it. */
import type { Bytes, TransferId } from "@safeconduct/foundation";
import type { RecipientCaller } from "../callers.ts";
import type { BlobStore, BlobUrls, StoredPart } from "../storage/ports.ts";
import type { Store, View } from "../store.ts";
import { grantProblem } from "./errors.ts";
import { readableGrant, requireBegun } from "./live-grant.ts";
import { requireFactor } from "./second-factor.ts";

/** Parts that are remembered at a time, some 200 bytes each: those of at least two blobs. */
const KEPT_PARTS = 20_000;

/** Problems: `grant/unavailable`, `grant/not-yet`, `grant/factor-required`. */
export function blobTarget(
  { store, urls, now }: { store: Store; urls: BlobUrls; now: number },
  caller: RecipientCaller,
): Promise<{ url: string; expiresAt: number }> {
  return store.read(async (view) => {
    const { grant, transfer } = await readableGrant(view, caller.grant, now);
    requireBegun(grant, now);
    await requireFactor(view, { grant, caller, now });
    return urls.read(transfer.id);
  });
}

export interface ReadableBlob {
  readonly lengthBytes: number;
  read(range: { offset: number; lengthBytes: number }): AsyncIterable<Bytes>;
}

/**
 * Opens the blob behind a URL whose signature the edge has checked. Problem `grant/unavailable` once it is destroyed or
 * withdrawn. Make one opener and keep it: it remembers the parts of what is read.
 */
export function blobOpener({ store, blobs }: { store: Store; blobs: BlobStore }) {
  const sealed = new SealedParts();
  return (id: TransferId): Promise<ReadableBlob> =>
    store.read(async (view) => {
      const transfer = await view.findTransfer(id);
      if (
        transfer === null ||
        transfer.sealedAt === null ||
        transfer.destroyedAt !== null ||
        transfer.state === "revoked"
      )
        throw grantProblem("grant/unavailable");
      const parts = await sealed.of(view, id);
      return { lengthBytes: transfer.blobLengthBytes, read: (range) => blobs.read({ transfer: id, parts, ...range }) };
    });
}

/** A large blob is read in thousands of ranges and has thousands of parts, which no longer change. */
class SealedParts {
  private readonly kept = new Map<TransferId, readonly StoredPart[]>();
  private count = 0;

  async of(view: View, id: TransferId): Promise<readonly StoredPart[]> {
    const known = this.kept.get(id);
    if (known !== undefined) return known;
    const parts = await view.partsOf(id);
    // Another range may have asked at the same time.
    if (this.kept.has(id)) return parts;
    if (this.count + parts.length > KEPT_PARTS) {
      this.kept.clear();
      this.count = 0;
    }
    this.kept.set(id, parts);
    this.count += parts.length;
    return parts;
  }
}
