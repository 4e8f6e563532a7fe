/**
 * The private keys of a holder that is no computer: sealed under a printed recovery key, or under the 32 bytes that a passkey's PRF
 * extension gives (WebAuthn Level 3 §10.1.4). The server keeps the sealed form. Never under a password: those can be guessed.
 *
 * The AAD binds the statement before the one that adds the holder. Whoever opens this with the right secret therefore knows that the
 * chain up to there is the member's own, without having seen any of it before.
 */
import {
  type Aead,
  BinaryReader,
  BinaryWriter,
  type Bytes,
  copyBytes,
  type DeviceId,
  type Hmac,
  MalformedBinary,
  type Random,
} from "@safeconduct/foundation";
import { hkdfSha384 } from "./hkdf.ts";
import { writeId } from "./id-field.ts";
import { HOLDER_KINDS, type HolderKind, type MemberScopeOfKeys } from "./member-statement.ts";
import { domainWriter, FORMAT_VERSION, HASH_BYTES, IV_BYTES, SECRET_BYTES, SUITE, TAG_BYTES } from "./suite.ts";

/** The least that a secret must have: 160 bits. */
const SECRET_MINIMUM_BYTES = 20;
const SIGNING_KEY_BYTES = 32;
const HPKE_PRIVATE_KEY_LIMIT_BYTES = 256;
const PREFIX_BYTES = 2 + IV_BYTES;

export interface HolderPrivateKeys {
  /** Ed25519 seed, 32 bytes. */
  readonly signing: Bytes;
  readonly hpke: Bytes;
}

/** What the sealed keys are bound to. */
export interface HolderScope extends MemberScopeOfKeys {
  readonly holder: DeviceId;
  readonly kind: Exclude<HolderKind, "device">;
  readonly signingPublicKey: Bytes;
  readonly hpkePublicKey: Bytes;
  /** 32 bytes: `previous` of the statement that adds the holder. */
  readonly previous: Bytes;
}

interface Ports {
  readonly aead: Aead;
  readonly hmac: Hmac;
}

/** version ‖ suite ‖ IV ‖ AES-256-GCM(seed ‖ vector of the HPKE key) ‖ tag. `secret`: 160 bits or more, from chance alone. */
export async function sealHolderKeys(
  { aead, hmac, random }: Ports & { random: Random },
  { secret, scope, keys }: { secret: Bytes; scope: HolderScope; keys: HolderPrivateKeys },
): Promise<Bytes> {
  const iv = random.bytes(IV_BYTES);
  const key = await aead.importKey(await wrappingKey(hmac, secret, scope));
  const plaintext = new BinaryWriter().fixed(keys.signing, SIGNING_KEY_BYTES).vector(keys.hpke).bytes();
  const sealed = await key.seal({ iv, plaintext, aad: transcript(scope) });
  return new BinaryWriter().u8(FORMAT_VERSION).u8(SUITE).fixed(iv, IV_BYTES).fixed(sealed, sealed.length).bytes();
}

/** The keys, or null: another secret, another holder, another chain, or changed bytes. */
export async function openHolderKeys(
  { aead, hmac }: Ports,
  { secret, scope, sealed }: { secret: Bytes; scope: HolderScope; sealed: Bytes },
): Promise<HolderPrivateKeys | null> {
  if (sealed.length < PREFIX_BYTES + TAG_BYTES || sealed[0] !== FORMAT_VERSION || sealed[1] !== SUITE) return null;
  const key = await aead.importKey(await wrappingKey(hmac, secret, scope));
  const plaintext = await key.open({
    iv: copyBytes(sealed.subarray(2, PREFIX_BYTES)),
    ciphertext: copyBytes(sealed.subarray(PREFIX_BYTES)),
    aad: transcript(scope),
  });
  return plaintext && readKeys(plaintext);
}

function readKeys(plaintext: Bytes): HolderPrivateKeys | null {
  try {
    const reader = new BinaryReader(plaintext);
    const keys = { signing: reader.fixed(SIGNING_KEY_BYTES), hpke: reader.vector(HPKE_PRIVATE_KEY_LIMIT_BYTES) };
    reader.end();
    return keys;
  } catch (error) {
    if (error instanceof MalformedBinary) return null;
    throw error;
  }
}

function wrappingKey(hmac: Hmac, secret: Bytes, scope: HolderScope): Promise<Bytes> {
  if (secret.length < SECRET_MINIMUM_BYTES) throw new RangeError("a secret of a holder has 160 bits or more");
  return hkdfSha384(hmac, { secret, info: transcript(scope), length: SECRET_BYTES });
}

function transcript(scope: HolderScope): Bytes {
  const { organisation, member, holder, kind, signingPublicKey, hpkePublicKey, previous } = scope;
  const writer = domainWriter("holder-keys");
  return writeId(writeId(writeId(writer, organisation), member), holder)
    .u8(HOLDER_KINDS.indexOf(kind) + 1)
    .fixed(signingPublicKey, SIGNING_KEY_BYTES)
    .vector(hpkePublicKey)
    .fixed(previous, HASH_BYTES)
    .bytes();
}
