/**
 * Signed statements of the key service: what it released and what it destroyed. They go into the ledger and into
 * certificates of custody, and anybody who pins the key service's signing key can check them offline.
 */
import {
  type AuthorisationId,
  type BinaryReader,
  BinaryWriter,
  type Bytes,
  copyBytes,
  type GrantId,
  MalformedBinary,
  type OrganisationId,
  type SessionId,
  type Signatures,
  type TransferId,
} from "@safeconduct/foundation";
import {
  domainWriter,
  FORMAT_VERSION,
  HASH_BYTES,
  readFlag,
  readId,
  readVersion,
  readWhole,
  SIGNATURE_BYTES,
  writeId,
} from "./encoding.ts";

/** Both shares of `grant` were sealed to one ephemeral key. */
export interface ReleaseStatement {
  readonly kind: "release";
  readonly organisation: OrganisationId;
  readonly transfer: TransferId;
  readonly grant: GrantId;
  readonly authorisation: AuthorisationId;
  readonly session: SessionId;
  readonly termsHash: Bytes;
  readonly ephemeralKeyHash: Bytes;
  /** How many distinct ephemeral keys have received the shares of this grant, this one included. */
  readonly releases: number;
  /** Milliseconds since the Unix epoch, by the key service's clock. */
  readonly at: number;
}

interface ShredFacts {
  readonly organisation: OrganisationId;
  /** False if the share had never come in: then only the id was barred. */
  readonly held: boolean;
  /** The first generation of the ring without the share; its predecessors' masters are destroyed. */
  readonly generation: number;
  readonly at: number;
}

/** The share is in no ring that can be opened, and the id is barred for ever. */
export type ShredStatement =
  | (ShredFacts & { readonly kind: "transfer-shred"; readonly transfer: TransferId })
  | (ShredFacts & { readonly kind: "grant-shred"; readonly grant: GrantId });

/** Two custodians have said that the clock is right; destruction by time goes on. */
export interface ClockStatement {
  readonly kind: "clock-reset";
  readonly organisation: OrganisationId;
  /** How often it was set right, this time included. */
  readonly resets: number;
  /** The latest time that was believed before, milliseconds since the Unix epoch. */
  readonly highWaterAt: number;
  /** SHA-256 of each one's public key, 32 bytes, in the order in which they confirmed. */
  readonly custodians: readonly [Bytes, Bytes];
  /** The time that is believed from now on. */
  readonly at: number;
}

export type KeyStatement = ReleaseStatement | ShredStatement | ClockStatement;

const CODES = { release: 1, "transfer-shred": 2, "grant-shred": 3, "clock-reset": 4 } as const;

/** The statement's encoding followed by the 64-byte signature. */
export async function signStatement(
  signatures: Signatures,
  { privateKey, statement }: { privateKey: Bytes; statement: KeyStatement },
): Promise<Bytes> {
  const encoded = encodeStatement(statement);
  const signature = await signatures.sign(privateKey, signedMessage(encoded));
  return new BinaryWriter().fixed(encoded, encoded.length).fixed(signature, SIGNATURE_BYTES).bytes();
}

/** Reads attacker-controlled bytes: the statement, or null if it is malformed or not signed by `publicKey`. */
export async function openStatement(
  signatures: Signatures,
  { publicKey, signed }: { publicKey: Bytes; signed: Bytes },
): Promise<KeyStatement | null> {
  if (signed.length <= SIGNATURE_BYTES) return null;
  const encoded = copyBytes(signed.subarray(0, -SIGNATURE_BYTES));
  const signature = copyBytes(signed.subarray(-SIGNATURE_BYTES));
  if (!(await signatures.verify(publicKey, signedMessage(encoded), signature))) return null;
  return readWhole(encoded, readStatement);
}

function signedMessage(encoded: Bytes): Bytes {
  return domainWriter("statement").vector(encoded).bytes();
}

function encodeStatement(statement: KeyStatement): Bytes {
  const writer = new BinaryWriter().u8(FORMAT_VERSION).u8(CODES[statement.kind]);
  writeId(writer, statement.organisation);
  switch (statement.kind) {
    case "release":
      writeId(writeId(writer, statement.transfer), statement.grant);
      writeId(writeId(writer, statement.authorisation), statement.session);
      writer.fixed(statement.termsHash, HASH_BYTES).fixed(statement.ephemeralKeyHash, HASH_BYTES);
      return writer.u32(statement.releases).u64(statement.at).bytes();
    case "clock-reset":
      for (const custodian of statement.custodians) writer.fixed(custodian, HASH_BYTES);
      return writer.u32(statement.resets).u64(statement.highWaterAt).u64(statement.at).bytes();
    case "transfer-shred":
      return writeShredFacts(writeId(writer, statement.transfer), statement).bytes();
    case "grant-shred":
      return writeShredFacts(writeId(writer, statement.grant), statement).bytes();
  }
}

function readStatement(reader: BinaryReader): KeyStatement {
  readVersion(reader);
  const code = reader.u8();
  const organisation = readId(reader, "organisation");
  switch (code) {
    case CODES.release:
      return {
        kind: "release",
        organisation,
        transfer: readId(reader, "transfer"),
        grant: readId(reader, "grant"),
        authorisation: readId(reader, "authorisation"),
        session: readId(reader, "session"),
        termsHash: reader.fixed(HASH_BYTES),
        ephemeralKeyHash: reader.fixed(HASH_BYTES),
        releases: reader.u32(),
        at: reader.u64(),
      };
    case CODES["transfer-shred"]:
      return { kind: "transfer-shred", organisation, transfer: readId(reader, "transfer"), ...readShredFacts(reader) };
    case CODES["grant-shred"]:
      return { kind: "grant-shred", organisation, grant: readId(reader, "grant"), ...readShredFacts(reader) };
    case CODES["clock-reset"]:
      return {
        kind: "clock-reset",
        organisation,
        custodians: [reader.fixed(HASH_BYTES), reader.fixed(HASH_BYTES)],
        resets: reader.u32(),
        highWaterAt: reader.u64(),
        at: reader.u64(),
      };
    default:
      throw new MalformedBinary("unknown statement");
  }
}

function writeShredFacts(writer: BinaryWriter, facts: ShredFacts): BinaryWriter {
  return writer
    .u8(facts.held ? 1 : 0)
    .u64(facts.generation)
    .u64(facts.at);
}

function readShredFacts(reader: BinaryReader): Omit<ShredFacts, "organisation"> {
  return { held: readFlag(reader), generation: reader.u64(), at: reader.u64() };
}
