/**
 * The fragment of a link: what never reaches a server. It holds the link secret S and the hash of the sender's
 * signing key, so that a link authenticates its sender as well as opening the slot.
 */
import {
  base64UrlBytes,
  base64UrlText,
  BinaryReader,
  BinaryWriter,
  type Bytes,
  type Sha256,
} from "@safeconduct/foundation";
import { HASH_BYTES, SECRET_BYTES } from "./suite.ts";

/** Version byte of the fragment; its own number, because a link outlives page and program. */
const FRAGMENT_VERSION = 1;
const FRAGMENT_BYTES = 1 + SECRET_BYTES + HASH_BYTES;
/** Base64url of 65 bytes without padding. */
export const FRAGMENT_CHARACTERS = 87;

export interface LinkFragment {
  /** S: 32 bytes. */
  readonly linkSecret: Bytes;
  /** 32 bytes: {@link signingKeyHash} of the sender's key. */
  readonly signingKeyHash: Bytes;
}

/** SHA-256 of a 32-byte Ed25519 public key. */
export function signingKeyHash(sha256: Sha256, signingPublicKey: Uint8Array): Bytes {
  return sha256(signingPublicKey);
}

/** 87 characters of base64url: version ‖ S ‖ hash of the signing key. Never log it, never send it. */
export function formatFragment({ linkSecret, signingKeyHash: keyHash }: LinkFragment): string {
  return base64UrlText(
    new BinaryWriter().u8(FRAGMENT_VERSION).fixed(linkSecret, SECRET_BYTES).fixed(keyHash, HASH_BYTES).bytes(),
  );
}

/** Reads attacker-controlled text, without the leading `#`. Null for anything that {@link formatFragment} does not write. */
export function parseFragment(text: string): LinkFragment | null {
  if (text.length !== FRAGMENT_CHARACTERS) return null;
  const bytes = base64UrlBytes(text);
  if (bytes?.length !== FRAGMENT_BYTES || bytes[0] !== FRAGMENT_VERSION) return null;
  const reader = new BinaryReader(bytes.subarray(1));
  return { linkSecret: reader.fixed(SECRET_BYTES), signingKeyHash: reader.fixed(HASH_BYTES) };
}
