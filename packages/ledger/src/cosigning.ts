/**
 * The log's side of C2SP tlog-witness: asks a witness for its cosignature, and takes only one that verifies.
 * What a witness answers may come from an attacker; the worst that it can do is to give none.
 */
import type { Signatures } from "@safeconduct/foundation";
import type { Checkpoint } from "./checkpoint.ts";
import { formatNote, NOTE_LIMIT_CHARACTERS, type NoteSignature, parseNote, verifyNote } from "./note.ts";
import type { VerifierKey } from "./note-keys.ts";
import { consistencyProof } from "./proof.ts";
import type { TreeReader } from "./tree-reader.ts";
import { formatWitnessRequest, parseKnownSize } from "./witness-request.ts";

/** Characters of an answer, at most: one line of each key of the witness. */
export const COSIGNATURE_LIMIT_CHARACTERS = 16_384;
/** Others may submit the same log; whoever is overtaken this often comes again later. */
const ATTEMPTS = 3;

/** Sends one request body. Null when no whole answer came. */
export type AskWitness = (body: string) => Promise<{ readonly status: number; readonly body: string } | null>;

export type CosignatureFailure =
  | "unreachable"
  /** It knows a larger tree than ours: the log was restored from an older copy, or another one runs under our name. */
  | "ahead"
  /** It has seen another history. */
  | "disagrees"
  /** It does not know our log or key. */
  | "unknown-log"
  | "refused"
  /** No line in the answer verifies. */
  | "not-genuine";

export type Cosignature =
  | { readonly ok: true; readonly signature: NoteSignature; readonly timestamp: number | null }
  | { readonly ok: false; readonly failure: CosignatureFailure };

/** `knownSize` is what the witness cosigned last, as far as we know; 0 will do. Throws `ledger/tile-missing`. */
export async function requestCosignature(
  signatures: Signatures,
  {
    tree,
    checkpoint,
    checkpointText,
    witness,
    knownSize,
    ask,
  }: {
    /** Of the checkpoint's size. */
    tree: TreeReader;
    checkpoint: Checkpoint;
    /** Signed by the log. */
    checkpointText: string;
    witness: VerifierKey;
    knownSize: number;
    ask: AskWitness;
  },
): Promise<Cosignature> {
  let oldSize = Math.min(knownSize, checkpoint.size);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const proof = await consistencyProof(tree, oldSize);
    const answer = await ask(formatWitnessRequest({ oldSize, proof, checkpointText }));
    if (answer === null) return failed("unreachable");
    if (answer.status === 200) return cosignatureIn(signatures, { checkpointText, answer: answer.body, witness });
    if (answer.status === 403 || answer.status === 404) return failed("unknown-log");
    if (answer.status === 422) return failed("disagrees");
    if (answer.status !== 409) return failed(answer.status >= 500 ? "unreachable" : "refused");
    const size = parseKnownSize(answer.body);
    if (size === null) return failed("refused");
    if (size > checkpoint.size) return failed("ahead");
    // The same size again: it is the root that it does not accept.
    if (size === oldSize) return failed("disagrees");
    oldSize = size;
  }
  return failed("refused");
}

/** The signed note with more signature lines behind those that it has. A key that has signed already stays as it is. */
export function withCosignatures(checkpointText: string, cosignatures: readonly NoteSignature[]): string {
  const note = parseNote(checkpointText);
  if (note === null) throw new RangeError("not a signed note");
  const fresh = cosignatures.filter(
    ({ name, keyId }) => !note.signatures.some((line) => line.name === name && line.keyId === keyId),
  );
  return formatNote({ text: note.text, signatures: [...note.signatures, ...fresh] });
}

async function cosignatureIn(
  signatures: Signatures,
  { checkpointText, answer, witness }: { checkpointText: string; answer: string; witness: VerifierKey },
): Promise<Cosignature> {
  const text = parseNote(checkpointText)?.text ?? "";
  const isShort = answer.length <= Math.min(COSIGNATURE_LIMIT_CHARACTERS, NOTE_LIMIT_CHARACTERS - text.length - 1);
  const answered = isShort ? parseNote(`${text}\n${answer}`) : null;
  // An answer that smuggles an empty line in would make another text.
  if (answered?.text !== text) return failed("not-genuine");
  const lines = answered.signatures.filter(({ name, keyId }) => name === witness.name && keyId === witness.keyId);
  const verified = await verifyNote(signatures, { text, signatures: lines }, [witness]);
  const [signature] = lines;
  if (verified === null || signature === undefined) return failed("not-genuine");
  return { ok: true, signature, timestamp: verified[0]?.timestamp ?? null };
}

const failed = (failure: CosignatureFailure): Cosignature => ({ ok: false, failure });
