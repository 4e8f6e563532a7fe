/**
 * Cards of the organisation's recovery key: its private key split so that any two cards give it back and one alone tells nothing.
 * Shamir's scheme of degree 1, byte by byte over GF(2^8) with the polynomial of AES (FIPS 197 §4.2): card x holds key + x · slope.
 * Which cards belong together is told by the first bytes of the public key's hash.
 */
import { type Bytes, concatBytes, copyBytes, equalBytes, type Random, type Sha256 } from "@safeconduct/foundation";
import { formatPrintedSecret, parsePrintedSecret } from "./printed-secret.ts";
import { domainWriter } from "./suite.ts";

/** The private key of the suite's HPKE, a seed. */
const KEY_BYTES = 32;
const KEY_ID_BYTES = 4;
export const CARDS_MINIMUM = 2;
export const CARDS_LIMIT = 5;

export interface RecoveryCard {
  /** From 1. */
  readonly number: number;
  /** 4 bytes: which key it is a card of. */
  readonly keyId: Bytes;
  /** 32 bytes. */
  readonly share: Bytes;
}

/** 4 bytes that stand on the cards of a key; enough to tell keys apart, not to prove one. */
export const recoveryKeyId = (sha256: Sha256, publicKey: Bytes): Bytes =>
  copyBytes(sha256(domainWriter("recovery-key-id").vector(publicKey).bytes()).subarray(0, KEY_ID_BYTES));

/** `count` cards, 2 to 5, of which any two are enough. `privateKey`: 32 bytes. */
export function splitRecoveryKey(
  { random }: { random: Random },
  { privateKey, keyId, count }: { privateKey: Bytes; keyId: Bytes; count: number },
): readonly RecoveryCard[] {
  if (!Number.isInteger(count) || count < CARDS_MINIMUM || count > CARDS_LIMIT)
    throw new RangeError(`a recovery key has ${CARDS_MINIMUM} to ${CARDS_LIMIT} cards`);
  if (privateKey.length !== KEY_BYTES) throw new RangeError(`a recovery key has ${KEY_BYTES} bytes`);
  const slope = random.bytes(KEY_BYTES);
  return Array.from({ length: count }, (_, index) => {
    const number = index + 1;
    return { number, keyId, share: privateKey.map((byte, at) => byte ^ times(number, slope[at] ?? 0)) };
  });
}

export type CardsJoined =
  | { readonly privateKey: Bytes }
  /** `same-card`: one card twice. `other-key`: cards of different keys. */
  | { readonly refused: "same-card" | "other-key" };

/** The private key of two cards. It is the right one only if it opens what was sealed to the public key: try it. */
export function joinRecoveryCards(one: RecoveryCard, other: RecoveryCard): CardsJoined {
  if (!equalBytes(one.keyId, other.keyId)) return { refused: "other-key" };
  if (one.number === other.number) return { refused: "same-card" };
  // The line through (x1, s1) and (x2, s2) at 0; subtraction is addition.
  const scale = inverse(one.number ^ other.number);
  const privateKey = one.share.map((byte, at) =>
    times(scale, times(other.number, byte) ^ times(one.number, other.share[at] ?? 0)),
  );
  return { privateKey: copyBytes(privateKey) };
}

/** 8 groups of 8 characters: number (1) ‖ key id (4) ‖ share (32) with the check of printed secrets. */
export function formatRecoveryCard(sha256: Sha256, { number, keyId, share }: RecoveryCard): string {
  return formatPrintedSecret(sha256, "recovery-card", concatBytes(Uint8Array.of(number), keyId, share));
}

/** Null unless it is a whole card whose check holds. */
export function parseRecoveryCard(sha256: Sha256, typed: string): RecoveryCard | null {
  const card = parsePrintedSecret(sha256, "recovery-card", typed);
  const number = card?.[0] ?? 0;
  if (card === null || number < 1 || number > CARDS_LIMIT) return null;
  return {
    number,
    keyId: copyBytes(card.subarray(1, 1 + KEY_ID_BYTES)),
    share: copyBytes(card.subarray(1 + KEY_ID_BYTES)),
  };
}

/** Product in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1. */
function times(one: number, other: number): number {
  let product = 0;
  for (let factor = one, rest = other; rest > 0; rest >>= 1) {
    if (rest & 1) product ^= factor;
    factor = (factor << 1) ^ (factor & 0x80 ? 0x11b : 0);
  }
  return product;
}

/** x^254, by the group's order. Never asked of 0. */
function inverse(value: number): number {
  let power = 1;
  for (let step = 0; step < 254; step++) power = times(power, value);
  return power;
}
