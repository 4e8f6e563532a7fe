/** The blob store in memory, for tests of use cases. */
import type { BlobStore, StoredPart } from "@safeconduct/exchange";
import { type Bytes, concatBytes, copyBytes, hexText, parseId, Problem } from "@safeconduct/foundation";
import { digestOfPart } from "./part-digest.ts";

const CHUNK_BYTES = 1 << 20;

export function memoryBlobStore(): BlobStore {
  const blobs = new Map<string, Map<string, Bytes>>();
  return {
    async putPart(transfer, number, sizeBytes, body): Promise<StoredPart> {
      const pieces: Bytes[] = [];
      let received = 0;
      for await (const piece of body) {
        received += piece.length;
        if (received > sizeBytes) throw partSize();
        pieces.push(copyBytes(piece));
      }
      if (received !== sizeBytes) throw partSize();
      const bytes = concatBytes(...pieces);
      const part = { number, sizeBytes, sha256: digestOfPart(bytes) };
      blobs.set(transfer, (blobs.get(transfer) ?? new Map<string, Bytes>()).set(nameOf(part), bytes));
      return part;
    },
    async *read({ transfer, parts, offset, lengthBytes }) {
      const total = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
      if (offset < 0 || lengthBytes < 0 || offset + lengthBytes > total) throw new RangeError("outside of the blob");
      let start = 0;
      for (const part of parts) {
        const from = Math.max(offset - start, 0);
        const to = Math.min(offset + lengthBytes - start, part.sizeBytes);
        start += part.sizeBytes;
        if (from >= to) continue;
        const bytes = blobs.get(transfer)?.get(nameOf(part));
        if (bytes?.length !== part.sizeBytes)
          throw new Problem("storage/damaged", "Stored data are missing or damaged.");
        for (let at = from; at < to; at += CHUNK_BYTES) yield bytes.slice(at, Math.min(at + CHUNK_BYTES, to));
      }
    },
    async keepOnly(transfer, parts) {
      const kept = new Set(parts.map(nameOf));
      for (const name of blobs.get(transfer)?.keys() ?? []) if (!kept.has(name)) blobs.get(transfer)?.delete(name);
    },
    async delete(transfer) {
      blobs.delete(transfer);
    },
    async *list() {
      for (const name of blobs.keys()) {
        const id = parseId("transfer", name);
        if (id !== null) yield id;
      }
    },
  };
}

const nameOf = ({ number, sha256 }: StoredPart) => `${number} ${hexText(sha256)}`;

const partSize = () => new Problem("storage/part-size", "The part is not as long as announced. Send it again.");
