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
import { type Asked, type Conditions, readAsked, writeAsked } from "./conditions.ts";
import {
  NO_FACTOR,
  readOptionalFactor,
  readSecondFactor,
  type SecondFactor,
  writeSecondFactor,
} from "./second-factor.ts";
import { hashLabel } from "./suite.ts";

/** Terms without a second factor, as they always were; terms that demand one; and terms that ask something of the recipient. */
const PLAIN_VERSION = 1;
const FACTOR_VERSION = 2;
const ASKING_VERSION = 3;

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
  /** A receipt closes the link after a short grace. Absent: it does not. Only recipients' grants can have it. */
  readonly closesOnReceipt?: boolean;
  /** What the recipient accepts before anything is released. Absent: nothing. Only recipients' grants can have them. */
  readonly conditions?: Conditions;
}

/** Length of every encoding of version 1; later versions go on from there. */
export const TERMS_BYTES = 72;

/**
 * The canonical bytes (docs/formats/envelope.md): version 1, 72 bytes, without a second factor; version 2, 73 or 90 bytes,
 * with one; version 3 where the sender asks more than that. Throws RangeError on terms that cannot be.
 */
export function encodeTerms(terms: GrantTerms): Bytes {
  if (terms.notAfter <= terms.notBefore) throw new RangeError("terms end before they begin");
  const wrong = contradiction(terms);
  if (wrong !== null) throw new RangeError(wrong);
  const { secondFactor } = terms;
  const version = versionOf(terms);
  const writer = new BinaryWriter().u8(version);
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
  else if (version === ASKING_VERSION) writer.u8(NO_FACTOR);
  if (version === ASKING_VERSION) writeAsked(writer, askedBy(terms));
  return writer.bytes();
}

/** Reads attacker-controlled bytes. Throws MalformedBinary unless they are what {@link encodeTerms} writes. */
export function decodeTerms(encoded: Uint8Array): GrantTerms {
  const reader = new BinaryReader(encoded);
  const version = reader.u8();
  if (version < PLAIN_VERSION || version > ASKING_VERSION) throw new MalformedBinary("unknown terms version");
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
  const terms: GrantTerms = { ...plain, ...readRest(reader, version) };
  reader.end();
  if (terms.notAfter <= terms.notBefore) throw new MalformedBinary("terms end before they begin");
  // Each version is for what the one before cannot say, so that nothing has two encodings.
  if (versionOf(terms) !== version) throw new MalformedBinary("terms in another version than theirs");
  const wrong = contradiction(terms);
  if (wrong !== null) throw new MalformedBinary(wrong);
  return terms;
}

type Rest = Pick<GrantTerms, "secondFactor" | "closesOnReceipt" | "conditions">;

/** What follows the fields of version 1. */
function readRest(reader: BinaryReader, version: number): Rest {
  if (version === PLAIN_VERSION) return {};
  if (version === FACTOR_VERSION) return { secondFactor: readSecondFactor(reader) };
  const secondFactor = readOptionalFactor(reader);
  const { closesOnReceipt, conditions } = readAsked(reader);
  return {
    ...(secondFactor === null ? {} : { secondFactor }),
    ...(closesOnReceipt ? { closesOnReceipt } : {}),
    ...(conditions === null ? {} : { conditions }),
  };
}

const askedBy = ({ closesOnReceipt = false, conditions }: Rest): Asked => ({
  closesOnReceipt,
  conditions: conditions ?? null,
});

function versionOf(terms: Rest): number {
  const { closesOnReceipt, conditions } = askedBy(terms);
  if (closesOnReceipt || conditions !== null) return ASKING_VERSION;
  return terms.secondFactor === undefined ? PLAIN_VERSION : FACTOR_VERSION;
}

/** Why these terms cannot be, or null. */
function contradiction(terms: GrantTerms): string | null {
  if (terms.kind !== "recipient" && versionOf(terms) !== PLAIN_VERSION)
    return "only a recipient's grant has a second factor or conditions";
  if (terms.profile === "viewable" && terms.conditions?.mayStore) return "what may only be viewed may not be kept";
  return null;
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
