/**
 * Bodies of the key service's requests and answers: canonical binary with a version byte in front
 * (docs/formats/key-service-messages.md). Decoders read attacker-controlled bytes and answer null for anything else
 * than what the encoder writes.
 */
import type { SignedIntakeKey } from "@safeconduct/envelope";
import {
  type BinaryReader,
  BinaryWriter,
  type Bytes,
  type GrantId,
  MalformedBinary,
  type OrganisationId,
  type TransferId,
} from "@safeconduct/foundation";
import { LEAF_BYTES, PROOF_LIMIT_HASHES } from "@safeconduct/ledger";
import { type ReleaseAuthorisation, readAuthorisation, writeAuthorisation } from "./authorisation.ts";
import { type ClockConfirmation, readClockConfirmation, writeClockConfirmation } from "./clock-confirmation.ts";
import { CLOCK_STATES, type ClockState } from "./clock-guard.ts";
import {
  FORMAT_VERSION,
  HASH_BYTES,
  readFlag,
  readId,
  readVersion,
  readWhole,
  SIGNATURE_BYTES,
  SIGNING_KEY_BYTES,
  writeId,
} from "./encoding.ts";
import { type KeysProblemCode, parseKeysProblemCode } from "./errors.ts";
import type { NamedHold } from "./holds.ts";
import { type NamedShares, readNamedShares, writeNamedShares } from "./id-list.ts";
import {
  CHECKPOINT_LIMIT_BYTES,
  ID_LIST_LIMIT,
  SEALED_LIMIT_BYTES,
  STATEMENT_LIMIT_BYTES,
  TERMS_LIMIT_BYTES,
  VERIFIER_KEY_LIMIT_BYTES,
} from "./limits.ts";
import { SHARE_STATES, type ShareState } from "./ring.ts";

/** Names of the operations: the last segment of each path. */
export const KEY_OPERATIONS = [
  "public-keys",
  "add-transfer",
  "add-grant",
  "release",
  "suspend",
  "resume",
  "hold",
  "lift-hold",
  "shred",
  "status",
  "ledger-state",
  "show-ledger",
  "continue-ledger",
  "inventory",
  "clock",
  "confirm-clock",
  "log-checkpoint",
] as const;
export type KeyOperation = (typeof KEY_OPERATIONS)[number];

export function operationPath(operation: KeyOperation): string {
  return `/v1/${operation}`;
}

export interface AddTransferRequest {
  readonly organisation: OrganisationId;
  readonly transfer: TransferId;
  /** F, HPKE-sealed to the key service under `transferShareContext`. */
  readonly sealedTransferShare: Bytes;
}

export interface AddGrantRequest {
  readonly organisation: OrganisationId;
  readonly transfer: TransferId;
  readonly grant: GrantId;
  /** The canonical encoding of the grant's frozen terms. */
  readonly terms: Bytes;
  /** G, HPKE-sealed to the key service under `grantShareContext`. */
  readonly sealedGrantShare: Bytes;
}

export interface ReleaseRequest {
  readonly authorisation: ReleaseAuthorisation;
  /** 64 bytes, by the API. */
  readonly signature: Bytes;
  /** The recipient's HPKE public key, to which F ‖ G are sealed. */
  readonly ephemeralPublicKey: Bytes;
}

export interface ReleaseAnswer {
  /** F ‖ G, HPKE-sealed under `releaseContext`. */
  readonly sealedShares: Bytes;
  /** Distinct ephemeral keys so far. */
  readonly releases: number;
  /** A signed release statement. */
  readonly statement: Bytes;
}

export interface ShredAnswer {
  /** One signed statement for each id: transfers in order, then grants in order. */
  readonly statements: readonly Bytes[];
}

export interface ShareStatus {
  readonly state: ShareState | "unknown";
  /** Distinct ephemeral keys that have received the shares; 0 for transfers and what is not live. */
  readonly releases: number;
}

export interface StatusAnswer {
  readonly transfers: readonly ShareStatus[];
  readonly grants: readonly ShareStatus[];
}

export interface LedgerStateAnswer {
  /** Of the ledger that the key service follows, in its text form; empty where none is pinned. */
  readonly verifierKey: string;
  /** The last signed checkpoint that it has seen; empty before the first. */
  readonly checkpoint: string;
}

export interface ShowLedgerRequest {
  /** The main ledger's signed checkpoint. */
  readonly checkpoint: string;
  /** Of the checkpoint that the key service saw last, as far as the asker knows; 0 for none. The proof begins there. */
  readonly oldSize: number;
  /** RFC 9162 §2.1.4: from `oldSize` to this checkpoint's size. */
  readonly proof: readonly Bytes[];
}

export interface ContinueLedgerRequest {
  /** Of the new origin, in its text form. */
  readonly verifierKey: string;
  /** Signed by that key. */
  readonly checkpoint: string;
  /** The encoded leaf `ledger/continued`, its index, and the proof that the checkpoint's tree holds it there. */
  readonly leaf: Bytes;
  readonly index: number;
  readonly proof: readonly Bytes[];
}

export interface PublicKeysAnswer {
  /** Ed25519, 32 bytes: what clients pin. */
  readonly signingPublicKey: Bytes;
  /** To which shares are sealed now. */
  readonly intake: SignedIntakeKey;
}

/** That nobody ordered a destruction: it is due because time has passed. */
export interface DueByTime {
  /** When the main ledger last grew, milliseconds since the Unix epoch; null if it never did. */
  readonly checkpointAt: number | null;
}

export interface ShredRequest {
  readonly named: NamedShares;
  /** Null where somebody ordered it. */
  readonly byTime: DueByTime | null;
}

export interface ClockAnswer {
  readonly state: ClockState;
  /** The key service's wall clock, milliseconds since the Unix epoch. */
  readonly wall: number;
  /** The latest time that it believes; what has ended by it stays ended. */
  readonly highWaterAt: number;
  readonly resets: number;
  /** How many custodians it knows. */
  readonly custodians: number;
  /** How many of them have confirmed this clock. */
  readonly confirmed: number;
  /** How long this state has lasted, as far as this process has seen: milliseconds, not by the wall clock. */
  readonly lastedMs: number;
}

export interface ConfirmClockRequest {
  readonly confirmation: ClockConfirmation;
  /** 64 bytes, by the custodian. */
  readonly signature: Bytes;
}

export interface ConfirmClockAnswer {
  /** How many more custodians have to confirm; 0: the clock counts again. */
  readonly missing: number;
  /** A signed statement of the reset; empty while custodians are missing. */
  readonly statement: Bytes;
}

export interface LogCheckpointRequest {
  /** Of the checkpoint that the asker knows; 0 for none. */
  readonly oldSize: number;
}

export interface LogCheckpointAnswer {
  /** The newest signed checkpoint of the key service's own log. */
  readonly checkpoint: string;
  /** RFC 9162 §2.1.4, from the size asked about; empty where the log is shorter than that. */
  readonly proof: readonly Bytes[];
}

interface Codec<Value> {
  /** Throws RangeError on a value that cannot be encoded. */
  encode(value: Value): Bytes;
  decode(encoded: Uint8Array): Value | null;
}

/** Nothing but the version. */
export const emptyBody: Codec<"empty"> = codec(
  (writer) => writer,
  () => "empty",
);

export const addTransferRequest: Codec<AddTransferRequest> = codec(
  (writer, { organisation, transfer, sealedTransferShare }) =>
    writeId(writeId(writer, organisation), transfer).vector(sealedTransferShare),
  (reader) => ({
    organisation: readId(reader, "organisation"),
    transfer: readId(reader, "transfer"),
    sealedTransferShare: reader.vector(SEALED_LIMIT_BYTES),
  }),
);

export const addGrantRequest: Codec<AddGrantRequest> = codec(
  (writer, { organisation, transfer, grant, terms, sealedGrantShare }) =>
    writeId(writeId(writeId(writer, organisation), transfer), grant)
      .vector(terms)
      .vector(sealedGrantShare),
  (reader) => ({
    organisation: readId(reader, "organisation"),
    transfer: readId(reader, "transfer"),
    grant: readId(reader, "grant"),
    terms: reader.vector(TERMS_LIMIT_BYTES),
    sealedGrantShare: reader.vector(SEALED_LIMIT_BYTES),
  }),
);

export const releaseRequest: Codec<ReleaseRequest> = codec(
  (writer, { authorisation, signature, ephemeralPublicKey }) =>
    writeAuthorisation(writer, authorisation).fixed(signature, SIGNATURE_BYTES).vector(ephemeralPublicKey),
  (reader) => ({
    authorisation: readAuthorisation(reader),
    signature: reader.fixed(SIGNATURE_BYTES),
    ephemeralPublicKey: reader.vector(SEALED_LIMIT_BYTES),
  }),
);

/** Of suspend, resume and status. */
export const namedSharesRequest: Codec<NamedShares> = codec(writeNamedShares, readNamedShares);

/** Of hold and lift-hold. */
export const namedHoldRequest: Codec<NamedHold> = codec(
  (writer, { organisation, transfer, hold }) => writeId(writeId(writeId(writer, organisation), transfer), hold),
  (reader) => ({
    organisation: readId(reader, "organisation"),
    transfer: readId(reader, "transfer"),
    hold: readId(reader, "hold"),
  }),
);

/** A time of 0 stands for none. */
export const shredRequest: Codec<ShredRequest> = codec(
  (writer, { named, byTime }) =>
    writeNamedShares(writer, named)
      .u8(byTime === null ? 0 : 1)
      .u64(byTime?.checkpointAt ?? 0),
  (reader) => {
    const named = readNamedShares(reader);
    const isByTime = readFlag(reader);
    const checkpointAt = reader.u64();
    if (!isByTime && checkpointAt !== 0) throw new MalformedBinary("an order has no checkpoint");
    return { named, byTime: isByTime ? { checkpointAt: checkpointAt === 0 ? null : checkpointAt } : null };
  },
);

export const clockAnswer: Codec<ClockAnswer> = codec(
  (writer, { state, wall, highWaterAt, resets, custodians, confirmed, lastedMs }) =>
    writer
      .u8(CLOCK_STATES.indexOf(state) + 1)
      .u64(wall)
      .u64(highWaterAt)
      .u32(resets)
      .u16(custodians)
      .u16(confirmed)
      .u64(lastedMs),
  (reader) => {
    const state = CLOCK_STATES[reader.u8() - 1];
    if (state === undefined) throw new MalformedBinary("unknown state of the clock");
    return {
      state,
      wall: reader.u64(),
      highWaterAt: reader.u64(),
      resets: reader.u32(),
      custodians: reader.u16(),
      confirmed: reader.u16(),
      lastedMs: reader.u64(),
    };
  },
);

export const confirmClockRequest: Codec<ConfirmClockRequest> = codec(
  (writer, { confirmation, signature }) =>
    writeClockConfirmation(writer, confirmation).fixed(signature, SIGNATURE_BYTES),
  (reader) => ({ confirmation: readClockConfirmation(reader), signature: reader.fixed(SIGNATURE_BYTES) }),
);

export const confirmClockAnswer: Codec<ConfirmClockAnswer> = codec(
  (writer, { missing, statement }) => writer.u8(missing).vector(statement),
  (reader) => ({ missing: reader.u8(), statement: reader.vector(STATEMENT_LIMIT_BYTES) }),
);

export const releaseAnswer: Codec<ReleaseAnswer> = codec(
  (writer, { sealedShares, releases, statement }) => writer.vector(sealedShares).u32(releases).vector(statement),
  (reader) => ({
    sealedShares: reader.vector(SEALED_LIMIT_BYTES),
    releases: reader.u32(),
    statement: reader.vector(STATEMENT_LIMIT_BYTES),
  }),
);

export const shredAnswer: Codec<ShredAnswer> = codec(
  (writer, { statements }) => writeList(writer, statements, (statement) => writer.vector(statement)),
  (reader) => ({ statements: readList(reader, 2 * ID_LIST_LIMIT, () => reader.vector(STATEMENT_LIMIT_BYTES)) }),
);

export const statusAnswer: Codec<StatusAnswer> = codec(
  (writer, answer) => {
    for (const list of [answer.transfers, answer.grants]) {
      writeList(writer, list, ({ state, releases }) =>
        writer.u8(state === "unknown" ? 0 : SHARE_STATES.indexOf(state) + 1).u32(releases),
      );
    }
    return writer;
  },
  (reader) => ({ transfers: readStatuses(reader), grants: readStatuses(reader) }),
);

export const publicKeysAnswer: Codec<PublicKeysAnswer> = codec(
  (writer, { signingPublicKey, intake: { publicKey, notBefore, notAfter, signature } }) =>
    writer
      .fixed(signingPublicKey, SIGNING_KEY_BYTES)
      .vector(publicKey)
      .u64(notBefore)
      .u64(notAfter)
      .fixed(signature, SIGNATURE_BYTES),
  (reader) => ({
    signingPublicKey: reader.fixed(SIGNING_KEY_BYTES),
    intake: {
      publicKey: reader.vector(SEALED_LIMIT_BYTES),
      notBefore: reader.u64(),
      notAfter: reader.u64(),
      signature: reader.fixed(SIGNATURE_BYTES),
    },
  }),
);

export const ledgerStateAnswer: Codec<LedgerStateAnswer> = codec(
  (writer, { verifierKey, checkpoint }) => writer.text(verifierKey).text(checkpoint),
  (reader) => ({ verifierKey: reader.text(VERIFIER_KEY_LIMIT_BYTES), checkpoint: reader.text(CHECKPOINT_LIMIT_BYTES) }),
);

export const showLedgerRequest: Codec<ShowLedgerRequest> = codec(
  (writer, { checkpoint, oldSize, proof }) => writeHashes(writer.text(checkpoint).u64(oldSize), proof),
  (reader) => ({
    checkpoint: reader.text(CHECKPOINT_LIMIT_BYTES),
    oldSize: reader.u64(),
    proof: readHashes(reader),
  }),
);

export const continueLedgerRequest: Codec<ContinueLedgerRequest> = codec(
  (writer, { verifierKey, checkpoint, leaf, index, proof }) =>
    writeHashes(writer.text(verifierKey).text(checkpoint).vector(leaf).u64(index), proof),
  (reader) => ({
    verifierKey: reader.text(VERIFIER_KEY_LIMIT_BYTES),
    checkpoint: reader.text(CHECKPOINT_LIMIT_BYTES),
    leaf: reader.vector(LEAF_BYTES),
    index: reader.u64(),
    proof: readHashes(reader),
  }),
);

export const logCheckpointRequest: Codec<LogCheckpointRequest> = codec(
  (writer, { oldSize }) => writer.u64(oldSize),
  (reader) => ({ oldSize: reader.u64() }),
);

export const logCheckpointAnswer: Codec<LogCheckpointAnswer> = codec(
  (writer, { checkpoint, proof }) => writeHashes(writer.text(checkpoint), proof),
  (reader) => ({ checkpoint: reader.text(CHECKPOINT_LIMIT_BYTES), proof: readHashes(reader) }),
);

/** A refusal. Its sentence is not sent: the reader has it from the same table. */
export const problemAnswer: Codec<KeysProblemCode> = codec(
  (writer, code) => writer.text(code),
  (reader) => {
    const code = parseKeysProblemCode(reader.text(64));
    if (code === null) throw new MalformedBinary("unknown problem code");
    return code;
  },
);

export function codec<Value>(
  write: (writer: BinaryWriter, value: Value) => BinaryWriter,
  read: (reader: BinaryReader) => Value,
): Codec<Value> {
  return {
    encode: (value) => write(new BinaryWriter().u8(FORMAT_VERSION), value).bytes(),
    decode: (encoded) =>
      readWhole(encoded, (reader) => {
        readVersion(reader);
        return read(reader);
      }),
  };
}

function readStatuses(reader: BinaryReader): ShareStatus[] {
  return readList(reader, ID_LIST_LIMIT, () => {
    const code = reader.u8();
    const state = code === 0 ? "unknown" : SHARE_STATES[code - 1];
    if (state === undefined) throw new MalformedBinary("unknown state");
    return { state, releases: reader.u32() };
  });
}

function writeHashes(writer: BinaryWriter, hashes: readonly Bytes[]): BinaryWriter {
  return writeList(writer, hashes, (hash) => writer.fixed(hash, HASH_BYTES));
}

function readHashes(reader: BinaryReader): Bytes[] {
  return readList(reader, PROOF_LIMIT_HASHES, () => reader.fixed(HASH_BYTES));
}

export function writeList<Item>(
  writer: BinaryWriter,
  items: readonly Item[],
  write: (item: Item) => void,
): BinaryWriter {
  writer.u16(items.length);
  items.forEach(write);
  return writer;
}

export function readList<Item>(reader: BinaryReader, limit: number, read: () => Item): Item[] {
  const count = reader.u16();
  if (count > limit) throw new MalformedBinary("list over its limit");
  return Array.from({ length: count }, read);
}
