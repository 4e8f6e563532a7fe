/** What every format of this package shares: labels that keep uses apart, ids in their 16 bytes, closed codes. */
import {
  type AuthorisationId,
  BinaryReader,
  BinaryWriter,
  drawId,
  type GrantId,
  type HoldId,
  ID_RANDOM_BYTES,
  idBytes,
  MalformedBinary,
  type OrganisationId,
  type SessionId,
  type TransferId,
} from "@safeconduct/foundation";

/** Version of every format and signed message of this package. */
export const FORMAT_VERSION = 1;
/** SHA-256. */
export const HASH_BYTES = 32;
/** Ed25519 (RFC 8032). */
export const SIGNING_KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;

type Domain = "ring" | "journal" | "authorisation" | "statement" | "request" | "response" | "clock-confirmation";

interface IdFields {
  readonly organisation: OrganisationId;
  readonly transfer: TransferId;
  readonly grant: GrantId;
  readonly session: SessionId;
  readonly authorisation: AuthorisationId;
  readonly hold: HoldId;
}

/** A writer that holds `safeconduct/keys/DOMAIN` as a vector and the format version: no use can be taken for another. */
export function domainWriter(domain: Domain): BinaryWriter {
  return new BinaryWriter().text(`safeconduct/keys/${domain}`).u8(FORMAT_VERSION);
}

export function readVersion(reader: BinaryReader): void {
  if (reader.u8() !== FORMAT_VERSION) throw new MalformedBinary("unknown format version");
}

export function writeId(writer: BinaryWriter, id: IdFields[keyof IdFields]): BinaryWriter {
  return writer.fixed(idBytes(id), ID_RANDOM_BYTES);
}

/** The id of that kind. Each of the 2^128 values is one, so nothing can be refused but a short input. */
export function readId<Kind extends keyof IdFields>(reader: BinaryReader, kind: Kind): IdFields[Kind] {
  const stored = reader.fixed(ID_RANDOM_BYTES);
  return drawId(kind, { bytes: () => stored }) as string as IdFields[Kind];
}

/** A yes or no in one byte; anything but 0 and 1 is refused. */
export function readFlag(reader: BinaryReader): boolean {
  const flag = reader.u8();
  if (flag > 1) throw new MalformedBinary("flag is neither 0 nor 1");
  return flag === 1;
}

/** Reads attacker-controlled bytes to their end with `read`, or null where they are malformed. */
export function readWhole<Value>(encoded: Uint8Array, read: (reader: BinaryReader) => Value): Value | null {
  try {
    const reader = new BinaryReader(encoded);
    const value = read(reader);
    reader.end();
    return value;
  } catch (error) {
    if (error instanceof MalformedBinary) return null;
    throw error;
  }
}
