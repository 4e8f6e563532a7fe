/**
 * Leaves of the key service's own log (docs/formats/key-service-log.md): one for each release, suspension, resumption,
 * destruction, hold, reset of the clock and change of the main ledger. A leaf names no id: it holds a hash of words with
 * random ids of 128 bits in them, so whoever has the words can find it, and nobody else can tell what it is about. Beside
 * it stands the checkpoint of the main ledger that the act relied on.
 */
import { BinaryWriter, type Bytes, type Sha256 } from "@safeconduct/foundation";
import { parseCheckpoint, parseNote } from "@safeconduct/ledger";
import { FORMAT_VERSION, HASH_BYTES } from "./encoding.ts";
import { encodeJournalRecord, type JournalRecord } from "./journal.ts";
import type { RingDraft } from "./ring.ts";

/** Version, code, hash, size and root of the main ledger. */
export const LOG_LEAF_BYTES = 1 + 1 + HASH_BYTES + 8 + HASH_BYTES;

/** Append only. */
const LEAF_CODES = {
  released: 1,
  suspended: 2,
  resumed: 3,
  destroyed: 4,
  held: 5,
  "hold-lifted": 6,
  "clock-reset": 7,
  "ledger-continued": 8,
} as const;
type LeafKind = keyof typeof LEAF_CODES;

/** The leaf of a record that is about to be applied to `draft`, or null for one that the log does not tell. */
export function leafOfRecord(sha256: Sha256, draft: RingDraft, record: JournalRecord): Bytes | null {
  const kind = kindOf(draft, record);
  if (kind === null) return null;
  const words = record.type === "released" ? record.statement : encodeJournalRecord(record);
  return leaf(draft, kind, sha256(words));
}

/** The leaf of a signed statement of destruction. */
export function leafOfDestruction(sha256: Sha256, draft: RingDraft, statement: Bytes): Bytes {
  return leaf(draft, "destroyed", sha256(statement));
}

function kindOf(draft: RingDraft, record: JournalRecord): LeafKind | null {
  switch (record.type) {
    case "released":
    case "suspended":
    case "resumed":
    case "held":
    case "hold-lifted":
      return record.type;
    case "clock":
      return record.resets > draft.clock.resets ? "clock-reset" : null;
    case "ledger-seen": {
      const seen = draft.ledger();
      return seen !== null && seen.verifierKey !== record.verifierKey ? "ledger-continued" : null;
    }
    default:
      return null;
  }
}

function leaf(draft: RingDraft, kind: LeafKind, hash: Bytes): Bytes {
  const note = parseNote(draft.ledger()?.checkpoint ?? "");
  const seen = note && parseCheckpoint(note.text);
  const writer = new BinaryWriter().u8(FORMAT_VERSION).u8(LEAF_CODES[kind]).fixed(hash, HASH_BYTES);
  return writer
    .u64(seen?.size ?? 0)
    .fixed(seen?.root ?? new Uint8Array(HASH_BYTES), HASH_BYTES)
    .bytes();
}
