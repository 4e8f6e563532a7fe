/**
 * Identifiers: a prefix that names the kind and 128 random bits in lower-case RFC 4648 base32.
 * Safe in URLs, file names and command lines. A branded type is made only by parsing or by drawing.
 */
import type { Bytes } from "./bytes.ts";
import type { Random } from "./ports.ts";

declare const kind: unique symbol;
type Id<Kind extends string> = string & { readonly [kind]: Kind };

const PREFIXES = {
  organisation: "org",
  member: "mem",
  device: "dev",
  transfer: "trf",
  grant: "grt",
  file: "fil",
  session: "ses",
  token: "tok",
  authorisation: "aut",
  event: "evt",
  job: "job",
  hold: "hld",
  factor: "fac",
  recovery: "rcv",
  invitation: "inv",
} as const;

type IdKind = keyof typeof PREFIXES;

export type OrganisationId = Id<"organisation">;
export type MemberId = Id<"member">;
export type DeviceId = Id<"device">;
export type TransferId = Id<"transfer">;
export type GrantId = Id<"grant">;
export type FileId = Id<"file">;
export type SessionId = Id<"session">;
export type TokenId = Id<"token">;
export type AuthorisationId = Id<"authorisation">;
export type EventId = Id<"event">;
export type JobId = Id<"job">;
export type HoldId = Id<"hold">;
export type FactorId = Id<"factor">;
export type RecoveryId = Id<"recovery">;
export type InvitationId = Id<"invitation">;

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
/** 128 bits in base32: 26 characters, the last of which carries 3 bits. */
const ID_PATTERN = /^([a-z]{3})_([a-z2-7]{25}[aeimquy4])$/;
export const ID_RANDOM_BYTES = 16;

/** A fresh id of `idKind`. */
export function drawId<Kind extends IdKind>(idKind: Kind, random: Random): Id<Kind> {
  return `${PREFIXES[idKind]}_${base32(random.bytes(ID_RANDOM_BYTES))}` as Id<Kind>;
}

/** The id if `text` is one of `idKind` in its only spelling, else null. */
export function parseId<Kind extends IdKind>(idKind: Kind, text: string): Id<Kind> | null {
  const match = ID_PATTERN.exec(text);
  return match?.[1] === PREFIXES[idKind] ? (text as Id<Kind>) : null;
}

/** The 16 random bytes of an id, for transcripts and AAD. */
export function idBytes(id: Id<IdKind>): Bytes {
  const bytes = new Uint8Array(ID_RANDOM_BYTES);
  let buffered = 0;
  let bits = 0;
  let at = 0;
  for (const character of id.slice(4)) {
    buffered = ((buffered << 5) | ALPHABET.indexOf(character)) & 0xffff;
    bits += 5;
    if (bits >= 8 && at < ID_RANDOM_BYTES) {
      bits -= 8;
      bytes[at++] = (buffered >> bits) & 0xff;
    }
  }
  return bytes;
}

/** Lower-case base32 without padding (RFC 4648 §6 alphabet). */
function base32(bytes: Uint8Array): string {
  let text = "";
  let buffered = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffered = ((buffered << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(buffered >> bits) & 31];
    }
  }
  return bits > 0 ? text + ALPHABET[(buffered << (5 - bits)) & 31] : text;
}
