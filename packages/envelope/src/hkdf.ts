/** HKDF (RFC 5869) with SHA-384, for outputs of at most one block, which is all that is ever derived here. */
import { type Bytes, concatBytes, copyBytes, type Hmac } from "@safeconduct/foundation";

/** Output of HMAC-SHA-384, and the largest output of one expansion. */
export const HKDF_BLOCK_BYTES = 48;

const FIRST_BLOCK = Uint8Array.of(1);
/** RFC 5869 §2.2: an absent salt is a block of zeros. */
const NO_SALT: Bytes = new Uint8Array(HKDF_BLOCK_BYTES);

/** HKDF-Expand of `length` (1 to 48) bytes: one HMAC. `key` is already uniform. */
export async function expandSha384(hmac: Hmac, key: Uint8Array, info: Uint8Array, length: number): Promise<Bytes> {
  if (length < 1 || length > HKDF_BLOCK_BYTES) throw new RangeError("one HKDF block has 1 to 48 bytes");
  const block = await hmac.hmacSha384(key, concatBytes(info, FIRST_BLOCK));
  return copyBytes(block.subarray(0, length));
}

/** HKDF-Extract with `salt` (none: 48 zero bytes), then Expand. */
export async function hkdfSha384(
  hmac: Hmac,
  { secret, salt = NO_SALT, info, length }: { secret: Uint8Array; salt?: Uint8Array; info: Uint8Array; length: number },
): Promise<Bytes> {
  return expandSha384(hmac, await hmac.hmacSha384(salt, secret), info, length);
}
