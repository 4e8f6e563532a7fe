/** Checkpoints (C2SP tlog-checkpoint): origin, tree size and root hash in a signed note. */
import { base64Bytes, base64Text, type Bytes, type Signatures } from "@safeconduct/foundation";
import { HASH_BYTES } from "./leaf.ts";
import { formatNote, parseNote, signNote, type VerifiedSignature, verifyNote } from "./note.ts";
import { isKeyName, type NoteSigner, type VerifierKey } from "./note-keys.ts";

export interface Checkpoint {
  /** Name of the log. Here always the name of the key that signs it. */
  readonly origin: string;
  readonly size: number;
  readonly root: Bytes;
}

export interface OpenedCheckpoint {
  readonly checkpoint: Checkpoint;
  /** Cosignatures of the witnesses that were asked for and signed. */
  readonly witnesses: readonly VerifiedSignature[];
}

const SIZE_PATTERN = /^(0|[1-9][0-9]{0,15})$/;

/** The note text: three lines, no extension lines. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${base64Text(root)}\n`;
}

/**
 * The checkpoint in an attacker-controlled note text, or null. Extension lines are refused: our logs write none,
 * and tlog-checkpoint advises against them because no monitor can audit them.
 */
export function parseCheckpoint(text: string): Checkpoint | null {
  const lines = text.split("\n");
  const [origin = "", sizeText = "", rootText = "", last] = lines;
  if (lines.length !== 4 || last !== "") return null;
  const size = Number(sizeText);
  const root = base64Bytes(rootText);
  if (!isKeyName(origin) || !SIZE_PATTERN.test(sizeText) || !Number.isSafeInteger(size)) return null;
  return root?.length === HASH_BYTES ? { origin, size, root } : null;
}

/** The signed note of a checkpoint. Throws RangeError if the origin is not the signer's name. */
export async function signCheckpoint(
  signatures: Signatures,
  checkpoint: Checkpoint,
  signer: NoteSigner,
): Promise<string> {
  if (checkpoint.origin !== signer.key.name) throw new RangeError("a log signs under its own name");
  return formatNote(await signNote(signatures, formatCheckpoint(checkpoint), signer));
}

/**
 * The checkpoint in attacker-controlled `signedText` if `logKey` signed it under its own name, else null.
 * A false signature by one of the `witnesses` refuses the whole; a missing one is for the caller to judge.
 */
export async function openCheckpoint(
  signatures: Signatures,
  signedText: string,
  { logKey, witnesses = [] }: { logKey: VerifierKey; witnesses?: readonly VerifierKey[] },
): Promise<OpenedCheckpoint | null> {
  const note = parseNote(signedText);
  const checkpoint = note && parseCheckpoint(note.text);
  if (checkpoint === null || note === null || checkpoint.origin !== logKey.name) return null;
  const verified = await verifyNote(signatures, note, [logKey, ...witnesses]);
  if (verified === null || !verified.some(({ key }) => key === logKey)) return null;
  return { checkpoint, witnesses: verified.filter(({ key }) => key !== logKey) };
}
