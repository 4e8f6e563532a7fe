/**
 * The mailed code: six digits, ten minutes, used once. It confirms an address and nothing more (NIST SP 800-63B-4 §3.1.3.1).
 * Failures are counted across re-sends; after every fifth the grant waits, longer each time.
 */
import { type Bytes, type Random, type Sha256, utf8Bytes } from "@safeconduct/foundation";
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

/** Six digits, each of the million equally likely. */
export function drawCode(random: Random): string {
  // 4,294 full millions fit below 2^32; what lies above would favour low codes.
  const limit = 4_294_000_000;
  for (;;) {
    const value = new DataView(random.bytes(4).buffer).getUint32(0);
    if (value < limit) return (value % 1_000_000).toString().padStart(6, "0");
  }
}

/**
 * What is kept of a code. The key (32 bytes) is not in the database: a million codes are tried in a moment, so a copy of the
 * database alone must not tell which one was mailed. Key and salt have fixed lengths, so that nothing can be shifted.
 */
export function codeHash(sha256: Sha256, { key, salt, code }: { key: Bytes; salt: Bytes; code: string }): Bytes {
  if (key.length !== CODE_KEY_BYTES) throw new RangeError(`the code key has ${CODE_KEY_BYTES} bytes`);
  return sha256(CODE_DOMAIN, key, salt, utf8Bytes(code));
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

/** The record after a code was drawn. Failures and lock stay. */
export function withNewCode(code: CodeRecord, { hash, now }: { hash: Bytes; now: number }): CodeRecord {
  const windowOver = now >= code.sendWindowAt + CODE_WINDOW_MS;
  return {
    ...code,
    codeHash: hash,
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
