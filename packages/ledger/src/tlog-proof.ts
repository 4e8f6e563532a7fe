/**
 * The C2SP tlog-proof file: one entry's index, its inclusion proof and the checkpoint, in plain text.
 * Recommended extension: `.tlog-proof`.
 */
import { base64Bytes, base64Text, type Bytes, leafHash } from "@safeconduct/foundation";
import { type OpenedCheckpoint, openCheckpoint } from "./checkpoint.ts";
import { HASH_BYTES } from "./leaf.ts";
import { NOTE_LIMIT_CHARACTERS } from "./note.ts";
import type { VerifierKey } from "./note-keys.ts";
import type { LedgerPorts } from "./ports.ts";
import { PROOF_LIMIT_HASHES, verifyInclusion } from "./proof.ts";

export interface TlogProof {
  readonly index: number;
  readonly proof: readonly Bytes[];
  /** The signed note, verbatim. */
  readonly checkpoint: string;
  /** Not authenticated by anything. */
  readonly extra?: Bytes;
}

export const TLOG_PROOF_LIMIT_EXTRA_BYTES = 16_384;

const HEADER = "c2sp.org/tlog-proof@v1";
const INDEX_PATTERN = /^index (0|[1-9][0-9]{0,15})$/;
// Header, index and hashes with their newlines; extra data; the checkpoint.
const LIMIT_CHARACTERS = NOTE_LIMIT_CHARACTERS + 2 * TLOG_PROOF_LIMIT_EXTRA_BYTES + 64 * (PROOF_LIMIT_HASHES + 2);

export function formatTlogProof({ index, proof, checkpoint, extra }: TlogProof): string {
  const extraLine = extra === undefined ? [] : [`extra ${base64Text(extra)}`];
  return [HEADER, ...extraLine, `index ${index}`, ...proof.map(base64Text), "", checkpoint].join("\n");
}

/** The proof in attacker-controlled `text`, not yet verified, or null. */
export function parseTlogProof(text: string): TlogProof | null {
  if (text.length > LIMIT_CHARACTERS) return null;
  // No line before the first blank one is empty, so it ends the proof and the rest is the checkpoint.
  const blank = text.indexOf("\n\n");
  if (blank < 0) return null;
  const [header, ...lines] = text.slice(0, blank).split("\n");
  if (header !== HEADER) return null;

  const extraLine = lines[0]?.startsWith("extra ") ? lines.shift() : undefined;
  const extra = extraLine === undefined ? undefined : base64Bytes(extraLine.slice("extra ".length));
  if (extra === null || extra?.length === 0 || (extra?.length ?? 0) > TLOG_PROOF_LIMIT_EXTRA_BYTES) return null;

  const index = Number(INDEX_PATTERN.exec(lines.shift() ?? "")?.[1]);
  if (!Number.isSafeInteger(index) || lines.length > PROOF_LIMIT_HASHES) return null;

  const proof: Bytes[] = [];
  for (const line of lines) {
    const hash = base64Bytes(line);
    if (hash?.length !== HASH_BYTES) return null;
    proof.push(hash);
  }
  const parsed = { index, proof, checkpoint: text.slice(blank + 2) };
  return extra === undefined ? parsed : { ...parsed, extra };
}

/** The checkpoint if it is signed by `logKey` and includes `entry` at the proof's index, else null. */
export async function verifyTlogProof(
  { sha256, signatures }: LedgerPorts,
  { index, proof, checkpoint }: TlogProof,
  { entry, logKey, witnesses = [] }: { entry: Bytes; logKey: VerifierKey; witnesses?: readonly VerifierKey[] },
): Promise<OpenedCheckpoint | null> {
  const opened = await openCheckpoint(signatures, checkpoint, { logKey, witnesses });
  if (opened === null) return null;
  const { size, root } = opened.checkpoint;
  return verifyInclusion(sha256, { leafHash: leafHash(sha256, entry), index, size, root, proof }) ? opened : null;
}
