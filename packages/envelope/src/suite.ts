/**
 * The one cryptographic suite and the labels that keep the uses of a key or hash apart.
 * The suite byte comes from a closed set; no other algorithm is ever read from a message.
 */
import { type Bytes, BinaryWriter } from "@safeconduct/foundation";

/** Version of every binary format of this package. */
export const FORMAT_VERSION = 1;

/** AES-256-GCM in FLOE, HKDF-SHA-384, SHA-256, Ed25519, HPKE with MLKEM768-P256. */
export const SUITE = 1;

/** Bytes of every symmetric secret here: P, F, G, S and what is derived from them. */
export const SECRET_BYTES = 32;

/** SHA-256. */
export const HASH_BYTES = 32;

/** AES-GCM's nonce and tag (NIST SP 800-38D). */
export const IV_BYTES = 12;
export const TAG_BYTES = 16;

/** One label for each use: no encoding of one use can be taken for another. */
type Domain =
  | "transfer-share"
  | "grant-share"
  | "release"
  | "intake-key"
  | "member-link-secret"
  | "grant-transcript"
  | "passcode-mix"
  | "passcode-verifier"
  | "key"
  | "object"
  | "file-digest"
  | "part-digest"
  | "seal-signature"
  | "member-statement"
  | "member-key"
  | "holder-keys"
  | "pairing-request"
  | "pairing-approval"
  | "member-request"
  | "printed-secret"
  | "recovery-key"
  | "recovery-key-id"
  | "recovery-link-secret"
  | "recovery-request";

/** A writer that holds `safeconduct/DOMAIN` as a vector, then the format version and the suite, one byte each. */
export function domainWriter(domain: Domain): BinaryWriter {
  return new BinaryWriter().text(`safeconduct/${domain}`).u8(FORMAT_VERSION).u8(SUITE);
}

/** Refuses a secret of another length: lengths are fixed so that joined secrets have one reading. */
export function requireSecret(secret: Uint8Array): void {
  if (secret.length !== SECRET_BYTES) throw new RangeError(`a secret has ${SECRET_BYTES} bytes`);
}

/** `label` and a line end, for hashes that are not over a {@link domainWriter} encoding. */
export function hashLabel(label: "grant-terms"): Bytes {
  return new BinaryWriter().text(`safeconduct/${label}`).bytes();
}
