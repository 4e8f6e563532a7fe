/**
 * Journal records: what happened to the ring since it was last written, one record for each acknowledged change
 * (docs/formats/journal.md). A record carries outcomes, not requests, so that replaying it asks no clock and no policy.
 */
import {
  type AuthorisationId,
  BinaryReader,
  BinaryWriter,
  type Bytes,
  type GrantId,
  type HoldId,
  MalformedBinary,
  type OrganisationId,
  type TransferId,
} from "@safeconduct/foundation";
import { FORMAT_VERSION, HASH_BYTES, readFlag, readId, readVersion, writeId } from "./encoding.ts";
import { type NamedShares, readNamedShares, writeNamedShares } from "./id-list.ts";
import {
  CHECKPOINT_LIMIT_BYTES,
  PRIVATE_KEY_LIMIT_BYTES,
  SEALED_LIMIT_BYTES,
  STATEMENT_LIMIT_BYTES,
  TERMS_LIMIT_BYTES,
  VERIFIER_KEY_LIMIT_BYTES,
} from "./limits.ts";
import {
  ANSWER_LIMIT,
  type ClockRecord,
  type IntakeKeyPair,
  type LiveGrant,
  type LiveTransfer,
  type ReleasedKey,
  type RingDraft,
  type SeenLedger,
} from "./ring.ts";

export type JournalRecord =
  | {
      readonly type: "transfer-added";
      readonly organisation: OrganisationId;
      readonly transfer: TransferId;
      readonly share: Bytes;
    }
  | {
      readonly type: "grant-added";
      readonly organisation: OrganisationId;
      readonly transfer: TransferId;
      readonly grant: GrantId;
      readonly share: Bytes;
      readonly terms: Bytes;
    }
  | {
      readonly type: "released";
      readonly grant: GrantId;
      readonly authorisation: AuthorisationId;
      readonly ephemeralKeyHash: Bytes;
      readonly sealedShares: Bytes;
      readonly statement: Bytes;
      /** Whether only the last {@link ANSWER_LIMIT} keys are remembered, because no cap has to count them. */
      readonly uncapped: boolean;
    }
  | (NamedShares & { readonly type: "suspended" })
  | (SeenLedger & { readonly type: "ledger-seen" })
  | (IntakeKeyPair & { readonly type: "intake-key-added" })
  | (NamedShares & { readonly type: "resumed" })
  | {
      readonly type: "held" | "hold-lifted";
      readonly organisation: OrganisationId;
      readonly transfer: TransferId;
      readonly hold: HoldId;
    }
  | (ClockRecord & { readonly type: "clock" });

/** Append only. */
const CODES = {
  "transfer-added": 1,
  "grant-added": 2,
  released: 3,
  suspended: 4,
  resumed: 5,
  held: 6,
  "hold-lifted": 7,
  clock: 8,
  "ledger-seen": 16,
  "intake-key-added": 17,
} as const;
const SHARE_BYTES = 32;

export function encodeJournalRecord(record: JournalRecord): Bytes {
  const writer = new BinaryWriter().u8(FORMAT_VERSION).u8(CODES[record.type]);
  switch (record.type) {
    case "transfer-added":
      return writeId(writeId(writer, record.organisation), record.transfer).fixed(record.share, SHARE_BYTES).bytes();
    case "grant-added":
      writeId(writeId(writeId(writer, record.organisation), record.transfer), record.grant);
      return writer.fixed(record.share, SHARE_BYTES).vector(record.terms).bytes();
    case "released":
      writeId(writeId(writer, record.grant), record.authorisation).fixed(record.ephemeralKeyHash, HASH_BYTES);
      return writer
        .vector(record.sealedShares)
        .vector(record.statement)
        .u8(record.uncapped ? 1 : 0)
        .bytes();
    case "suspended":
    case "resumed":
      return writeNamedShares(writer, record).bytes();
    case "ledger-seen":
      return writer.text(record.verifierKey).text(record.checkpoint).bytes();
    case "held":
    case "hold-lifted":
      return writeId(writeId(writeId(writer, record.organisation), record.transfer), record.hold).bytes();
    case "clock":
      return writer.u64(record.highWaterAt).u64(record.jumpedTo).u32(record.resets).bytes();
    case "intake-key-added":
      return writer.u64(record.createdAt).vector(record.publicKey).vector(record.privateKey).bytes();
  }
}

/** Throws MalformedBinary on anything but what {@link encodeJournalRecord} writes. */
export function decodeJournalRecord(encoded: Uint8Array): JournalRecord {
  const reader = new BinaryReader(encoded);
  readVersion(reader);
  const record = readRecord(reader, reader.u8());
  reader.end();
  return record;
}

function readRecord(reader: BinaryReader, code: number): JournalRecord {
  switch (code) {
    case CODES["transfer-added"]:
      return {
        type: "transfer-added",
        organisation: readId(reader, "organisation"),
        transfer: readId(reader, "transfer"),
        share: reader.fixed(SHARE_BYTES),
      };
    case CODES["grant-added"]:
      return {
        type: "grant-added",
        organisation: readId(reader, "organisation"),
        transfer: readId(reader, "transfer"),
        grant: readId(reader, "grant"),
        share: reader.fixed(SHARE_BYTES),
        terms: reader.vector(TERMS_LIMIT_BYTES),
      };
    case CODES.released:
      return {
        type: "released",
        grant: readId(reader, "grant"),
        authorisation: readId(reader, "authorisation"),
        ephemeralKeyHash: reader.fixed(HASH_BYTES),
        sealedShares: reader.vector(SEALED_LIMIT_BYTES),
        statement: reader.vector(STATEMENT_LIMIT_BYTES),
        uncapped: readFlag(reader),
      };
    case CODES.suspended:
      return { type: "suspended", ...readNamedShares(reader) };
    case CODES["ledger-seen"]:
      return {
        type: "ledger-seen",
        verifierKey: reader.text(VERIFIER_KEY_LIMIT_BYTES),
        checkpoint: reader.text(CHECKPOINT_LIMIT_BYTES),
      };
    case CODES.resumed:
      return { type: "resumed", ...readNamedShares(reader) };
    case CODES.held:
      return { type: "held", ...readHold(reader) };
    case CODES["hold-lifted"]:
      return { type: "hold-lifted", ...readHold(reader) };
    case CODES.clock:
      return { type: "clock", highWaterAt: reader.u64(), jumpedTo: reader.u64(), resets: reader.u32() };
    case CODES["intake-key-added"]:
      return {
        type: "intake-key-added",
        createdAt: reader.u64(),
        publicKey: reader.vector(SEALED_LIMIT_BYTES),
        privateKey: reader.vector(PRIVATE_KEY_LIMIT_BYTES),
      };
    default:
      throw new MalformedBinary("unknown journal record");
  }
}

function readHold(reader: BinaryReader) {
  return {
    organisation: readId(reader, "organisation"),
    transfer: readId(reader, "transfer"),
    hold: readId(reader, "hold"),
  };
}

/**
 * Carries a record out on `draft`: the only way, live or replayed, in which shares come in, are counted and suspended.
 * Throws MalformedBinary if the ring has no place for it, which a journal of this ring never does.
 */
export function applyJournalRecord(draft: RingDraft, record: JournalRecord): void {
  switch (record.type) {
    case "transfer-added": {
      const { organisation, share } = record;
      draft.putTransfer(record.transfer, { state: "active", organisation, share, holds: [] });
      return;
    }
    case "grant-added": {
      const { organisation, transfer, share, terms } = record;
      const entry = { state: "active", organisation, transfer, share, terms, releases: 0, releasedKeys: [] } as const;
      draft.putGrant(record.grant, entry);
      return;
    }
    case "released": {
      const entry = liveGrant(draft, record.grant);
      const { ephemeralKeyHash, authorisation, sealedShares, statement } = record;
      const releasedKeys = withReleasedKey(entry.releasedKeys, {
        added: { ephemeralKeyHash, authorisation, answer: { sealedShares, statement } },
        forgetOldest: record.uncapped,
      });
      draft.putGrant(record.grant, { ...entry, releases: entry.releases + 1, releasedKeys });
      return;
    }
    case "suspended":
    case "resumed": {
      const state = record.type === "suspended" ? "suspended" : "active";
      for (const id of record.transfers) draft.putTransfer(id, { ...liveTransfer(draft, id), state });
      for (const id of record.grants) draft.putGrant(id, { ...liveGrant(draft, id), state });
      return;
    }
    case "held":
    case "hold-lifted": {
      const entry = liveTransfer(draft, record.transfer);
      const others = entry.holds.filter((hold) => hold !== record.hold);
      draft.putTransfer(record.transfer, {
        ...entry,
        holds: record.type === "held" ? [...others, record.hold] : others,
      });
      return;
    }
    case "clock": {
      const { highWaterAt, jumpedTo, resets } = record;
      draft.putClock({ highWaterAt, jumpedTo, resets });
      return;
    }
    case "ledger-seen":
      draft.putLedger({ verifierKey: record.verifierKey, checkpoint: record.checkpoint });
      return;
    case "intake-key-added": {
      const { createdAt, publicKey, privateKey } = record;
      draft.putIntakeKeys([...draft.intakeKeys(), { createdAt, publicKey, privateKey }]);
    }
  }
}

function liveTransfer(draft: RingDraft, id: TransferId): LiveTransfer {
  const entry = draft.transfer(id);
  if (entry === undefined || entry.state === "shredded") throw new MalformedBinary("no such live transfer");
  return entry;
}

function liveGrant(draft: RingDraft, id: GrantId): LiveGrant {
  const entry = draft.grant(id);
  if (entry === undefined || entry.state === "shredded") throw new MalformedBinary("no such live grant");
  return entry;
}

function withReleasedKey(
  keys: readonly ReleasedKey[],
  { added, forgetOldest }: { added: ReleasedKey; forgetOldest: boolean },
): readonly ReleasedKey[] {
  const all = [...keys, added];
  if (all.length <= ANSWER_LIMIT) return all;
  if (forgetOldest) return all.slice(-ANSWER_LIMIT);
  const outdated = all.length - ANSWER_LIMIT - 1;
  return all.map((key, position) => (position === outdated ? { ...key, answer: null } : key));
}
