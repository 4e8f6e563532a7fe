/**
 * Time-based one-time codes: RFC 6238 over RFC 4226, with the only parameters that every authenticator app understands
 * (SHA-1, 6 digits, 30 s). HOTP needs a pseudo-random function, not collision resistance, so SHA-1 is sound here.
 * Knows nothing of accounts: that a step is accepted once is the caller's to keep.
 */
import { createHmac } from "node:crypto";
import { equalBytes, utf8Bytes } from "@safeconduct/foundation";

/** RFC 4226 §4 R6 recommends 160 bits. */
export const TOTP_SECRET_BYTES = 20;
const STEP_MS = 30_000;
/** Steps accepted before and after the present one (RFC 6238 §5.2: for clocks that differ and people who type). */
const DRIFT_STEPS = 1;
const DIGITS = 6;
const CODE_PATTERN = /^[0-9]{6}$/;

/** Number of the time step that contains `now` (milliseconds since the epoch). */
export function timeStep(now: number): number {
  return Math.floor(now / STEP_MS);
}

/** The code of one step. */
export function totpCode(secret: Uint8Array, step: number): string {
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(step));
  const mac = createHmac("sha1", secret).update(new Uint8Array(counter.buffer)).digest();
  // Dynamic truncation, RFC 4226 §5.3: 31 bits at the offset that the last four bits name.
  const binary = mac.readUInt32BE(mac.readUInt8(mac.length - 1) & 0x0f) & 0x7fffffff;
  return String(binary % 10 ** DIGITS).padStart(DIGITS, "0");
}

/**
 * The step that attacker-controlled `code` belongs to, among those that are accepted at `now` and come after `lastStep`.
 * Null when there is none. Always compares every candidate.
 */
export function acceptedStep(attempt: {
  secret: Uint8Array;
  code: string;
  now: number;
  lastStep: number;
}): number | null {
  const wellFormed = CODE_PATTERN.test(attempt.code);
  const given = utf8Bytes(wellFormed ? attempt.code : "000000");
  const present = timeStep(attempt.now);
  let accepted: number | null = null;
  for (let step = present - DRIFT_STEPS; step <= present + DRIFT_STEPS; step++) {
    const matches = equalBytes(given, utf8Bytes(totpCode(attempt.secret, step)));
    if (matches && wellFormed && step > attempt.lastStep) accepted = step;
  }
  return accepted;
}

/** The `otpauth:` URI that authenticator apps read from a QR code. Holds the secret and the address: never log it. */
export function otpauthUri(authenticator: { issuer: string; address: string; secret: Uint8Array }): string {
  const label = `${encodeURIComponent(authenticator.issuer)}:${encodeURIComponent(authenticator.address)}`;
  const issuer = encodeURIComponent(authenticator.issuer);
  const secret = base32Text(authenticator.secret);
  return `otpauth://totp/${label}?secret=${secret}&issuer=${issuer}&algorithm=SHA1&digits=${DIGITS}&period=${STEP_MS / 1000}`;
}

/** Upper-case base32 (RFC 4648 §6) without padding, as authenticator apps take it. */
export function base32Text(bytes: Uint8Array): string {
  let text = "";
  let buffered = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffered = ((buffered << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32_ALPHABET[(buffered >> bits) & 31];
    }
  }
  return bits > 0 ? text + BASE32_ALPHABET[(buffered << (5 - bits)) & 31] : text;
}

const BASE32_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
