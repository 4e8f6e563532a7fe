/**
 * The certificate of custody: what happened to one transfer, in a file that anyone can check without asking the
 * operator. Readable events with their salts, the leaves they open, and proofs that the signed log holds those leaves.
 * `docs/formats/certificate.md` has the members. It proves that the entries are in the log, not that none is left out:
 * for that a full copy of the log is searched by subject.
 */
import {
  base64Bytes,
  base64Text,
  type Bytes,
  type OrganisationId,
  parseId,
  type TransferId,
} from "@safeconduct/foundation";
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue, parseCanonicalJson } from "./canonical-json.ts";
import { ledgerProblem } from "./errors.ts";
import { HASH_BYTES, LEAF_BYTES, SALT_BYTES } from "./leaf.ts";
import { NOTE_LIMIT_CHARACTERS } from "./note.ts";
import { PROOF_LIMIT_HASHES } from "./proof.ts";

export const CERTIFICATE_FORMAT = "safeconduct-certificate";
export const CERTIFICATE_VERSION = 1;
export const CERTIFICATE_LIMIT_ENTRIES = 10_000;
/** 10,000 entries with long events fit; counted in UTF-16 code units of the text. */
export const CERTIFICATE_LIMIT_CHARACTERS = 1 << 25;

export interface CertificateEntry {
  readonly index: number;
  /** Null after erasure, together with its salt. */
  readonly event: JsonObject | null;
  readonly salt: Bytes | null;
  /** {@link LEAF_BYTES} bytes. */
  readonly leaf: Bytes;
  readonly proof: readonly Bytes[];
}

export interface Certificate {
  readonly organisation: OrganisationId;
  readonly transfer: TransferId;
  /** Milliseconds since the Unix epoch, as the issuer says. Not signed. */
  readonly issuedAt: number;
  /** The signed note. */
  readonly checkpoint: string;
  /** Ties every leaf to the transfer. Null after erasure; the leaves then only prove that they belong together. */
  readonly subjectSalt: Bytes | null;
  readonly entries: readonly CertificateEntry[];
}

/** Canonical JSON without a newline at the end. */
export function formatCertificate(certificate: Certificate): string {
  return canonicalJson({
    format: CERTIFICATE_FORMAT,
    version: CERTIFICATE_VERSION,
    organisation: certificate.organisation,
    transfer: certificate.transfer,
    issuedAt: certificate.issuedAt,
    checkpoint: certificate.checkpoint,
    subjectSalt: certificate.subjectSalt && base64Text(certificate.subjectSalt),
    entries: certificate.entries.map(({ index, event, salt, leaf, proof }) => ({
      index,
      event,
      salt: salt && base64Text(salt),
      leaf: base64Text(leaf),
      proof: proof.map(base64Text),
    })),
  });
}

/**
 * Reads attacker-controlled text; one newline at the end is allowed. Only the canonical text is accepted, so that no
 * two readers see different members. Throws `ledger/certificate-malformed`. Verifies nothing.
 */
export function parseCertificate(text: string): Certificate {
  const certificate = text.length <= CERTIFICATE_LIMIT_CHARACTERS ? certificateOf(parseJson(text)) : null;
  if (certificate === null) throw ledgerProblem("ledger/certificate-malformed");
  return certificate;
}

const MEMBERS = ["checkpoint", "entries", "format", "issuedAt", "organisation", "subjectSalt", "transfer", "version"];
const ENTRY_MEMBERS = ["event", "index", "leaf", "proof", "salt"];

function parseJson(text: string): JsonValue | undefined {
  return parseCanonicalJson(text.endsWith("\n") ? text.slice(0, -1) : text);
}

function certificateOf(value: JsonValue | undefined): Certificate | null {
  if (!isJsonObject(value) || !hasMembers(value, MEMBERS)) return null;
  if (value["format"] !== CERTIFICATE_FORMAT || value["version"] !== CERTIFICATE_VERSION) return null;
  const { issuedAt, checkpoint, entries: items } = value;
  const organisation = parseId("organisation", textOf(value["organisation"]));
  const transfer = parseId("transfer", textOf(value["transfer"]));
  const subjectSalt = optionalBytes(value["subjectSalt"], SALT_BYTES);
  if (organisation === null || transfer === null || subjectSalt === undefined) return null;
  if (!isCount(issuedAt) || typeof checkpoint !== "string" || checkpoint.length > NOTE_LIMIT_CHARACTERS) return null;
  if (!Array.isArray(items) || items.length === 0 || items.length > CERTIFICATE_LIMIT_ENTRIES) return null;
  const entries: CertificateEntry[] = [];
  for (const item of items as readonly JsonValue[]) {
    const entry = entryOf(item);
    if (entry === null) return null;
    entries.push(entry);
  }
  return { organisation, transfer, issuedAt, checkpoint, subjectSalt, entries };
}

function entryOf(value: JsonValue): CertificateEntry | null {
  if (!isJsonObject(value) || !hasMembers(value, ENTRY_MEMBERS)) return null;
  const { index, event, proof: items } = value;
  const salt = optionalBytes(value["salt"], SALT_BYTES);
  const leaf = bytesOf(value["leaf"], LEAF_BYTES);
  if (!isCount(index) || leaf === null || salt === undefined) return null;
  if (!Array.isArray(items) || items.length > PROOF_LIMIT_HASHES) return null;
  const proof: Bytes[] = [];
  for (const item of items as readonly JsonValue[]) {
    const hash = bytesOf(item, HASH_BYTES);
    if (hash === null) return null;
    proof.push(hash);
  }
  if (event === null && salt === null) return { index, event, salt, leaf, proof };
  return isJsonObject(event) && salt !== null ? { index, event, salt, leaf, proof } : null;
}

function hasMembers(object: JsonObject, sortedMembers: readonly string[]): boolean {
  const keys = Object.keys(object).sort();
  return keys.length === sortedMembers.length && keys.every((key, i) => key === sortedMembers[i]);
}

function bytesOf(value: JsonValue | undefined, length: number): Bytes | null {
  const bytes = base64Bytes(textOf(value));
  return bytes?.length === length ? bytes : null;
}

/** Null for null, undefined for anything else that is not `length` bytes. */
function optionalBytes(value: JsonValue | undefined, length: number): Bytes | null | undefined {
  return value === null ? null : (bytesOf(value, length) ?? undefined);
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

function isCount(value: JsonValue | undefined): value is number {
  return typeof value === "number" && value >= 0;
}
