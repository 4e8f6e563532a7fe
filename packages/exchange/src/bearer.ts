/**
 * Secrets that a caller carries: 256 random bits. Only their SHA-256 is stored, so that a copy of the database signs nobody in.
 * A plain hash is enough for 256 random bits; there is nothing to guess.
 */
import { base64UrlBytes, base64UrlText, type Bytes, type Random, type Sha256 } from "@safeconduct/foundation";

export const BEARER_BYTES = 32;

/** What the prefix tells a person, and a scanner for leaked secrets. */
export type BearerKind = "scb" | "scs" | "sct" | "scv";

/** `sct_…`: shown once; `hash` is what is kept. */
export function drawBearer(
  kind: BearerKind,
  { random, sha256 }: { random: Random; sha256: Sha256 },
): { bearer: string; hash: Bytes } {
  const secret = random.bytes(BEARER_BYTES);
  return { bearer: `${kind}_${base64UrlText(secret)}`, hash: sha256(secret) };
}

/** Hash of an attacker-controlled bearer, or null when it is not of this kind. */
export function bearerHash(kind: BearerKind, text: string, sha256: Sha256): Bytes | null {
  if (!text.startsWith(`${kind}_`)) return null;
  const secret = base64UrlBytes(text.slice(kind.length + 1));
  return secret?.length === BEARER_BYTES ? sha256(secret) : null;
}
