/**
 * The mailed code: six digits, ten minutes, used once. It confirms an address and nothing more (NIST SP 800-63B-4 §3.1.3.1).
 * Failures are counted across re-sends; after every fifth the grant waits, longer each time.
 */
import { type Bytes, type GrantId, idBytes, type Random, type Sha256, utf8Bytes } from "@safeconduct/foundation";
import type { CodeRecord, GrantRecord } from "../records.ts";

export const CODE_LIFE_MS = 10 * 60 * 1000;
export const CODE_RESEND_MS = 30 * 1000;
export const CODE_SENDS_PER_WINDOW = 6;
export const CODE_WINDOW_MS = 60 * 60 * 1000;
export const CODE_FAILURES_BEFORE_LOCK = 5;
export const CODE_LOCK_MS = 15 * 60 * 1000;
/** Each further wait is twice the one before, up to this: in a link's seven days fewer than 100 guesses fit (SP 800-63B-4 §3.2.2). */
const CODE_LOCK_MAX_MS = 24 * 60 * 60 * 1000;
const CODE_KEY_BYTES = 32;
const CODE_SALT_BYTES = 16;
const CODE_DOMAIN = utf8Bytes("safeconduct/mailed-code/v1\0");
const DELETION_DOMAIN = utf8Bytes("safeconduct/mailed-code-deletion/v1\0");
const DRAW_DOMAIN = utf8Bytes("safeconduct/mailed-code-digits/v1\0");

/**
 * Six digits, each of the million equally likely up to one part in 2^108. Made from key and salt and kept nowhere: who mails it
 * makes it again, also after a crash, and a copy of the database alone cannot. Everything has a fixed length.
 */
export function codeOf(sha256: Sha256, { key, salt, grant }: { key: Bytes; salt: Bytes; grant: GrantId }): string {
  requireKey(key);
  const drawn = sha256(DRAW_DOMAIN, key, salt, idBytes(grant)).subarray(0, 16);
  const value = drawn.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return (value % 1_000_000n).toString().padStart(6, "0");
}

/** What a code is asked for: to open the files, or to confirm after the link's end that copies are deleted. */
export type CodeUse = "opening" | "deletion";

/**
 * What is kept of a code. A code for one use is none for the other. The key (32 bytes) is not in the database: a million codes are tried in a moment, so a copy of the
 * database alone must not tell which one was mailed. Key and salt have fixed lengths, so that nothing can be shifted.
 */
export function codeHash(
  sha256: Sha256,
  { key, salt, code, use = "opening" }: { key: Bytes; salt: Bytes; code: string; use?: CodeUse },
): Bytes {
  requireKey(key);
  return sha256(use === "deletion" ? DELETION_DOMAIN : CODE_DOMAIN, key, salt, utf8Bytes(code));
}

function requireKey(key: Bytes): void {
  if (key.length !== CODE_KEY_BYTES) throw new RangeError(`the code key has ${CODE_KEY_BYTES} bytes`);
}

/** No code sent yet. */
export function noCode(grant: GrantRecord, random: Random): CodeRecord {
  return {
    grant: grant.id,
    codeHash: null,
    salt: random.bytes(CODE_SALT_BYTES),
    expiresAt: 0,
    failures: 0,
    lockedUntil: 0,
    sentAt: 0,
    sends: 0,
    sendWindowAt: 0,
  };
}

/** Seconds until another code may be sent; 0 for now. */
export function secondsUntilNextCode(code: CodeRecord, now: number): number {
  const windowOver = now >= code.sendWindowAt + CODE_WINDOW_MS;
  const earliest =
    !windowOver && code.sends >= CODE_SENDS_PER_WINDOW
      ? code.sendWindowAt + CODE_WINDOW_MS
      : code.sentAt + CODE_RESEND_MS;
  return Math.max(0, Math.ceil((earliest - now) / 1000));
}

/** The record with a fresh salt, whose code hashes to what `hashOf` says. Failures and lock stay. */
export function withNewCode(
  code: CodeRecord,
  { now, random }: { now: number; random: Random },
  hashOf: (drawn: { salt: Bytes }) => Bytes,
): CodeRecord {
  const salt = random.bytes(CODE_SALT_BYTES);
  const windowOver = now >= code.sendWindowAt + CODE_WINDOW_MS;
  return {
    ...code,
    salt,
    codeHash: hashOf({ salt }),
    expiresAt: now + CODE_LIFE_MS,
    sentAt: now,
    sends: windowOver ? 1 : code.sends + 1,
    sendWindowAt: windowOver ? now : code.sendWindowAt,
  };
}

/** The record after a wrong code. Every fifth failure in a row locks; the current code dies with it. */
export function withFailure(code: CodeRecord, now: number): CodeRecord {
  const failures = code.failures + 1;
  const locks = failures % CODE_FAILURES_BEFORE_LOCK === 0;
  const lockMs = Math.min(CODE_LOCK_MS * 2 ** (failures / CODE_FAILURES_BEFORE_LOCK - 1), CODE_LOCK_MAX_MS);
  return {
    ...code,
    failures,
    lockedUntil: locks ? now + lockMs : code.lockedUntil,
    codeHash: locks ? null : code.codeHash,
  };
}
