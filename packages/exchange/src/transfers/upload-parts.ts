/** Parts of a draft: where to put them, and what is held. A part may be put again until the seal, never after. */
import type { TransferId } from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import type { TransferRecord } from "../records.ts";
import type { BlobStore, BlobUrls, StoredPart } from "../storage/ports.ts";
import type { Store, View } from "../store.ts";
import { transferProblem } from "./errors.ts";
import { permittedTransfer } from "./permitted-transfer.ts";

interface PartTarget {
  readonly number: number;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly expiresAt: number;
}

/** Problems: `transfer/unknown`, `transfer/not-draft`, `transfer/bad-part`. */
export async function partTargets(
  { store, urls }: { store: Store; urls: BlobUrls },
  caller: MemberCaller,
  { transfer: id, parts }: { transfer: TransferId; parts: readonly { number: number; sizeBytes: number }[] },
): Promise<readonly PartTarget[]> {
  const transfer = await store.read((view) => permittedTransfer(view, caller, { route: "partTargets", transfer: id }));
  requireDraft(transfer);
  for (const part of parts) requirePart(transfer, part);
  return parts.map((part) => ({ number: part.number, ...urls.putPart(id, part) }));
}

/** Parts that are durably held, by number. Problem `transfer/unknown`. */
export function heldParts(
  { store }: { store: Store },
  caller: MemberCaller,
  id: TransferId,
): Promise<readonly StoredPart[]> {
  return store.read(async (view) =>
    view.partsOf((await permittedTransfer(view, caller, { route: "heldParts", transfer: id })).id),
  );
}

/**
 * Stores the body of a part; the permission lies in the signed URL, which the edge has checked.
 * Written down only after the bytes are durable. Problems: `transfer/not-draft`, `transfer/bad-part`, `storage/…`.
 */
export async function storePart(
  { store, blobs }: { store: Store; blobs: BlobStore },
  {
    transfer: id,
    number,
    sizeBytes,
    body,
  }: { transfer: TransferId; number: number; sizeBytes: number; body: AsyncIterable<Uint8Array> },
): Promise<StoredPart> {
  const open = async (view: View) => {
    const transfer = await view.findTransfer(id);
    if (transfer === null) throw transferProblem("transfer/unknown");
    requireDraft(transfer);
    return transfer;
  };
  await store.read(async (view) => {
    const transfer = await open(view);
    requirePart(transfer, { number, sizeBytes });
    const others = await view.heldTotals(id, number);
    // All parts together are the blob that was announced: a sender cannot store a multiple of it part by part.
    if (others.sizeBytes + sizeBytes > transfer.blobLengthBytes) throw transferProblem("transfer/bad-part");
  });
  const part = await blobs.putPart(id, number, sizeBytes, body);
  try {
    await store.transaction(async (tx) => {
      await open(tx);
      await tx.savePart(id, part);
    });
  } catch (error) {
    // If this fails too, the first failure is the one to tell; a check of the store finds what is left.
    await clearStray({ store, blobs }, id).catch(() => undefined);
    throw error;
  }
  return part;
}

/**
 * Removes what no record names: earlier bodies of a part, and one that was still on its way when its transfer was sealed or
 * given up. A draft is left alone, a put may be under way.
 */
export async function clearStray({ store, blobs }: { store: Store; blobs: BlobStore }, id: TransferId): Promise<void> {
  const { transfer, parts } = await store.read(async (view) => ({
    transfer: await view.findTransfer(id),
    parts: await view.partsOf(id),
  }));
  if (transfer === null || transfer.state === "draft") return;
  if (transfer.destroyedAt !== null || OVER.has(transfer.state)) await blobs.delete(id);
  else await blobs.keepOnly(id, parts);
}

/** Nobody may read the blob any more, also before it is destroyed. */
const OVER: ReadonlySet<TransferRecord["state"]> = new Set(["abandoned", "revoked", "destroyed"]);

export function requireDraft(transfer: TransferRecord): void {
  if (transfer.state !== "draft") throw transferProblem("transfer/not-draft");
}

function requirePart(transfer: TransferRecord, { number, sizeBytes }: { number: number; sizeBytes: number }): void {
  const fits = number >= 1 && number <= transfer.partCount && sizeBytes >= 1 && sizeBytes <= transfer.blobLengthBytes;
  if (!fits) throw transferProblem("transfer/bad-part");
}
