/**
 * What the key service knows of the main ledger: the last signed checkpoint that the API showed. Each later one must
 * prove that it continues it (RFC 9162 §2.1.4), so that a ledger that was restored from a backup, shortened or forked
 * is found out, and nothing is released or destroyed on its word. It cannot find out a server that shows the true
 * ledger and works on an older database: checkpoints are public.
 */
import {
  type Bytes,
  equalBytes,
  leafHash,
  MalformedBinary,
  type Sha256,
  type Signatures,
  utf8Bytes,
} from "@safeconduct/foundation";
import {
  type Checkpoint,
  decodeLeaf,
  formatVerifierKey,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  type VerifierKey,
  verifyConsistency,
  verifyInclusion,
} from "@safeconduct/ledger";
import { keysProblem } from "./errors.ts";
import type { ContinueLedgerRequest, ShowLedgerRequest } from "./messages.ts";
import type { SeenLedger } from "./ring.ts";
import type { Change } from "./ring-writer.ts";

interface WatchPorts {
  readonly crypto: { readonly sha256: Sha256; readonly signatures: Signatures };
  /** Pinned at set-up, for a ring that has seen no ledger yet. Null: a key service without a ledger watches none. */
  readonly ledgerKey: VerifierKey | null;
}

/**
 * `unwatched`: no ledger is pinned. `not-shown`: none was shown since the start. `refused`: the last one shown was not a
 * continuation of what was seen before.
 */
export type LedgerState = "unwatched" | "not-shown" | "shown" | "refused";

export class LedgerWatch {
  private readonly ports: WatchPorts;
  private judged: "not-shown" | "shown" | "refused" = "not-shown";

  constructor(ports: WatchPorts) {
    this.ports = ports;
  }

  state(seen: SeenLedger | null): LedgerState {
    return seen === null && this.ports.ledgerKey === null ? "unwatched" : this.judged;
  }

  /** Throws `keys/ledger-not-shown` or `keys/ledger-rolled-back` where nothing may rest on the ledger now. */
  requireShown(seen: SeenLedger | null): void {
    const state = this.state(seen);
    if (state === "not-shown") throw keysProblem("keys/ledger-not-shown");
    if (state === "refused") throw keysProblem("keys/ledger-rolled-back");
  }

  /**
   * Takes the checkpoint if it continues the last one seen. Refuses with `keys/ledger-rolled-back`, and remembers that;
   * with `keys/ledger-not-shown`, and nothing to remember, where the proof begins elsewhere than at what was seen here:
   * a key service that was killed has forgotten what was not yet written down, and nobody rolled anything back. Whoever
   * says a wrong size on purpose has shown nothing and stands where they stood.
   */
  show(request: ShowLedgerRequest): Change<void> {
    return async (draft) => {
      const seen = draft.ledger();
      const logKey = this.keyOf(seen);
      const before = seen === null || seen.checkpoint === "" ? null : stored(seen.checkpoint);
      if (logKey !== null && request.oldSize !== (before?.size ?? 0)) throw keysProblem("keys/ledger-not-shown");
      const shown = logKey && (await this.opened(request.checkpoint, logKey));
      const continues =
        shown !== null && (before === null || this.continues({ before, after: shown, proof: request.proof }));
      this.judged = continues ? "shown" : "refused";
      if (!continues || logKey === null) throw keysProblem("keys/ledger-rolled-back");
      // A repeat, perhaps with other witnesses: nothing to remember.
      if (before?.size === shown.size) return { record: null, answer: undefined };
      const { checkpoint } = request;
      const record = { type: "ledger-seen", verifierKey: formatVerifierKey(logKey), checkpoint } as const;
      // No write of its own: a release or a destruction that relies on it carries it along.
      return { record, answer: undefined, deferred: true };
    };
  }

  /**
   * The operator's way on after a restored backup: a log of another origin whose entry `ledger/continued` holds the hash
   * of the last checkpoint seen here. Anybody who reads that log sees where it left the old one.
   * Refuses with `keys/ledger-rolled-back`.
   */
  continueWith(request: ContinueLedgerRequest): Change<void> {
    return async (draft) => {
      const seen = draft.ledger();
      const logKey = parseVerifierKey(this.ports.crypto.sha256, request.verifierKey);
      const shown = logKey && (await this.opened(request.checkpoint, logKey));
      const links = seen !== null && shown !== null && this.links(seen, { ...request, shown });
      if (!links) throw keysProblem("keys/ledger-rolled-back");
      this.judged = "shown";
      const { verifierKey, checkpoint } = request;
      return { record: { type: "ledger-seen", verifierKey, checkpoint }, answer: undefined };
    };
  }

  private keyOf(seen: SeenLedger | null): VerifierKey | null {
    return seen === null ? this.ports.ledgerKey : parseVerifierKey(this.ports.crypto.sha256, seen.verifierKey);
  }

  private async opened(text: string, logKey: VerifierKey): Promise<Checkpoint | null> {
    return (await openCheckpoint(this.ports.crypto.signatures, text, { logKey }))?.checkpoint ?? null;
  }

  private continues({ before, after, proof }: { before: Checkpoint; after: Checkpoint; proof: readonly Bytes[] }) {
    return verifyConsistency(this.ports.crypto.sha256, {
      oldSize: before.size,
      oldRoot: before.root,
      newSize: after.size,
      newRoot: after.root,
      proof,
    });
  }

  private links(
    seen: SeenLedger,
    { leaf, index, proof, shown }: ContinueLedgerRequest & { readonly shown: Checkpoint },
  ): boolean {
    const { sha256 } = this.ports.crypto;
    const old = seen.checkpoint === "" ? null : stored(seen.checkpoint);
    if (old === null || old.origin === shown.origin) return false;
    const told = continuedHash(leaf);
    if (told === null || !equalBytes(told, sha256(utf8Bytes(seen.checkpoint)))) return false;
    return verifyInclusion(sha256, {
      leafHash: leafHash(sha256, leaf),
      index,
      size: shown.size,
      root: shown.root,
      proof,
    });
  }
}

/** Its signature held when it was taken, and the ring is sealed. */
function stored(text: string): Checkpoint {
  const note = parseNote(text);
  const checkpoint = note && parseCheckpoint(note.text);
  if (checkpoint === null) throw new Error("the ring holds a checkpoint that is none");
  return checkpoint;
}

/** The hash in a leaf `ledger/continued`, or null for anything else. */
function continuedHash(leaf: Bytes): Bytes | null {
  try {
    const { type, payloadHash } = decodeLeaf(leaf);
    return type === "ledger/continued" ? payloadHash : null;
  } catch (error) {
    if (error instanceof MalformedBinary) return null;
    throw error;
  }
}
