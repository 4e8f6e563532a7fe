/**
 * Signed notes (C2SP signed-note): text, a blank line, signature lines. Ed25519 and witness cosignatures
 * (tlog-cosignature v1) are verified; lines of other keys are kept and ignored, as the specification demands.
 */
import {
  BinaryReader,
  BinaryWriter,
  base64Bytes,
  base64Text,
  type Bytes,
  concatBytes,
  copyBytes,
  type Signatures,
  utf8Bytes,
} from "@safeconduct/foundation";
import { COSIGNATURE_KEY, isKeyName, type NoteSigner, type VerifierKey } from "./note-keys.ts";

/** Room for sixteen post-quantum signatures, which a verifier must take. */
export const NOTE_LIMIT_CHARACTERS = 131_072;
export const NOTE_LIMIT_SIGNATURES = 32;

const KEY_ID_BYTES = 4;
const TIMESTAMP_BYTES = 8;
const ED25519_BYTES = 64;
const SIGNATURE_LINE = /^— ([^ ]+) ([A-Za-z0-9+/]+=*)$/u;
export interface NoteSignature {
  readonly name: string;
  readonly keyId: number;
  /** What follows the key id: 64 bytes for Ed25519, 8 + 64 for a cosignature. */
  readonly signature: Bytes;
}

export interface Note {
  /** With its final newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export interface VerifiedSignature {
  readonly key: VerifierKey;
  /** Seconds since the Unix epoch, of a cosignature; else null. */
  readonly timestamp: number | null;
}

export function formatNote({ text, signatures }: Note): string {
  return `${text}\n${signatures.map(formatSignatureLine).join("")}`;
}

/** With its newline. */
export function formatSignatureLine({ name, keyId, signature }: NoteSignature): string {
  const bytes = new BinaryWriter().u32(keyId).fixed(signature, signature.length).bytes();
  return `— ${name} ${base64Text(bytes)}\n`;
}

/** The note in attacker-controlled `signedText`, not yet verified, or null. */
export function parseNote(signedText: string): Note | null {
  if (signedText.length > NOTE_LIMIT_CHARACTERS || !signedText.isWellFormed() || holdsControls(signedText)) return null;
  const blank = signedText.lastIndexOf("\n\n");
  if (blank < 0 || !signedText.endsWith("\n")) return null;
  const lines = signedText.slice(blank + 2, -1).split("\n");
  if (lines.length > NOTE_LIMIT_SIGNATURES) return null;
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const signature = parseSignatureLine(line);
    if (signature === null) return null;
    signatures.push(signature);
  }
  return { text: signedText.slice(0, blank + 1), signatures };
}

/**
 * The signatures of `keys` on the note, one for each key at most. Null if there is none or if one of them is false:
 * a known key with a false signature is no accident, so the whole note falls (signed-note, "Signatures").
 */
export async function verifyNote(
  signatures: Signatures,
  note: Note,
  keys: readonly VerifierKey[],
): Promise<VerifiedSignature[] | null> {
  const verified: VerifiedSignature[] = [];
  for (const line of note.signatures) {
    const key = keys.find(({ name, keyId }) => name === line.name && keyId === line.keyId);
    if (key === undefined) continue;
    const signature = await verifyLine(signatures, note.text, key, line.signature);
    if (signature === null) return null;
    if (!verified.some((earlier) => earlier.key === key)) verified.push(signature);
  }
  return verified.length > 0 ? verified : null;
}

/** Ed25519 over the text, for a log. */
export async function signNote(signatures: Signatures, text: string, { key, privateKey }: NoteSigner): Promise<Note> {
  const signature = await signatures.sign(privateKey, utf8Bytes(text));
  return { text, signatures: [{ name: key.name, keyId: key.keyId, signature }] };
}

/** A witness's statement at `timestamp` (seconds since the Unix epoch) over a checkpoint's text. */
export async function cosignNote(
  signatures: Signatures,
  { text, timestamp, signer }: { text: string; timestamp: number; signer: NoteSigner },
): Promise<NoteSignature> {
  const { key, privateKey } = signer;
  const signature = await signatures.sign(privateKey, cosignedMessage(text, timestamp));
  return {
    name: key.name,
    keyId: key.keyId,
    signature: concatBytes(new BinaryWriter().u64(timestamp).bytes(), signature),
  };
}

async function verifyLine(
  signatures: Signatures,
  text: string,
  key: VerifierKey,
  signature: Bytes,
): Promise<VerifiedSignature | null> {
  if (key.type !== COSIGNATURE_KEY) {
    return (await signatures.verify(key.publicKey, utf8Bytes(text), signature)) ? { key, timestamp: null } : null;
  }
  if (signature.length !== TIMESTAMP_BYTES + ED25519_BYTES) return null;
  const timestamp = timestampOf(signature);
  if (timestamp === null) return null;
  const valid = await signatures.verify(
    key.publicKey,
    cosignedMessage(text, timestamp),
    signature.subarray(TIMESTAMP_BYTES),
  );
  return valid ? { key, timestamp } : null;
}

function cosignedMessage(text: string, timestamp: number): Bytes {
  return utf8Bytes(`cosignature/v1\ntime ${timestamp}\n${text}`);
}

/** Beyond 2^53 − 1 seconds nothing is a time. */
function timestampOf(signature: Bytes): number | null {
  try {
    return new BinaryReader(signature).u64();
  } catch {
    return null;
  }
}

/** The newline is the only character below U+0020 that a note may hold. */
function holdsControls(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 && unit !== 0x0a) return true;
  }
  return false;
}

function parseSignatureLine(line: string): NoteSignature | null {
  const [, name = "", encoded = ""] = SIGNATURE_LINE.exec(line) ?? [];
  const bytes = base64Bytes(encoded);
  if (!isKeyName(name) || bytes === null || bytes.length <= KEY_ID_BYTES) return null;
  return { name, keyId: new BinaryReader(bytes).u32(), signature: copyBytes(bytes.subarray(KEY_ID_BYTES)) };
}
