/**
 * The body of `POST /add-checkpoint` (C2SP tlog-witness): the size that the witness is thought to know, a consistency
 * proof from there, an empty line, the signed checkpoint.
 */
import { base64Bytes, base64Text, type Bytes } from "@safeconduct/foundation";
import { HASH_BYTES } from "./leaf.ts";
import { NOTE_LIMIT_CHARACTERS } from "./note.ts";

export interface WitnessRequest {
  readonly oldSize: number;
  /** Hashes of 32 bytes, from the old size to the checkpoint's. */
  readonly proof: readonly Bytes[];
  /** The signed note, not yet opened. */
  readonly checkpointText: string;
}

/** tlog-witness: "The client MUST NOT send more than 63 consistency proof lines." */
export const WITNESS_PROOF_LIMIT_HASHES = 63;
/** `old` and a size, the proof lines of 45 characters, an empty line, the note; counted in UTF-16 code units. */
export const WITNESS_REQUEST_LIMIT_CHARACTERS = 32 + 45 * WITNESS_PROOF_LIMIT_HASHES + NOTE_LIMIT_CHARACTERS;

const OLD_PATTERN = /^old (0|[1-9][0-9]{0,15})$/;
const SIZE_PATTERN = /^(0|[1-9][0-9]{0,15})\n$/;

export function formatWitnessRequest({ oldSize, proof, checkpointText }: WitnessRequest): string {
  return [`old ${oldSize}`, ...proof.map(base64Text), "", checkpointText].join("\n");
}

/** The request in attacker-controlled `body`, its checkpoint not yet opened, or null. */
export function parseWitnessRequest(body: string): WitnessRequest | null {
  if (body.length > WITNESS_REQUEST_LIMIT_CHARACTERS) return null;
  // No line before the first empty one is empty, so it ends the proof and the rest is the checkpoint.
  const blank = body.indexOf("\n\n");
  if (blank < 0) return null;
  const [oldLine = "", ...lines] = body.slice(0, blank).split("\n");
  const oldSize = Number(OLD_PATTERN.exec(oldLine)?.[1]);
  if (!Number.isSafeInteger(oldSize) || lines.length > WITNESS_PROOF_LIMIT_HASHES) return null;
  const proof: Bytes[] = [];
  for (const line of lines) {
    const hash = base64Bytes(line);
    if (hash?.length !== HASH_BYTES) return null;
    proof.push(hash);
  }
  return { oldSize, proof, checkpointText: body.slice(blank + 2) };
}

/** The body of a 409 with type `text/x.tlog.size`: the size that the witness cosigned last. */
export function formatKnownSize(size: number): string {
  return `${size}\n`;
}

/** The size in an attacker-controlled answer, or null. */
export function parseKnownSize(body: string): number | null {
  const size = Number(SIZE_PATTERN.exec(body)?.[1]);
  return Number.isSafeInteger(size) ? size : null;
}
