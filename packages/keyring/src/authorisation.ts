/**
 * The release authorisation: the API's signed word that one verified recipient may have the shares of one grant.
 * It is bound to the key service it is meant for, to the grant and its frozen terms, to the verification session and
 * to the one ephemeral key that receives the shares, so it is worth nothing to anybody else.
 */
import {
  type AuthorisationId,
  type BinaryReader,
  type BinaryWriter,
  type Bytes,
  type GrantId,
  MalformedBinary,
  type OrganisationId,
  type SessionId,
  type Signatures,
  type TransferId,
} from "@safeconduct/foundation";
import { domainWriter, HASH_BYTES, readId, SIGNING_KEY_BYTES, writeId } from "./encoding.ts";

/** Longest life of an authorisation, milliseconds. */
export const AUTHORISATION_LIFE_LIMIT_MS = 60_000;
/** How far the API's clock may be ahead of the key service's. */
export const CLOCK_SKEW_LIMIT_MS = 30_000;

/**
 * Who asked, in the API's word: a recipient who has proven the address of the grant, or a signed-in member. A grant's own
 * terms say which of them it answers to. Position + 1 is the stored code: append only.
 */
const ASKERS = ["recipient", "member"] as const;
export type Asker = (typeof ASKERS)[number];

export interface ReleaseAuthorisation {
  /** Single use: it brings about at most one release. */
  readonly authorisation: AuthorisationId;
  readonly organisation: OrganisationId;
  readonly transfer: TransferId;
  readonly grant: GrantId;
  /** The session in which they asked: a recipient's verification session, or a member's. */
  readonly session: SessionId;
  readonly asker: Asker;
  /** 32 bytes: `termsHash` of the grant's encoded terms. */
  readonly termsHash: Bytes;
  /** 32 bytes: SHA-256 of the recipient's ephemeral HPKE public key. */
  readonly ephemeralKeyHash: Bytes;
  /** Milliseconds since the Unix epoch. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

export function writeAuthorisation(writer: BinaryWriter, authorisation: ReleaseAuthorisation): BinaryWriter {
  writeId(writer, authorisation.authorisation);
  writeId(writer, authorisation.organisation);
  writeId(writer, authorisation.transfer);
  writeId(writer, authorisation.grant);
  writeId(writer, authorisation.session);
  return writer
    .u8(ASKERS.indexOf(authorisation.asker) + 1)
    .fixed(authorisation.termsHash, HASH_BYTES)
    .fixed(authorisation.ephemeralKeyHash, HASH_BYTES)
    .u64(authorisation.issuedAt)
    .u64(authorisation.expiresAt);
}

/** Reads attacker-controlled bytes; throws MalformedBinary. */
export function readAuthorisation(reader: BinaryReader): ReleaseAuthorisation {
  return {
    authorisation: readId(reader, "authorisation"),
    organisation: readId(reader, "organisation"),
    transfer: readId(reader, "transfer"),
    grant: readId(reader, "grant"),
    session: readId(reader, "session"),
    asker: readAsker(reader),
    termsHash: reader.fixed(HASH_BYTES),
    ephemeralKeyHash: reader.fixed(HASH_BYTES),
    issuedAt: reader.u64(),
    expiresAt: reader.u64(),
  };
}

function readAsker(reader: BinaryReader): Asker {
  const asker = ASKERS[reader.u8() - 1];
  if (asker === undefined) throw new MalformedBinary("unknown asker");
  return asker;
}

/** 64 bytes. `audience`: the 32-byte signing public key of the key service that is to act. */
export function signAuthorisation(
  signatures: Signatures,
  {
    apiPrivateKey,
    audience,
    authorisation,
  }: { apiPrivateKey: Bytes; audience: Bytes; authorisation: ReleaseAuthorisation },
): Promise<Bytes> {
  return signatures.sign(apiPrivateKey, signedMessage(audience, authorisation));
}

/** Whether the API signed it for `audience` and it is alive at `now` (milliseconds since the Unix epoch). */
export function acceptsAuthorisation(
  signatures: Signatures,
  accepted: {
    apiPublicKey: Bytes;
    audience: Bytes;
    authorisation: ReleaseAuthorisation;
    signature: Bytes;
    now: number;
  },
): Promise<boolean> {
  const { apiPublicKey, audience, authorisation, signature, now } = accepted;
  const { issuedAt, expiresAt } = authorisation;
  const alive =
    issuedAt < expiresAt &&
    expiresAt - issuedAt <= AUTHORISATION_LIFE_LIMIT_MS &&
    issuedAt <= now + CLOCK_SKEW_LIMIT_MS &&
    now < expiresAt;
  if (!alive) return Promise.resolve(false);
  return signatures.verify(apiPublicKey, signedMessage(audience, authorisation), signature);
}

function signedMessage(audience: Bytes, authorisation: ReleaseAuthorisation): Bytes {
  return writeAuthorisation(domainWriter("authorisation").fixed(audience, SIGNING_KEY_BYTES), authorisation).bytes();
}
