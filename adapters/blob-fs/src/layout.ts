/** Where what lies in a blob folder; the page docs/operations/storage.md shows it. */
import { join } from "node:path";
import type { StoredPart } from "@safeconduct/exchange";
import { type Bytes, hexBytes, hexText, parseId, type TransferId } from "@safeconduct/foundation";
import type { BlobFileSystem } from "./file-system.ts";

/** Parts on their way. */
export const UNFINISHED = "unfinished";
/** After the prefix and its underscore; the ids are random, so 1024 folders fill evenly. */
const SHARD = { start: 4, end: 6 };
const PART_NAME = /^([1-9][0-9]{0,4})-([0-9a-f]{64})\.part$/;

export const shardOf = (transfer: TransferId): string => transfer.slice(SHARD.start, SHARD.end);
export const transferFolder = (folder: string, transfer: TransferId): string =>
  join(folder, shardOf(transfer), transfer);
export const partName = ({ number, sha256 }: Pick<StoredPart, "number" | "sha256">): string =>
  `${number}-${hexText(sha256)}.part`;

/** What the name of a part says, or null for any other name. */
export function parsePartName(name: string): { number: number; sha256: Bytes } | null {
  const [, number = "", digest = ""] = PART_NAME.exec(name) ?? [];
  const sha256 = hexBytes(digest);
  return number === "" || sha256 === null ? null : { number: Number(number), sha256 };
}

/** Transfers of which at least one body of a part is there. */
export async function* storedTransfers(fs: BlobFileSystem, folder: string): AsyncGenerator<TransferId> {
  for (const shard of await fs.list(folder)) {
    if (shard === UNFINISHED) continue;
    for (const name of await fs.list(join(folder, shard))) {
      const transfer = parseId("transfer", name);
      if (transfer === null) continue;
      const names = await fs.list(join(folder, shard, name));
      if (names.some((each) => parsePartName(each) !== null)) yield transfer;
    }
  }
}
