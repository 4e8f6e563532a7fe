/**
 * Secrets that people print, read out and type: Crockford's base32 in groups, with a check sum that finds a typing error before
 * anything is tried with it. Upper or lower case, spaces and hyphens do not matter; O is 0, I and L are 1.
 */
import { type Bytes, concatBytes, copyBytes, equalBytes, type Sha256 } from "@safeconduct/foundation";
import { domainWriter } from "./suite.ts";

/** Bytes of the secret, and characters between two hyphens. With its check each is a multiple of five bytes, eight characters. */
const SHAPES = {
  /** 176 bits, on paper for years: 5 groups of 8. */
  "recovery-key": { secretBytes: 22, groupCharacters: 8 },
  /** 96 bits, on a screen for some minutes: 4 groups of 6. */
  "pairing-code": { secretBytes: 12, groupCharacters: 6 },
  /** Number, key id and share of one card of the organisation's recovery key: 8 groups of 8. */
  "recovery-card": { secretBytes: 37, groupCharacters: 8 },
} as const;

export type PrintedKind = keyof typeof SHAPES;

/** A mistyped secret passes with a chance of 2^-24. */
const CHECK_BYTES = 3;
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** Longer than any secret with a separator after each character. */
const TYPED_LIMIT_CHARACTERS = 200;

/** Length in bytes of a secret of this kind. */
export const printedSecretBytes = (kind: PrintedKind): number => SHAPES[kind].secretBytes;

/** `XXXXXXXX-XXXXXXXX-…`. `secret` has {@link printedSecretBytes}. */
export function formatPrintedSecret(sha256: Sha256, kind: PrintedKind, secret: Bytes): string {
  const { secretBytes, groupCharacters } = SHAPES[kind];
  if (secret.length !== secretBytes) throw new RangeError(`a ${kind} has ${secretBytes} bytes`);
  const text = base32(concatBytes(secret, checkOf(sha256, kind, secret)));
  return (text.match(new RegExp(`.{1,${groupCharacters}}`, "g")) ?? []).join("-");
}

/** Reads what somebody typed. Null unless it is a whole secret of this kind whose check holds. */
export function parsePrintedSecret(sha256: Sha256, kind: PrintedKind, typed: string): Bytes | null {
  const { secretBytes } = SHAPES[kind];
  if (typed.length > TYPED_LIMIT_CHARACTERS) return null;
  const text = typed
    .replace(/[\s\-\u{2010}-\u{2015}]/gu, "")
    .toUpperCase()
    .replace(/O/g, "0")
    .replace(/[IL]/g, "1");
  if (!/^[0-9A-HJKMNP-TV-Z]+$/.test(text) || text.length !== ((secretBytes + CHECK_BYTES) * 8) / 5) return null;
  const bytes = base32Bytes(text);
  const secret = copyBytes(bytes.subarray(0, secretBytes));
  return equalBytes(bytes.subarray(secretBytes), checkOf(sha256, kind, secret)) ? secret : null;
}

/** The kind goes in, so that a secret typed in the wrong place is told apart. */
const checkOf = (sha256: Sha256, kind: PrintedKind, secret: Bytes): Bytes =>
  copyBytes(sha256(domainWriter("printed-secret").text(kind).vector(secret).bytes()).subarray(0, CHECK_BYTES));

function base32(bytes: Bytes): string {
  let text = "";
  let buffered = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffered = ((buffered << 8) | byte) & 0xffff;
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[(buffered >> (bits - 5)) & 31];
  }
  return text;
}

function base32Bytes(text: string): Bytes {
  const bytes = new Uint8Array((text.length * 5) / 8);
  let buffered = 0;
  let bits = 0;
  let at = 0;
  for (const character of text) {
    buffered = ((buffered << 5) | ALPHABET.indexOf(character)) & 0xffff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = (buffered >> bits) & 0xff;
  }
  return bytes;
}
