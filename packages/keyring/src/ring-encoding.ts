/** The ring in bytes, before it is sealed (docs/formats/ring.md). Entries stand in ascending order of id: one encoding. */
import {
  BinaryReader,
  BinaryWriter,
  type Bytes,
  type GrantId,
  type HoldId,
  MalformedBinary,
  type TransferId,
} from "@safeconduct/foundation";
import { HASH_BYTES, readFlag, readId, writeId } from "./encoding.ts";
import {
  CHECKPOINT_LIMIT_BYTES,
  PRIVATE_KEY_LIMIT_BYTES,
  SEALED_LIMIT_BYTES,
  STATEMENT_LIMIT_BYTES,
  TERMS_LIMIT_BYTES,
  VERIFIER_KEY_LIMIT_BYTES,
} from "./limits.ts";
import { LOG_LEAF_BYTES } from "./log-leaf.ts";
import {
  type ClockRecord,
  type GrantEntry,
  HOLD_LIMIT,
  type LiveGrant,
  type LogEnd,
  type ReleasedKey,
  Ring,
  SHARE_STATES,
  type ShareState,
  type Tombstone,
  type TransferEntry,
} from "./ring.ts";

/** F and G. */
const SHARE_BYTES = 32;
const RING_VERSION = 3;
/** Knew no log of its own, and ended after the intake keys. Still read, never written. */
const RING_VERSION_WITHOUT_LOG = 2;
/** Knew neither clock nor holds nor ledger, and ended after the grants. Still read, never written. */
const RING_VERSION_WITHOUT_HOLDS = 1;

export function encodeRing(ring: Ring): Bytes {
  const { highWaterAt, jumpedTo, resets } = ring.clock;
  const clock = new BinaryWriter().u8(RING_VERSION).u64(highWaterAt).u64(jumpedTo).u32(resets);
  const head = clock.u32(ring.transfers.size).bytes();
  const transfers = entryEncodings(ring.transfers, writeTransferEntry);
  const grants = entryEncodings(ring.grants, writeGrantEntry);
  return joined([
    head,
    ...transfers,
    new BinaryWriter().u32(ring.grants.size).bytes(),
    ...grants,
    encodeFacts(ring),
    encodeLog(ring),
  ]);
}

/** Throws MalformedBinary on anything but what {@link encodeRing} writes, or wrote in versions 1 and 2. */
export function decodeRing(encoded: Uint8Array): Ring {
  const ring = new Ring();
  const reader = new BinaryReader(encoded);
  const version = reader.u8();
  if (version < RING_VERSION_WITHOUT_HOLDS || version > RING_VERSION) throw new MalformedBinary("unknown version");
  const isFirst = version === RING_VERSION_WITHOUT_HOLDS;
  if (!isFirst) ring.clock = readClock(reader);
  const readTransfer = () => readTransferEntry(reader, isFirst ? () => [] : readHolds);
  readEntries(reader, ring.transfers, () => readId(reader, "transfer"), readTransfer);
  readEntries(reader, ring.grants, () => readId(reader, "grant"), readGrantEntry);
  if (!isFirst) readFacts(reader, ring);
  if (version > RING_VERSION_WITHOUT_LOG) ring.log = readLog(reader);
  reader.end();
  return ring;
}

/** What belongs to the key service as a whole. */
function encodeFacts({ ledger, intakeKeys }: Ring): Bytes {
  const writer = new BinaryWriter().u8(ledger === null ? 0 : 1);
  if (ledger !== null) writer.text(ledger.verifierKey).text(ledger.checkpoint);
  writer.u16(intakeKeys.length);
  for (const { createdAt, publicKey, privateKey } of intakeKeys) {
    writer.u64(createdAt).vector(publicKey).vector(privateKey);
  }
  return writer.bytes();
}

function readFacts(reader: BinaryReader, ring: Ring): void {
  if (readFlag(reader)) {
    ring.ledger = {
      verifierKey: reader.text(VERIFIER_KEY_LIMIT_BYTES),
      checkpoint: reader.text(CHECKPOINT_LIMIT_BYTES),
    };
  }
  const count = reader.u16();
  ring.intakeKeys = Array.from({ length: count }, () => ({
    createdAt: reader.u64(),
    publicKey: reader.vector(SEALED_LIMIT_BYTES),
    privateKey: reader.vector(PRIVATE_KEY_LIMIT_BYTES),
  }));
}

function encodeLog({ log: { firstIndex, leaves } }: Ring): Bytes {
  const writer = new BinaryWriter().u64(firstIndex).u32(leaves.length);
  for (const leaf of leaves) writer.fixed(leaf, LOG_LEAF_BYTES);
  return writer.bytes();
}

function readLog(reader: BinaryReader): LogEnd {
  const firstIndex = reader.u64();
  const count = reader.u32();
  const leaves: Bytes[] = [];
  for (let i = 0; i < count; i++) leaves.push(reader.fixed(LOG_LEAF_BYTES));
  return { firstIndex, leaves };
}

function entryEncodings<Id extends TransferId | GrantId, Entry extends TransferEntry | GrantEntry>(
  entries: ReadonlyMap<Id, Entry>,
  write: (writer: BinaryWriter, entry: Entry) => void,
): readonly Bytes[] {
  return ascending(entries).map(([id, entry]) => {
    const known = tombstones.get(entry);
    if (known?.id === id) return known.encoded;
    const writer = writeId(new BinaryWriter(), id);
    write(writer, entry);
    const encoded = writer.bytes();
    if (entry.state === "shredded") tombstones.set(entry, { id, encoded });
    return encoded;
  });
}

/**
 * Encodings of tombstones, which never change and only grow in number: every new ring has all of them, and a destruction waits
 * for it. They hold nothing secret. Entries that live are encoded anew each time, so that no copy of a share stays behind.
 */
const tombstones = new WeakMap<object, { readonly id: string; readonly encoded: Bytes }>();

/** As `concatBytes`, for more pieces than a call can have arguments: tombstones only ever grow in number. */
function joined(pieces: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function ascending<Id extends string, Entry>(entries: ReadonlyMap<Id, Entry>): readonly [Id, Entry][] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}

function readEntries<Id extends string, Entry>(
  reader: BinaryReader,
  entries: Map<Id, Entry>,
  readEntryId: () => Id,
  readEntry: (reader: BinaryReader) => Entry,
): void {
  const count = reader.u32();
  let previous = "";
  for (let i = 0; i < count; i++) {
    const id = readEntryId();
    if (id <= previous) throw new MalformedBinary("entries out of order");
    previous = id;
    entries.set(id, readEntry(reader));
  }
}

function writeTransferEntry(writer: BinaryWriter, entry: TransferEntry): void {
  writeState(writeId(writer, entry.organisation), entry.state);
  if (entry.state === "shredded") writeTombstone(writer, entry);
  else {
    writer.fixed(entry.share, SHARE_BYTES).u8(entry.holds.length);
    for (const hold of entry.holds) writeId(writer, hold);
  }
}

function readClock(reader: BinaryReader): ClockRecord {
  return { highWaterAt: reader.u64(), jumpedTo: reader.u64(), resets: reader.u32() };
}

function readHolds(reader: BinaryReader): readonly HoldId[] {
  const count = reader.u8();
  if (count > HOLD_LIMIT) throw new MalformedBinary("too many holds");
  const holds = Array.from({ length: count }, () => readId(reader, "hold"));
  if (new Set(holds).size !== count) throw new MalformedBinary("a hold stands twice");
  return holds;
}

function readTransferEntry(
  reader: BinaryReader,
  readTransferHolds: (reader: BinaryReader) => readonly HoldId[],
): TransferEntry {
  const organisation = readId(reader, "organisation");
  const state = readState(reader);
  if (state === "shredded") return { state, organisation, ...readTombstone(reader) };
  return { state, organisation, share: reader.fixed(SHARE_BYTES), holds: readTransferHolds(reader) };
}

function writeGrantEntry(writer: BinaryWriter, entry: GrantEntry): void {
  writeState(writeId(writer, entry.organisation), entry.state);
  if (entry.state === "shredded") {
    writeTombstone(writer, entry);
    return;
  }
  writeId(writer, entry.transfer).fixed(entry.share, SHARE_BYTES).vector(entry.terms).u32(entry.releases);
  writer.u32(entry.releasedKeys.length);
  for (const key of entry.releasedKeys) writeReleasedKey(writer, key);
}

function readGrantEntry(reader: BinaryReader): GrantEntry {
  const organisation = readId(reader, "organisation");
  const state = readState(reader);
  if (state === "shredded") return { state, organisation, ...readTombstone(reader) };
  const entry: Omit<LiveGrant, "releasedKeys"> = {
    state,
    organisation,
    transfer: readId(reader, "transfer"),
    share: reader.fixed(SHARE_BYTES),
    terms: reader.vector(TERMS_LIMIT_BYTES),
    releases: reader.u32(),
  };
  const count = reader.u32();
  const releasedKeys: ReleasedKey[] = [];
  for (let i = 0; i < count; i++) releasedKeys.push(readReleasedKey(reader));
  return { ...entry, releasedKeys };
}

function writeReleasedKey(writer: BinaryWriter, { ephemeralKeyHash, authorisation, answer }: ReleasedKey): void {
  writeId(writer.fixed(ephemeralKeyHash, HASH_BYTES), authorisation).u8(answer === null ? 0 : 1);
  if (answer !== null) writer.vector(answer.sealedShares).vector(answer.statement);
}

function readReleasedKey(reader: BinaryReader): ReleasedKey {
  const ephemeralKeyHash = reader.fixed(HASH_BYTES);
  const authorisation = readId(reader, "authorisation");
  const answer = readFlag(reader)
    ? { sealedShares: reader.vector(SEALED_LIMIT_BYTES), statement: reader.vector(STATEMENT_LIMIT_BYTES) }
    : null;
  return { ephemeralKeyHash, authorisation, answer };
}

function writeState(writer: BinaryWriter, state: ShareState): void {
  writer.u8(SHARE_STATES.indexOf(state) + 1);
}

function readState(reader: BinaryReader): ShareState {
  const state = SHARE_STATES[reader.u8() - 1];
  if (state === undefined) throw new MalformedBinary("unknown state");
  return state;
}

function writeTombstone(writer: BinaryWriter, { held, generation, at }: Tombstone): void {
  writer
    .u8(held ? 1 : 0)
    .u64(generation)
    .u64(at);
}

function readTombstone(reader: BinaryReader): Pick<Tombstone, "held" | "generation" | "at"> {
  return { held: readFlag(reader), generation: reader.u64(), at: reader.u64() };
}
