/** The ciphertext of one transfer: every part that was acknowledged is there, as long as it was, and the same bytes. */
import { equalBytes } from "@safeconduct/foundation";
import type { StoredPart } from "../storage/ports.ts";
import type { TransferCheck, TransferFacts } from "./transfer-facts.ts";

/** Answers bytes that were looked at. */
export async function checkParts(
  { blobs, hashes, findings }: TransferCheck,
  { transfer, parts }: TransferFacts,
): Promise<{ bytes: number }> {
  const bodies = await blobs.bodies(transfer.id);
  let bytes = 0;
  for (const part of parts) {
    const about = { transfer: transfer.id, part: part.number };
    const body = bodies.find((each) => isSame(each, part));
    if (body?.sizeBytes !== part.sizeBytes) {
      findings.add("part/missing", about);
      continue;
    }
    bytes += part.sizeBytes;
    if (!hashes) continue;
    if (!(await blobs.isWhole(transfer.id, part))) findings.add("part/damaged", about);
  }
  const strays = bodies.filter((body) => !parts.some((part) => isSame(body, part)));
  if (strays.length > 0) findings.add("blob/stray", { transfer: transfer.id, count: strays.length });
  return { bytes };
}

const isSame = (one: StoredPart, other: StoredPart): boolean =>
  one.number === other.number && equalBytes(one.sha256, other.sha256);
