/**
 * The passcode of a grant, told to the recipient apart from the link. A = Argon2id(passcode, salt) is mixed into the
 * link secret S, so that link, server and key service together do not open the package without it; and a verifier V of A and S
 * lets the server refuse wrong ones, without being able to guess: it never has S, and of V only a hash.
 */
import {
  type Bytes,
  concatBytes,
  type GrantId,
  type Hmac,
  type OrganisationId,
  type PasswordHash,
  type Random,
  type Sha256,
  type TransferId,
  utf8Bytes,
} from "@safeconduct/foundation";
import { hkdfSha384 } from "./hkdf.ts";
import { writeId } from "./id-field.ts";
import { PASSCODE_COSTS, PASSCODE_SALT_BYTES, type SecondFactor } from "./second-factor.ts";
import { domainWriter, requireSecret, SECRET_BYTES } from "./suite.ts";

/** In Unicode code points, once {@link canonicalPasscode} has done its work. */
export const PASSCODE_LENGTH = { least: 8, most: 128 } as const;
/** UTF-16 units read at all, so that normalising has a bound. */
const RAW_LENGTH_LIMIT = 4 * PASSCODE_LENGTH.most;
/** Fewer different characters are a repetition of something short. */
const LEAST_DIFFERENT = 5;

/** Crockford's base32, as it is written: no I, L, O and U. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const GROUP = 5;
/** 50 bits. Guessing is limited to ten tries by the server, and costs one Argon2id each for whoever has link and database. */
const DRAWN_CHARACTERS = 2 * GROUP;

/** A passcode to suggest: ten characters in two groups, `7K3QX-9MPA2`, 50 random bits but for draws that repeat too much. */
export function drawPasscode(random: Random): string {
  for (;;) {
    const drawn = [...random.bytes(DRAWN_CHARACTERS)].map((byte) => ALPHABET.charAt(byte % ALPHABET.length)).join("");
    const suggested = `${drawn.slice(0, GROUP)}-${drawn.slice(GROUP)}`;
    if (canonicalPasscode(suggested) !== null) return suggested;
  }
}

/**
 * The bytes that stand for what a person typed: NFKC, lower case, NFKC again; then white space, dashes and invisible format
 * characters go, NFKC a third time for what they kept apart, `o` is `0`, `i` and `l` are `1`; UTF-8. So a telephone, a capital key and a pasted line end do no harm.
 * Null for what is no passcode: fewer than 8 or more than 128 characters then, fewer than five different ones, or characters
 * that are not the same bytes everywhere (control, unassigned, lone surrogates).
 */
export function canonicalPasscode(typed: string): Bytes | null {
  if (typed.length > RAW_LENGTH_LIMIT || !typed.isWellFormed()) return null;
  const text = typed
    .normalize("NFKC")
    .toLowerCase()
    .normalize("NFKC")
    .replace(/[\p{White_Space}\p{Dash}\p{Cf}]/gu, "")
    // What stood apart may now combine.
    .normalize("NFKC")
    .replaceAll("o", "0")
    .replace(/[il]/g, "1");
  const characters = [...text];
  const fits =
    characters.length >= PASSCODE_LENGTH.least &&
    characters.length <= PASSCODE_LENGTH.most &&
    new Set(characters).size >= LEAST_DIFFERENT &&
    !/[\p{Cc}\p{Cn}]/u.test(text);
  return fits ? utf8Bytes(text) : null;
}

/** Demands a passcode, under a fresh salt. */
export function passcodeFactor(random: Random): PasscodeFactor {
  return { kind: "passcode", cost: 1, salt: random.bytes(PASSCODE_SALT_BYTES) };
}

export type PasscodeFactor = Extract<SecondFactor, { readonly kind: "passcode" }>;

/** A (32 bytes) = Argon2id of a canonical passcode, with salt and cost of the terms. Takes a good part of a second. */
export function hashPasscode(
  { passwordHash }: { readonly passwordHash: PasswordHash },
  { passcode, factor }: { passcode: Bytes; factor: PasscodeFactor },
): Promise<Bytes> {
  return passwordHash.argon2id({ password: passcode, salt: factor.salt, cost: PASSCODE_COSTS[factor.cost] });
}

export interface PasscodeSecrets {
  readonly organisation: OrganisationId;
  readonly transfer: TransferId;
  readonly grant: GrantId;
  /** S of the link, 32 bytes. */
  readonly linkSecret: Bytes;
  /** A of {@link hashPasscode}, 32 bytes. */
  readonly passcodeHash: Bytes;
}

interface HmacPort {
  readonly hmac: Hmac;
}

/** S' (32 bytes), which takes the place of S in the KEK: HKDF(S ‖ A, info = mix domain ‖ organisation ‖ transfer ‖ grant). */
export function mixPasscode({ hmac }: HmacPort, secrets: PasscodeSecrets): Promise<Bytes> {
  const { linkSecret, passcodeHash } = checked(secrets);
  const info = scopeInfo("passcode-mix", secrets);
  return hkdfSha384(hmac, { secret: concatBytes(linkSecret, passcodeHash), info, length: SECRET_BYTES });
}

/** V (32 bytes), which proves the passcode to the server: HKDF(A ‖ S, info = verifier domain ‖ organisation ‖ transfer ‖ grant). */
export function passcodeVerifier({ hmac }: HmacPort, secrets: PasscodeSecrets): Promise<Bytes> {
  const { linkSecret, passcodeHash } = checked(secrets);
  const info = scopeInfo("passcode-verifier", secrets);
  return hkdfSha384(hmac, { secret: concatBytes(passcodeHash, linkSecret), info, length: SECRET_BYTES });
}

/** What the server keeps of V: its SHA-256. V has 256 bits, so there is nothing to guess, and the hash opens nothing. */
export function passcodeVerifierHash(sha256: Sha256, verifier: Bytes): Bytes {
  return sha256(verifier);
}

function checked(secrets: PasscodeSecrets): PasscodeSecrets {
  requireSecret(secrets.linkSecret);
  requireSecret(secrets.passcodeHash);
  return secrets;
}

function scopeInfo(
  use: "passcode-mix" | "passcode-verifier",
  { organisation, transfer, grant }: PasscodeSecrets,
): Bytes {
  return writeId(writeId(writeId(domainWriter(use), organisation), transfer), grant).bytes();
}
