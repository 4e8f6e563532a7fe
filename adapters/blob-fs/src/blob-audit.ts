/** A blob folder as it lies on the disk, for checks. It changes nothing, and takes no name's word for what is in a file. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { BlobAudit, StoredPart } from "@safeconduct/exchange";
import { PartHash } from "@safeconduct/envelope";
import { copyBytes, equalBytes } from "@safeconduct/foundation";
import { ChunkMemory } from "./chunk-memory.ts";
import { errorCode } from "./errors.ts";
import { type BlobFile, type BlobFileSystem, nodeFileSystem } from "./file-system.ts";
import { parsePartName, partName, storedTransfers, transferFolder, UNFINISHED } from "./layout.ts";

/** The folder need not be there: then it holds nothing. */
export function blobAudit({ folder, fs = nodeFileSystem }: { folder: string; fs?: BlobFileSystem }): BlobAudit {
  const chunk = new ChunkMemory().take();
  return {
    transfers: () => storedTransfers(fs, folder),
    async bodies(transfer) {
      const home = transferFolder(folder, transfer);
      const bodies: StoredPart[] = [];
      for (const name of await fs.list(home)) {
        const part = parsePartName(name);
        if (part === null) continue;
        bodies.push({ ...part, sizeBytes: await reading(fs, join(home, name), (file) => file.sizeBytes()) });
      }
      return bodies.sort((a, b) => a.number - b.number);
    },
    async isWhole(transfer, part) {
      const path = join(transferFolder(folder, transfer), partName(part));
      const pieces = new PartHash(() => createHash("sha256"), part.sizeBytes);
      // The digest of a part before there were pieces.
      const plain = createHash("sha256");
      try {
        await reading(fs, path, async (file) => {
          for (let at = 0; ; ) {
            const length = await file.read(chunk, at);
            if (length === 0) return;
            pieces.update(chunk.subarray(0, length));
            plain.update(chunk.subarray(0, length));
            at += length;
          }
        });
        return [pieces.digest(), copyBytes(plain.digest())].some((digest) => equalBytes(digest, part.sha256));
      } catch (error) {
        // A sector that cannot be read is as lost as a file that is gone, or has another length.
        if (LOST.has(errorCode(error) ?? "") || error instanceof RangeError) return false;
        throw error;
      }
    },
    unfinished: async () => (await fs.list(join(folder, UNFINISHED))).length,
  };
}

const LOST: ReadonlySet<string> = new Set(["ENOENT", "EIO"]);

async function reading<T>(fs: BlobFileSystem, path: string, read: (file: BlobFile) => Promise<T>): Promise<T> {
  const file = await fs.open(path);
  try {
    return await read(file);
  } finally {
    await file.close();
  }
}
