/** Files for packages in tests: bytes that differ everywhere and cost nothing, and how a writer reads them. */
import { createHash } from "node:crypto";
import type { PackageFile, ReadFileRange } from "@safeconduct/envelope";
import { type Bytes, drawId, type FileId, type Random } from "@safeconduct/foundation";

export interface PackageContent extends PackageFile {
  readonly bytes: Bytes;
}

export function packageContent(random: Random, path: string, sizeBytes: number): PackageContent {
  const bytes = new Uint8Array(sizeBytes);
  for (let at = 0; at < sizeBytes; at += 4096) {
    const digest = createHash("sha256")
      .update(Uint8Array.of(at >> 12, at >> 20, sizeBytes))
      .digest();
    bytes.set(digest.subarray(0, sizeBytes - at), at);
  }
  return { id: drawId("file", random), path, mediaType: "application/dicom", sizeBytes, bytes };
}

/** Each range is a copy: what a test does to it stays in it. */
export function rangesOf(files: readonly PackageContent[]): ReadFileRange {
  const byId = new Map<FileId, Bytes>(files.map(({ id, bytes }) => [id, bytes]));
  return async (id, offset, length) => (byId.get(id) ?? new Uint8Array(0)).slice(offset, offset + length);
}
