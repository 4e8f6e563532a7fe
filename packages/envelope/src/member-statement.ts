/**
 * One signed statement about the keys of a member: a holder came, a holder went, a new member key is in use.
 * Statements form a chain: each names the hash of the one before, so that a server can neither leave one out of the middle,
 * nor reorder them, nor add one. What makes a chain valid is in `member-chain.ts`.
 */
import {
  BinaryReader,
  type Bytes,
  type DeviceId,
  equalBytes,
  MalformedBinary,
  type MemberId,
  type OrganisationId,
  type Sha256,
  type Signatures,
  utf8Bytes,
} from "@safeconduct/foundation";
import { readId, writeId } from "./id-field.ts";
import { domainWriter, HASH_BYTES } from "./suite.ts";

/**
 * Who can hold the member key. `device`: a computer with keys of its own. `passkey`: keys sealed under a passkey's PRF output.
 * `recovery`: keys sealed under a printed secret; it can let a device in and do nothing else. Position + 1 is the code.
 */
export const HOLDER_KINDS = ["device", "passkey", "recovery"] as const;
export type HolderKind = (typeof HOLDER_KINDS)[number];

/** `previous` of the first statement. */
export const NO_STATEMENT: Bytes = new Uint8Array(HASH_BYTES);
export const HOLDER_NAME_LIMIT_BYTES = 240;
const HPKE_KEY_LIMIT_BYTES = 2048;
const SIGNING_KEY_BYTES = 32;
/** Longest encoded statement: the name and the HPKE key are what makes it long. */
export const STATEMENT_LIMIT_BYTES = 2560;

export type StatementBody =
  | {
      readonly kind: "holder-added";
      readonly holder: DeviceId;
      readonly holderKind: HolderKind;
      /** As the member named it, up to 240 bytes; here, so that a server cannot swap the names of two devices. */
      readonly name: string;
      /** Ed25519, 32 bytes. */
      readonly signingPublicKey: Bytes;
      readonly hpkePublicKey: Bytes;
    }
  | { readonly kind: "holder-removed"; readonly holder: DeviceId }
  | {
      readonly kind: "member-key-set";
      /** From 1, without gaps. */
      readonly generation: number;
      readonly publicKey: Bytes;
    };

export interface MemberScopeOfKeys {
  readonly organisation: OrganisationId;
  readonly member: MemberId;
}

export interface MemberStatement extends MemberScopeOfKeys {
  /** From 0. */
  readonly position: number;
  /** 32 bytes: {@link statementHash} of the statement before, or {@link NO_STATEMENT}. */
  readonly previous: Bytes;
  readonly signer: DeviceId;
  readonly body: StatementBody;
}

/** As it is stored and sent. */
export interface SignedStatement {
  readonly statement: Bytes;
  /** Ed25519, 64 bytes, by the signer. */
  readonly signature: Bytes;
}

const BODY_CODES = { "holder-added": 1, "holder-removed": 2, "member-key-set": 3 } as const;

export function encodeStatement({ organisation, member, position, previous, signer, body }: MemberStatement): Bytes {
  const writer = domainWriter("member-statement");
  writeId(writeId(writer, organisation), member).u32(position).fixed(previous, HASH_BYTES);
  writeId(writer, signer).u8(BODY_CODES[body.kind]);
  if (body.kind === "member-key-set") return writer.u32(body.generation).vector(body.publicKey).bytes();
  writeId(writer, body.holder);
  if (body.kind === "holder-removed") return writer.bytes();
  if (utf8Bytes(body.name).length > HOLDER_NAME_LIMIT_BYTES) throw new RangeError("name of a holder over its limit");
  return writer
    .u8(HOLDER_KINDS.indexOf(body.holderKind) + 1)
    .text(body.name)
    .fixed(body.signingPublicKey, SIGNING_KEY_BYTES)
    .vector(body.hpkePublicKey)
    .bytes();
}

/** Reads attacker-controlled bytes. Throws MalformedBinary unless they are what {@link encodeStatement} writes. */
export function decodeStatement(encoded: Uint8Array): MemberStatement {
  const opening = domainWriter("member-statement").bytes();
  const reader = new BinaryReader(encoded);
  if (!equalBytes(reader.fixed(opening.length), opening))
    throw new MalformedBinary("not a member statement of this version");
  const statement: MemberStatement = {
    organisation: readId(reader, "organisation"),
    member: readId(reader, "member"),
    position: reader.u32(),
    previous: reader.fixed(HASH_BYTES),
    signer: readId(reader, "device"),
    body: readBody(reader),
  };
  reader.end();
  return statement;
}

/** 32 bytes that name a statement; its entry in the ledger carries them. */
export const statementHash = (sha256: Sha256, encoded: Uint8Array): Bytes => sha256(encoded);

/** The statement opens with its own domain, so the signature is over the encoding itself. `privateKey` is the signer's seed. */
export async function signStatementOf(
  { signatures }: { signatures: Signatures },
  { statement, privateKey }: { statement: MemberStatement; privateKey: Bytes },
): Promise<SignedStatement> {
  const encoded = encodeStatement(statement);
  return { statement: encoded, signature: await signatures.sign(privateKey, encoded) };
}

function readBody(reader: BinaryReader): StatementBody {
  switch (reader.u8()) {
    case BODY_CODES["holder-added"]:
      return {
        kind: "holder-added",
        holder: readId(reader, "device"),
        holderKind: holderKindOf(reader.u8()),
        name: reader.text(HOLDER_NAME_LIMIT_BYTES),
        signingPublicKey: reader.fixed(SIGNING_KEY_BYTES),
        hpkePublicKey: reader.vector(HPKE_KEY_LIMIT_BYTES),
      };
    case BODY_CODES["holder-removed"]:
      return { kind: "holder-removed", holder: readId(reader, "device") };
    case BODY_CODES["member-key-set"]:
      return { kind: "member-key-set", generation: reader.u32(), publicKey: reader.vector(HPKE_KEY_LIMIT_BYTES) };
    default:
      throw new MalformedBinary("unknown statement");
  }
}

function holderKindOf(code: number): HolderKind {
  const kind = HOLDER_KINDS[code - 1];
  if (kind === undefined) throw new MalformedBinary("unknown kind of holder");
  return kind;
}
