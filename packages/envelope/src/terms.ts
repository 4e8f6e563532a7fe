/**
 * The frozen terms of a grant, as they are hashed into the KEK transcript, sealed beside the grant share and
 * enforced by the key service. A change of terms is a new grant.
 */
import {
  BinaryReader,
  BinaryWriter,
  type Bytes,
  type GrantId,
  MalformedBinary,
  type OrganisationId,
  type Sha256,
  type TransferId,
} from "@safeconduct/foundation";
import { readId, writeId } from "./id-field.ts";
import { readSecondFactor, type SecondFactor, writeSecondFactor } from "./second-factor.ts";
import { hashLabel } from "./suite.ts";

/** Terms without a second factor, as they always were, and terms that demand one. */
const PLAIN_VERSION = 1;
const FACTOR_VERSION = 2;

/** Position + 1 is the stored code: append only. */
export const GRANT_KINDS = ["sender", "recipient", "recovery"] as const;
export const GRANT_PROFILES = ["viewable", "downloadable"] as const;
/** HL7 v3 PurposeOfUse. */
export const PURPOSES = [
  "TREAT",
  "ETREAT",
  "HPAYMT",
  "HOPERAT",
  "HRESCH",
  "PATRQT",
  "PUBHLTH",
  "HMARKT",
  "COVERAGE",
] as const;

/**
 * `sender`: the grant with which the sender opens their own transfer. `recipient`: one recipient's link.
 * `recovery`: the organisation's, for when every device of the sender is lost.
 */
export type GrantKind = (typeof GRANT_KINDS)[number];
/** `viewable`: view only. `downloadable`: view and download. */
export type GrantProfile = (typeof GRANT_PROFILES)[number];
export type Purpose = (typeof PURPOSES)[number];

export interface GrantTerms {
  readonly organisation: OrganisationId;
  readonly transfer: TransferId;
  readonly grant: GrantId;
  readonly kind: GrantKind;
  readonly profile: GrantProfile;
  readonly purpose: Purpose;
  /** Milliseconds since the Unix epoch; the first instant at which shares may be released. */
  readonly notBefore: number;
  /** Milliseconds since the Unix epoch; the first instant at which they may not. Later than `notBefore`. */
  readonly notAfter: number;
  /** How many releases the grant allows, up to 2^32 − 1; 0 sets no cap. */
  readonly releaseCap: number;
  /** What the recipient must bring beside link and mailed code. Absent: nothing. Only recipients' grants can have one. */
  readonly secondFactor?: SecondFactor;
}

/** Length of every encoding of version 1; version 2 goes on from there. */
export const TERMS_BYTES = 72;

/**
 * The canonical bytes (docs/formats/envelope.md): version 1, 72 bytes, without a second factor; version 2, 73 or 90 bytes,
 * with one. Throws RangeError on terms that cannot be.
 */
export function encodeTerms(terms: GrantTerms): Bytes {
  if (terms.notAfter <= terms.notBefore) throw new RangeError("terms end before they begin");
  const { secondFactor } = terms;
  if (secondFactor !== undefined && terms.kind !== "recipient")
    throw new RangeError("only a recipient's grant has a second factor");
  const writer = new BinaryWriter().u8(secondFactor === undefined ? PLAIN_VERSION : FACTOR_VERSION);
  writeId(writer, terms.organisation);
  writeId(writer, terms.transfer);
  writeId(writer, terms.grant);
  writer
    .u8(codeOf(GRANT_KINDS, terms.kind))
    .u8(codeOf(GRANT_PROFILES, terms.profile))
    .u8(codeOf(PURPOSES, terms.purpose))
    .u64(terms.notBefore)
    .u64(terms.notAfter)
    .u32(terms.releaseCap);
  if (secondFactor !== undefined) writeSecondFactor(writer, secondFactor);
  return writer.bytes();
}

/** Reads attacker-controlled bytes. Throws MalformedBinary unless they are what {@link encodeTerms} writes. */
export function decodeTerms(encoded: Uint8Array): GrantTerms {
  const reader = new BinaryReader(encoded);
  const version = reader.u8();
  if (version !== PLAIN_VERSION && version !== FACTOR_VERSION) throw new MalformedBinary("unknown terms version");
  const plain: GrantTerms = {
    organisation: readId(reader, "organisation"),
    transfer: readId(reader, "transfer"),
    grant: readId(reader, "grant"),
    kind: valueOf(GRANT_KINDS, reader.u8()),
    profile: valueOf(GRANT_PROFILES, reader.u8()),
    purpose: valueOf(PURPOSES, reader.u8()),
    notBefore: reader.u64(),
    notAfter: reader.u64(),
    releaseCap: reader.u32(),
  };
  // Version 2 always has one, so that nothing has two encodings.
  const terms = version === FACTOR_VERSION ? { ...plain, secondFactor: readSecondFactor(reader) } : plain;
  reader.end();
  if (terms.notAfter <= terms.notBefore) throw new MalformedBinary("terms end before they begin");
  if (version === FACTOR_VERSION && terms.kind !== "recipient")
    throw new MalformedBinary("only a recipient's grant has a second factor");
  return terms;
}

/** 32 bytes that stand for the terms in transcripts, contexts and ledger entries. */
export function termsHash(sha256: Sha256, encoded: Uint8Array): Bytes {
  return sha256(hashLabel("grant-terms"), encoded);
}

function codeOf<Value extends string>(values: readonly Value[], value: Value): number {
  const position = values.indexOf(value);
  if (position < 0) throw new RangeError("value outside its closed set");
  return position + 1;
}

function valueOf<Value extends string>(values: readonly Value[], code: number): Value {
  const value = values[code - 1];
  if (value === undefined) throw new MalformedBinary("unknown code");
  return value;
}
