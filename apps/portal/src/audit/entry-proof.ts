/** Whether one entry, as the page shows it, is in the log that this browser believes: computed here, from public tiles. */
import {
  base64UrlBytes,
  type Bytes,
  equalBytes,
  isProblem,
  leafHash,
  MalformedBinary,
  type Sha256,
  utf8Bytes,
} from "@safeconduct/foundation";
import {
  type Checkpoint,
  commitEvent,
  decodeLeaf,
  inclusionProof,
  isJsonObject,
  type JsonObject,
  minuteOf,
  parseCanonicalJson,
  SALT_BYTES,
  type TreeReader,
  verifyInclusion,
} from "@safeconduct/ledger";

export type EntryVerdict =
  | "proven"
  /** The leaf is in the log; the words that it commits to are gone. */
  | "erased"
  /** The words are not those that the log's leaf commits to. */
  | "mismatch"
  | "not-included"
  /** A tile could not be read. */
  | "unreadable"
  /** The log itself is not believed. */
  | "unsettled";

/** What the server says of an entry. */
export interface ClaimedEntry {
  readonly index: number;
  readonly type: string;
  readonly at: number;
  readonly outcome: string | null;
  readonly transfer: string | null;
  readonly grant: string | null;
  /** Canonical JSON; null once erased. */
  readonly event: string | null;
  readonly salt: string | null;
}

/** Attacker-controlled: the readable event, or null where it is none. */
export function readableEvent(entry: Pick<ClaimedEntry, "event">): JsonObject | null {
  const event = entry.event === null ? undefined : parseCanonicalJson(entry.event);
  return isJsonObject(event) ? event : null;
}

/** `tree` is of the checkpoint's size. */
export async function proveEntry(
  sha256: Sha256,
  { checkpoint, tree }: { checkpoint: Checkpoint; tree: TreeReader },
  entry: ClaimedEntry,
): Promise<EntryVerdict> {
  if (entry.index >= checkpoint.size) return "not-included";
  try {
    const leaf = await tree.entry(entry.index);
    const proof = await inclusionProof(tree, entry.index);
    const { size, root } = checkpoint;
    const claim = { leafHash: leafHash(sha256, leaf), index: entry.index, size, root, proof };
    if (!verifyInclusion(sha256, claim)) return "not-included";
    return compare(sha256, entry, leaf);
  } catch (error) {
    if (isProblem(error)) return "unreadable";
    throw error;
  }
}

function compare(sha256: Sha256, entry: ClaimedEntry, leafBytes: Bytes): EntryVerdict {
  try {
    const leaf = decodeLeaf(leafBytes);
    if (leaf.type !== entry.type || leaf.minute !== minuteOf(entry.at)) return "mismatch";
    if (entry.event === null) return entry.salt === null ? "erased" : "mismatch";
    const event = readableEvent(entry);
    const salt = base64UrlBytes(entry.salt ?? "");
    if (event === null || salt?.length !== SALT_BYTES || !saysTheSame(event, entry)) return "mismatch";
    const commitment = commitEvent(sha256, salt, utf8Bytes(entry.event));
    return equalBytes(commitment, leaf.commitment) ? "proven" : "mismatch";
  } catch (error) {
    if (error instanceof MalformedBinary) return "mismatch";
    throw error;
  }
}

/** What the page shows beside the event comes from the same answer and could be another's. */
const saysTheSame = (event: JsonObject, { type, at, outcome, transfer, grant }: ClaimedEntry): boolean =>
  event["type"] === type &&
  event["at"] === at &&
  event["outcome"] === outcome &&
  event["transfer"] === transfer &&
  event["grant"] === grant;
