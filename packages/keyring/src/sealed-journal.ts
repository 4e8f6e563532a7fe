/**
 * The journal as a file: a header that names the ring's generation, then sealed records (docs/formats/journal.md).
 *
 * A crash can only cut the file short, so a record that ends early was never acknowledged and is dropped. Everything
 * else (a flipped bit, a missing or moved record) is damage: going on would silently forget a suspension or a count.
 * The length stands beside its complement because a flipped length would otherwise look like a torn last record.
 */
import {
  type AeadKey,
  BinaryReader,
  BinaryWriter,
  type Bytes,
  concatBytes,
  copyBytes,
  equalBytes,
  type Random,
  utf8Bytes,
} from "@safeconduct/foundation";
import { domainWriter, FORMAT_VERSION } from "./encoding.ts";
import { JOURNAL_RECORD_LIMIT_BYTES } from "./limits.ts";
import { DamagedStore } from "./ring-store.ts";
import { IV_BYTES } from "./sealed-ring.ts";

const MAGIC = utf8Bytes("SCKJ");
/** Length and its complement, four bytes each. */
const FRAME_BYTES = 8;
const TAG_BYTES = 16;
const SEALED_RECORD_LIMIT_BYTES = IV_BYTES + JOURNAL_RECORD_LIMIT_BYTES + TAG_BYTES;

/** The file before its first record. */
export function journalHeader(generation: number): Bytes {
  return new BinaryWriter().fixed(MAGIC, MAGIC.length).u8(FORMAT_VERSION).u64(generation).bytes();
}

/** One framed record. `position` counts from 0 within the journal and is bound, so that records cannot be moved. */
export async function sealJournalRecord(
  random: Random,
  sealed: { master: AeadKey; generation: number; position: number; record: Bytes },
): Promise<Bytes> {
  const { master, generation, position, record } = sealed;
  if (record.length > JOURNAL_RECORD_LIMIT_BYTES) throw new RangeError("journal record over its limit");
  const iv = random.bytes(IV_BYTES);
  const ciphertext = await master.seal({ iv, plaintext: record, aad: recordAad(generation, position) });
  const length = iv.length + ciphertext.length;
  const frame = new BinaryWriter().u32(length).u32(complement(length)).bytes();
  return concatBytes(frame, iv, ciphertext);
}

/**
 * The records of a journal file and the length of the part that holds them; what is behind it is a torn record.
 * Throws {@link DamagedStore}.
 */
export async function readJournal(
  file: Uint8Array,
  { master, generation }: { master: AeadKey; generation: number },
): Promise<{ records: Bytes[]; wholeBytes: number }> {
  const header = journalHeader(generation);
  if (!equalBytes(file.subarray(0, header.length), header)) throw new DamagedStore("the journal's header is damaged");
  const records: Bytes[] = [];
  let at = header.length;
  while (file.length - at >= FRAME_BYTES && !isUnwritten(file.subarray(at))) {
    const reader = new BinaryReader(file.subarray(at, at + FRAME_BYTES));
    const length = reader.u32();
    const fits = length > IV_BYTES + TAG_BYTES && length <= SEALED_RECORD_LIMIT_BYTES;
    if (reader.u32() !== complement(length) || !fits) throw damagedRecord(records.length);
    const end = at + FRAME_BYTES + length;
    if (end > file.length) break;
    const iv = copyBytes(file.subarray(at + FRAME_BYTES, at + FRAME_BYTES + IV_BYTES));
    const ciphertext = copyBytes(file.subarray(at + FRAME_BYTES + IV_BYTES, end));
    const record = await master.open({ iv, ciphertext, aad: recordAad(generation, records.length) });
    if (record === null) throw damagedRecord(records.length);
    records.push(record);
    at = end;
  }
  return { records, wholeBytes: at };
}

function damagedRecord(position: number): DamagedStore {
  return new DamagedStore(`record ${position} of the journal is damaged`);
}

/** Some file systems grow a file before its data arrive: after a power cut the torn part is zeros. No record is. */
function isUnwritten(rest: Uint8Array): boolean {
  return rest.every((byte) => byte === 0);
}

function complement(length: number): number {
  return 0xffff_ffff - length;
}

function recordAad(generation: number, position: number): Bytes {
  return domainWriter("journal").u64(generation).u64(position).bytes();
}
