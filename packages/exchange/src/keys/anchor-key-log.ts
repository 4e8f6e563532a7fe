/**
 * Writes the newest checkpoint of the key service's own log into the main ledger, and holds each against the one written
 * before: a key folder that was put back to an older state, or a second one beside it, has another log from there on.
 * Where nothing else is written for a day it is written again: the key service destroys nothing by time on the word of a ledger
 * that has stood still for a week, and nobody may come by to sign in.
 */
import { type Clock, equalBytes, type Sha256, type Signatures, utf8Bytes } from "@safeconduct/foundation";
import {
  type Checkpoint,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  type VerifierKey,
  verifyConsistency,
} from "@safeconduct/ledger";
import { lastEntryAt } from "../ledger/last-entry.ts";
import type { Perform } from "../ledger/performer.ts";
import type { Store } from "../store.ts";
import type { KeyService } from "./ports.ts";

/** A ledger whose last entry is so old, or so far ahead since the clock was set right, gets another one. */
const ANCHOR_AGAIN_MS = 86_400_000;

interface Deps {
  readonly clock: Clock;
  readonly store: Store;
  readonly perform: Perform;
  readonly keys: Pick<KeyService, "logCheckpoint">;
  readonly sha256: Sha256;
  readonly signatures: Signatures;
  /** Of the key service that this instance began with. */
  readonly logKey: VerifierKey;
}

/** `forked`: the log does not continue the anchored one. `told` says of which checkpoint. */
export type Anchoring =
  | { readonly outcome: "unchanged" | "anchored" }
  | { readonly outcome: "forked"; readonly told: string };

/**
 * `alarmed`: the `told` of an alarm that has its entry already, so that one that lasts does not fill the ledger.
 * Rejects with `keys/unavailable` and what `perform` rejects with; it may be called again.
 */
export async function anchorKeyLog(deps: Deps, { alarmed }: { alarmed: string | null }): Promise<Anchoring> {
  const { store, keys, sha256, perform } = deps;
  const [{ keyLogCheckpoint: before }, lastAt] = await store.read(async (view) => [
    await view.instance(),
    await lastEntryAt(view),
  ]);
  const isQuiet = lastAt !== null && Math.abs(deps.clock.now() - lastAt) >= ANCHOR_AGAIN_MS;
  const known = before === null ? null : stored(before);
  const { checkpoint: text, proof } = await keys.logCheckpoint(known?.size ?? 0);
  const opened = await openCheckpoint(deps.signatures, text, { logKey: deps.logKey });
  const found = opened?.checkpoint ?? null;
  const continues = found !== null && (known === null || follows(sha256, { known, found, proof }));
  // An empty log says nothing yet.
  const isTold = continues ? found.size === (known?.size ?? 0) : text === alarmed;
  if (isTold && !isQuiet) return continues ? { outcome: "unchanged" } : { outcome: "forked", told: text };
  const entry = {
    type: "keys/anchored",
    actor: { kind: "system" },
    organisation: null,
    payloadHash: sha256(utf8Bytes(text)),
    detail: { size: found?.size ?? null, anchoredSize: known?.size ?? 0 },
  } as const;
  return perform<Anchoring>(async (tx) => {
    const instance = await tx.instance();
    // Somebody else was faster: the next turn compares with what they wrote.
    if (instance.keyLogCheckpoint !== before) return { entries: [], value: { outcome: "unchanged" } };
    if (!continues) {
      return { entries: [{ ...entry, refused: "keys/log-forked" }], value: { outcome: "forked", told: text } };
    }
    await tx.saveInstance({ ...instance, keyLogCheckpoint: text });
    return { entries: [{ ...entry, detail: { ...entry.detail, checkpoint: text } }], value: { outcome: "anchored" } };
  });
}

function follows(
  sha256: Sha256,
  { known, found, proof }: { known: Checkpoint; found: Checkpoint; proof: readonly Uint8Array<ArrayBuffer>[] },
): boolean {
  if (known.size === found.size) return equalBytes(known.root, found.root);
  const claim = { oldSize: known.size, oldRoot: known.root, newSize: found.size, newRoot: found.root, proof };
  return verifyConsistency(sha256, claim);
}

/** Its signature held when it was anchored. */
function stored(text: string): Checkpoint {
  const note = parseNote(text);
  const checkpoint = note && parseCheckpoint(note.text);
  if (checkpoint === null) throw new Error("the database holds a checkpoint of the key service that is none");
  return checkpoint;
}
