/**
 * The leaf: what the public log holds of an entry. 138 bytes, no PHI, names or addresses: an event type, a coarse
 * time and hashes that say nothing without their salts. `docs/formats/leaf.md` has the table.
 * Erasing a salt erases the person; the leaf and every proof over it stay valid.
 */
import {
  BinaryReader,
  BinaryWriter,
  type Bytes,
  idBytes,
  MalformedBinary,
  type Sha256,
  type TransferId,
  utf8Bytes,
} from "@safeconduct/foundation";
import { EVENT_TYPES, type EventType, eventTypeOfNumber } from "./event-types.ts";

export const LEAF_VERSION = 1;
export const LEAF_BYTES = 138;
/** Length of the random salt of an event or a subject. */
export const SALT_BYTES = 32;
/** Length of every hash and commitment. */
export const HASH_BYTES = 32;
/** Stands for "none" in the optional fields of a leaf. */
export const NO_HASH: Bytes = new Uint8Array(HASH_BYTES);

const EVENT_DOMAIN = utf8Bytes("safeconduct/ledger/event/v1\0");
const SUBJECT_DOMAIN = utf8Bytes("safeconduct/ledger/subject/v1\0");

export interface Leaf {
  readonly type: EventType;
  /** Whole minutes since the Unix epoch. */
  readonly minute: number;
  /** {@link commitEvent} of the readable event. */
  readonly commitment: Bytes;
  /** {@link commitSubject} of the transfer, or {@link NO_HASH}. */
  readonly subject: Bytes;
  /** Hash of the grant's frozen terms, or {@link NO_HASH}. */
  readonly termsHash: Bytes;
  /** Root over the parts (sealed), hash of the key service's signed statement (destroyed), or {@link NO_HASH}. */
  readonly payloadHash: Bytes;
}

export function encodeLeaf(leaf: Leaf): Bytes {
  return new BinaryWriter()
    .u8(LEAF_VERSION)
    .u8(EVENT_TYPES[leaf.type])
    .u64(leaf.minute)
    .fixed(leaf.commitment, HASH_BYTES)
    .fixed(leaf.subject, HASH_BYTES)
    .fixed(leaf.termsHash, HASH_BYTES)
    .fixed(leaf.payloadHash, HASH_BYTES)
    .bytes();
}

/** Reads attacker-controlled bytes. Throws {@link MalformedBinary} for anything that {@link encodeLeaf} does not write. */
export function decodeLeaf(bytes: Uint8Array): Leaf {
  const reader = new BinaryReader(bytes);
  if (reader.u8() !== LEAF_VERSION) throw new MalformedBinary("unknown leaf version");
  const type = eventTypeOfNumber(reader.u8());
  if (type === null) throw new MalformedBinary("unknown event type");
  const leaf: Leaf = {
    type,
    minute: reader.u64(),
    commitment: reader.fixed(HASH_BYTES),
    subject: reader.fixed(HASH_BYTES),
    termsHash: reader.fixed(HASH_BYTES),
    payloadHash: reader.fixed(HASH_BYTES),
  };
  reader.end();
  return leaf;
}

/** SHA-256(domain ‖ salt ‖ event). The salt has a fixed length, so the pieces cannot be shifted against each other. */
export function commitEvent(sha256: Sha256, salt: Uint8Array, eventBytes: Uint8Array): Bytes {
  checkSalt(salt);
  return sha256(EVENT_DOMAIN, salt, eventBytes);
}

/** SHA-256(domain ‖ salt ‖ 16 bytes of the transfer's id): equal for all entries of one transfer, linkable only with the salt. */
export function commitSubject(sha256: Sha256, salt: Uint8Array, transfer: TransferId): Bytes {
  checkSalt(salt);
  return sha256(SUBJECT_DOMAIN, salt, idBytes(transfer));
}

function checkSalt(salt: Uint8Array): void {
  if (salt.length !== SALT_BYTES) throw new RangeError(`a salt has ${SALT_BYTES} bytes`);
}
