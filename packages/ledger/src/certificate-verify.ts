/**
 * Checks a certificate of custody offline, from the log's public key alone. Everything in the certificate is
 * attacker-controlled; the answer is a value that names the first entry that does not hold.
 */
import { type Bytes, equalBytes, leafHash, MalformedBinary, type Sha256 } from "@safeconduct/foundation";
import { canonicalJsonBytes, type JsonObject } from "./canonical-json.ts";
import type { Certificate, CertificateEntry } from "./certificate.ts";
import { type Checkpoint, openCheckpoint } from "./checkpoint.ts";
import { minuteOf } from "./entry.ts";
import { commitEvent, commitSubject, decodeLeaf, type Leaf, NO_HASH } from "./leaf.ts";
import type { VerifiedSignature } from "./note.ts";
import type { VerifierKey } from "./note-keys.ts";
import type { LedgerPorts } from "./ports.ts";
import { verifyInclusion } from "./proof.ts";
import { meetsQuorum, type WitnessPolicy } from "./witness-policy.ts";

export type CertificateFailure =
  /** Not signed by the log's key under its name. */
  | "checkpoint-refused"
  /** The cosignatures do not meet the quorum of the policy. */
  | "witnesses-missing"
  /** Indices do not rise: an entry is repeated or out of order. */
  | "entry-order"
  | "leaf-malformed"
  /** The readable event is not what the leaf commits to. */
  | "event-mismatch"
  /** The leaf belongs to another transfer, or the leaves do not belong together. */
  | "subject-mismatch"
  /** The signed tree does not hold this leaf at this index. */
  | "not-included";

export interface VerifiedEntry {
  readonly index: number;
  readonly leaf: Leaf;
  /** Null where the event was erased: the leaf alone is proven. */
  readonly event: JsonObject | null;
}

export type CertificateVerdict =
  | {
      readonly ok: true;
      readonly checkpoint: Checkpoint;
      /** Cosignatures by witnesses of the policy. */
      readonly witnesses: readonly VerifiedSignature[];
      readonly entries: readonly VerifiedEntry[];
      /** False where the subject's salt was erased: the leaves belong to one transfer, which one is not proven. */
      readonly transferProven: boolean;
    }
  | {
      readonly ok: false;
      readonly failure: CertificateFailure;
      /** Position in `entries`, counted from 0; null where the whole is meant. */
      readonly entry: number | null;
    };

export async function verifyCertificate(
  { sha256, signatures }: LedgerPorts,
  certificate: Certificate,
  { logKey, policy }: { logKey: VerifierKey; policy?: WitnessPolicy },
): Promise<CertificateVerdict> {
  const trusted = policy?.witnesses.map(({ key }) => key) ?? [];
  const opened = await openCheckpoint(signatures, certificate.checkpoint, { logKey, witnesses: trusted });
  if (opened === null) return { ok: false, failure: "checkpoint-refused", entry: null };
  const { checkpoint, witnesses } = opened;
  if (policy !== undefined && !meetsQuorum(policy, witnesses))
    return { ok: false, failure: "witnesses-missing", entry: null };
  const entries: VerifiedEntry[] = [];
  const { transfer, subjectSalt } = certificate;
  let subject = subjectSalt && commitSubject(sha256, subjectSalt, transfer);
  for (const [position, entry] of certificate.entries.entries()) {
    const leaf = leafOf(entry);
    subject ??= leaf?.subject ?? null;
    const previous = entries.at(-1)?.index ?? -1;
    const failure = failureOf(sha256, { entry, leaf, subject, previous, checkpoint, transfer });
    if (failure !== null || leaf === null) return { ok: false, failure: failure ?? "leaf-malformed", entry: position };
    entries.push({ index: entry.index, leaf, event: entry.event });
  }
  return { ok: true, checkpoint, witnesses, entries, transferProven: subjectSalt !== null };
}

interface EntryClaim {
  readonly entry: CertificateEntry;
  readonly leaf: Leaf | null;
  readonly subject: Bytes | null;
  /** Index of the entry before, −1 for the first. */
  readonly previous: number;
  readonly checkpoint: Checkpoint;
  readonly transfer: string;
}

function failureOf(sha256: Sha256, claim: EntryClaim): CertificateFailure | null {
  const { entry, leaf, subject, previous, checkpoint, transfer } = claim;
  if (entry.index <= previous) return "entry-order";
  if (leaf === null) return "leaf-malformed";
  if (!eventMatches(sha256, entry, leaf)) return "event-mismatch";
  if (subject === null || !equalBytes(leaf.subject, subject) || equalBytes(leaf.subject, NO_HASH)) {
    return "subject-mismatch";
  }
  if (entry.event !== null && entry.event["transfer"] !== transfer) return "subject-mismatch";
  const { size, root } = checkpoint;
  const included = verifyInclusion(sha256, {
    leafHash: leafHash(sha256, entry.leaf),
    index: entry.index,
    size,
    root,
    proof: entry.proof,
  });
  return included ? null : "not-included";
}

function leafOf(entry: CertificateEntry): Leaf | null {
  try {
    return decodeLeaf(entry.leaf);
  } catch (error) {
    if (error instanceof MalformedBinary) return null;
    throw error;
  }
}

/** An erased event matches nothing and contradicts nothing. */
function eventMatches(sha256: Sha256, { event, salt }: CertificateEntry, leaf: Leaf): boolean {
  if (event === null || salt === null) return event === null && salt === null;
  if (event["type"] !== leaf.type) return false;
  if (typeof event["at"] !== "number" || minuteOf(event["at"]) !== leaf.minute) return false;
  return equalBytes(commitEvent(sha256, salt, canonicalJsonBytes(event)), leaf.commitment);
}
