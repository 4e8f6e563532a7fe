/** Ciphertext on its way to a recipient: a short-lived URL for a verified one, and the bytes behind it. */
import type { Bytes, TransferId } from "@safeconduct/foundation";
import type { RecipientCaller } from "../callers.ts";
import type { BlobStore, BlobUrls } from "../storage/ports.ts";
import type { Store } from "../store.ts";
import { grantProblem } from "./errors.ts";
import { readableGrant, requireBegun } from "./live-grant.ts";
import { requireFactor } from "./second-factor.ts";

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

/** The blob behind a URL whose signature the edge has checked. Problem `grant/unavailable` once it is destroyed or withdrawn. */
export function openBlob({ store, blobs }: { store: Store; blobs: BlobStore }, id: TransferId): Promise<ReadableBlob> {
  return store.read(async (view) => {
    const transfer = await view.findTransfer(id);
    if (
      transfer === null ||
      transfer.sealedAt === null ||
      transfer.destroyedAt !== null ||
      transfer.state === "revoked"
    )
      throw grantProblem("grant/unavailable");
    const parts = await view.partsOf(id);
    return { lengthBytes: transfer.blobLengthBytes, read: (range) => blobs.read({ transfer: id, parts, ...range }) };
  });
}
