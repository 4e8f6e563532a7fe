/**
 * Keys of signed notes (C2SP signed-note): the text forms that Go's `note` package reads too.
 * `<name>+<8 hex digits>+<base64(type ‖ key)>` for verifiers, with `PRIVATE+KEY+` in front for signers.
 */
import {
  base64Bytes,
  base64Text,
  type Bytes,
  concatBytes,
  copyBytes,
  hexText,
  type Sha256,
  utf8Bytes,
} from "@safeconduct/foundation";

/** Ed25519 over the note text (signed-note). */
export const ED25519_KEY = 0x01;
/** Timestamped Ed25519 of a witness (tlog-cosignature v1). */
export const COSIGNATURE_KEY = 0x04;

export type NoteKeyType = typeof ED25519_KEY | typeof COSIGNATURE_KEY;

export interface VerifierKey {
  /** Not empty, no spaces, no `+`. For a log it equals the origin. */
  readonly name: string;
  readonly type: NoteKeyType;
  /** First four bytes of a hash over all of the above, as an unsigned integer. */
  readonly keyId: number;
  /** 32 bytes, RFC 8032. */
  readonly publicKey: Bytes;
}

/** An Ed25519 key that signs notes. `privateKey` is the 32-byte seed. */
export interface NoteSigner {
  readonly key: VerifierKey;
  readonly privateKey: Bytes;
}

export const KEY_NAME_LIMIT_CHARACTERS = 255;

const KEY_BYTES = 32;
const PRIVATE_PREFIX = "PRIVATE+KEY+";
const KEY_PATTERN = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/;

/** Throws RangeError for a name or key that a note cannot carry. */
export function makeVerifierKey(
  sha256: Sha256,
  { name, type, publicKey }: { name: string; type: NoteKeyType; publicKey: Bytes },
): VerifierKey {
  if (!isKeyName(name)) throw new RangeError("not a key name");
  if (publicKey.length !== KEY_BYTES) throw new RangeError(`a public key has ${KEY_BYTES} bytes`);
  return { name, type, keyId: keyIdOf(sha256, { name, type, publicKey }), publicKey };
}

export function formatVerifierKey(key: VerifierKey): string {
  return `${key.name}+${keyIdText(key.keyId)}+${base64Text(concatBytes(Uint8Array.of(key.type), key.publicKey))}`;
}

/** The key in `text` (a "vkey") if it is whole, of a known type and carries its own id; else null. */
export function parseVerifierKey(sha256: Sha256, text: string): VerifierKey | null {
  const parts = parseKeyText(text);
  if (parts === null) return null;
  const { name, keyId, type, material } = parts;
  const key = makeVerifierKey(sha256, { name, type, publicKey: material });
  return key.keyId === keyId ? key : null;
}

/** Secret text: goes into a key file, nowhere else. */
export function formatSignerKey({ key, privateKey }: NoteSigner): string {
  const material = base64Text(concatBytes(Uint8Array.of(key.type), privateKey));
  return `${PRIVATE_PREFIX}${key.name}+${keyIdText(key.keyId)}+${material}`;
}

/**
 * The parts of a signer key file, or null. The id is that of the public key, which the seed alone does not give here:
 * the caller compares it with the verifier key that belongs to it.
 */
export function parseSignerKey(
  text: string,
): { name: string; type: NoteKeyType; keyId: number; privateKey: Bytes } | null {
  if (!text.startsWith(PRIVATE_PREFIX)) return null;
  const parts = parseKeyText(text.slice(PRIVATE_PREFIX.length));
  return parts && { name: parts.name, type: parts.type, keyId: parts.keyId, privateKey: parts.material };
}

/** Secret text of a key file: the signer key and its verifier key, because the seed alone does not give the public half. */
export function formatSignerFile(signer: NoteSigner): string {
  return `${formatSignerKey(signer)}\n${formatVerifierKey(signer.key)}\n`;
}

/** The signer of a key file whose two lines belong together, or null. */
export function parseSignerFile(sha256: Sha256, text: string): NoteSigner | null {
  const [signerLine = "", verifierLine = ""] = text.split("\n");
  const signer = parseSignerKey(signerLine);
  const key = parseVerifierKey(sha256, verifierLine);
  if (signer === null || key === null || signer.name !== key.name || signer.keyId !== key.keyId) return null;
  return signer.type === key.type ? { key, privateKey: signer.privateKey } : null;
}

/** signed-note: not empty, no Unicode spaces, no plus; control characters are out in the whole note. */
export function isKeyName(name: string): boolean {
  return (
    name.length > 0 &&
    name.length <= KEY_NAME_LIMIT_CHARACTERS &&
    name.isWellFormed() &&
    !/[\p{White_Space}\p{Cc}+]/u.test(name)
  );
}

function parseKeyText(text: string): { name: string; keyId: number; type: NoteKeyType; material: Bytes } | null {
  const [, name = "", idText = "", encoded = ""] = KEY_PATTERN.exec(text) ?? [];
  if (!isKeyName(name)) return null;
  const bytes = base64Bytes(encoded);
  const type = bytes?.[0];
  if (bytes?.length !== 1 + KEY_BYTES || (type !== ED25519_KEY && type !== COSIGNATURE_KEY)) return null;
  return { name, keyId: Number.parseInt(idText, 16), type, material: copyBytes(bytes.subarray(1)) };
}

function keyIdOf(
  sha256: Sha256,
  { name, type, publicKey }: { name: string; type: NoteKeyType; publicKey: Bytes },
): number {
  const hash = sha256(utf8Bytes(`${name}\n`), Uint8Array.of(type), publicKey);
  return Number.parseInt(hexText(hash.subarray(0, 4)), 16);
}

function keyIdText(keyId: number): string {
  return keyId.toString(16).padStart(8, "0");
}
