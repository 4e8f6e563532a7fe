/**
 * From the secrets of a transfer to the keys that encrypt: HKDF-SHA-384 (RFC 5869) everywhere, one domain for each
 * use, fixed lengths so that joined secrets have one reading.
 */
import {
  type Bytes,
  concatBytes,
  type FileId,
  type Hmac,
  ID_RANDOM_BYTES,
  idBytes,
  type Random,
} from "@safeconduct/foundation";
import { hkdfSha384, HKDF_BLOCK_BYTES } from "./hkdf.ts";
import { writeId } from "./id-field.ts";
import type { GrantScope } from "./share.ts";
import { domainWriter, HASH_BYTES, requireSecret, SECRET_BYTES } from "./suite.ts";

/** `recipientKeyId` of a grant that goes by link: no key of the recipient is mixed in. */
export const NO_RECIPIENT_KEY: Bytes = new Uint8Array(HASH_BYTES);

/** What a key or an object belongs to: one file of the package, its padding, or its manifest. */
export type ObjectMark =
  | { readonly kind: "file"; readonly fileId: FileId }
  | { readonly kind: "padding" }
  | { readonly kind: "manifest" };

const MARK_CODES = { file: 1, padding: 2, manifest: 3 } as const;
/** The one key of P that encrypts nothing: it commits to the manifest. */
const COMMITMENT_CODE = 4;
const NO_ID: Bytes = new Uint8Array(ID_RANDOM_BYTES);

interface HmacPort {
  readonly hmac: Hmac;
}

/** A fresh P, or a fresh link secret S: 32 bytes. */
export function drawSecret(random: Random): Bytes {
  return random.bytes(SECRET_BYTES);
}

/** 17 bytes that name an object within its transfer: code ‖ file id, zeros where there is none. */
export function encodeMark(mark: ObjectMark): Bytes {
  return concatBytes(Uint8Array.of(MARK_CODES[mark.kind]), mark.kind === "file" ? idBytes(mark.fileId) : NO_ID);
}

/** The FLOE key (32 bytes) of one object: HKDF(P, info = key domain ‖ mark). */
export function objectKey({ hmac }: HmacPort, packageKey: Bytes, mark: ObjectMark): Promise<Bytes> {
  requireSecret(packageKey);
  const info = keyInfo(encodeMark(mark));
  return hkdfSha384(hmac, { secret: packageKey, info, length: SECRET_BYTES });
}

/**
 * 48 bytes that commit to the manifest's plaintext: HMAC-SHA-384 under a key of its own. Signed in the seal, it makes
 * the sender's signature cover each file's SHA-256, so that not even another recipient, who knows P, can change a
 * file; being keyed, it tells the server nothing.
 */
export async function commitManifest({ hmac }: HmacPort, packageKey: Bytes, plaintext: Bytes): Promise<Bytes> {
  requireSecret(packageKey);
  const info = keyInfo(concatBytes(Uint8Array.of(COMMITMENT_CODE), NO_ID));
  return hmac.hmacSha384(await hkdfSha384(hmac, { secret: packageKey, info, length: HKDF_BLOCK_BYTES }), plaintext);
}

/** What the KEK and the slot of one grant are bound to. */
export interface TranscriptScope extends GrantScope {
  /** SHA-256 of the recipient's public key, or {@link NO_RECIPIENT_KEY}. */
  readonly recipientKeyId: Bytes;
}

/** Domain ‖ version ‖ suite ‖ organisation ‖ transfer ‖ grant ‖ terms hash ‖ recipient key id. */
export function grantTranscript({ organisation, transfer, grant, termsHash, recipientKeyId }: TranscriptScope): Bytes {
  const writer = domainWriter("grant-transcript");
  writeId(writeId(writeId(writer, organisation), transfer), grant);
  return writer.fixed(termsHash, HASH_BYTES).fixed(recipientKeyId, HASH_BYTES).bytes();
}

/** KEK (32 bytes) = HKDF(S ‖ F ‖ G, info = transcript). Without any one of the three there is no KEK. */
export function kek(
  { hmac }: HmacPort,
  secrets: { linkSecret: Bytes; transferShare: Bytes; grantShare: Bytes; transcript: Bytes },
): Promise<Bytes> {
  const { linkSecret, transferShare, grantShare, transcript } = secrets;
  for (const secret of [linkSecret, transferShare, grantShare]) requireSecret(secret);
  const secret = concatBytes(linkSecret, transferShare, grantShare);
  return hkdfSha384(hmac, { secret, info: transcript, length: SECRET_BYTES });
}

function keyInfo(use: Bytes): Bytes {
  return domainWriter("key").fixed(use, use.length).bytes();
}
