/**
 * When the sender gets the receipt: once every file has arrived whole. Where nothing but viewing is allowed, a file that the page
 * cannot show never arrives; it is told of beside those that did, and without one that did there is no receipt.
 */
import type { Profile } from "@safeconduct/contract";
import type { ManifestFile } from "@safeconduct/envelope";
import type { FileId } from "@safeconduct/foundation";
import { canShow } from "../view/kinds.ts";

export interface ReceiptFacts {
  /** How many arrived whole. */
  readonly files: number;
  /** How many the page cannot show. */
  readonly unseen: number;
}

/** Null while something is still to arrive. */
export function receiptDue(
  files: readonly Pick<ManifestFile, "id" | "path" | "mediaType" | "sizeBytes">[],
  { profile, hasArrived }: { profile: Profile; hasArrived: (file: FileId) => boolean },
): ReceiptFacts | null {
  // One that was shown all the same has arrived: what came in is never told as missing.
  const expected = profile === "viewable" ? files.filter((file) => canShow(file) || hasArrived(file.id)) : files;
  if (expected.length === 0 || !expected.every(({ id }) => hasArrived(id))) return null;
  return { files: expected.length, unseen: files.length - expected.length };
}
