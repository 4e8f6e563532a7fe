/** The parts of an instance on its disk, with what would tell that one was written anew. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** By the name of each part: its inode, time of writing and length. Of every transfer unless one is named. */
export async function storedParts(home: string, transfer = ""): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(join(home, "blobs"), { recursive: true, withFileTypes: true });
  const parts = new Map<string, string>();
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !path.includes(transfer) || entry.parentPath.endsWith("unfinished")) continue;
    const about = await stat(path).catch(() => null);
    if (about !== null) parts.set(entry.name, `${about.ino} ${about.mtimeMs} ${about.size}`);
  }
  return parts;
}
