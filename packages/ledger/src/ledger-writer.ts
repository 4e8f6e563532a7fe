/**
 * The sequencer's end of the ledger: integrate a batch, make its tiles durable, then sign and store the checkpoint.
 * The database assigns indices first, so that appending again after a crash writes the same tiles (`recover`).
 * The rule that everything rests on: nothing is ever signed that is inconsistent with the stored checkpoint.
 */
import { type Bytes, equalBytes } from "@safeconduct/foundation";
import { type Checkpoint, openCheckpoint, signCheckpoint } from "./checkpoint.ts";
import { ledgerProblem } from "./errors.ts";
import type { NoteSigner } from "./note-keys.ts";
import type { LedgerPorts, TileStore } from "./ports.ts";
import { EMPTY_EDGE, edgeRoot, integrate, loadEdge, type TreeEdge } from "./tree-edge.ts";
import { TreeReader } from "./tree-reader.ts";

/** Leaves integrated in one step during recovery, so that memory stays bounded. */
export const RECOVERY_BATCH_LEAVES = 4096;

export interface LedgerWriterOptions extends LedgerPorts {
  readonly store: TileStore;
  /** Its name is the origin of the log. */
  readonly signer: NoteSigner;
}

export interface Appended {
  readonly firstIndex: number;
  readonly checkpoint: Checkpoint;
  /** The signed note. */
  readonly checkpointText: string;
}

/** The leaves that the database holds, in the order of their indices. */
export interface LeafSource {
  /** How many leaves have an index: 0 to count − 1. */
  count(): Promise<number>;
  /** Encoded leaves from `firstIndex` on, at least one and at most `limit`. */
  read(range: { firstIndex: number; limit: number }): Promise<readonly Bytes[]>;
}

interface State {
  readonly edge: TreeEdge;
  readonly checkpoint: Checkpoint;
  readonly checkpointText: string;
}

export class LedgerWriter {
  private readonly options: LedgerWriterOptions;
  private state: State;
  /** Set while a write runs and kept when it fails: what is stored is then unknown and is read again first. */
  private unsettled = false;
  private busy = false;

  private constructor(options: LedgerWriterOptions, state: State) {
    this.options = options;
    this.state = state;
  }

  /**
   * Opens the log, or starts it with a signed checkpoint of the empty tree.
   * Throws `ledger/foreign-checkpoint`, `ledger/tile-missing` or `ledger/damaged`: then nothing has been written.
   */
  static async open(options: LedgerWriterOptions): Promise<LedgerWriter> {
    return new LedgerWriter(options, await loadState(options));
  }

  get size(): number {
    return this.state.edge.size;
  }

  get checkpoint(): Checkpoint {
    return this.state.checkpoint;
  }

  /** The signed note. */
  get checkpointText(): string {
    return this.state.checkpointText;
  }

  /**
   * Appends encoded leaves. When it returns, tiles and checkpoint are durable and the caller may answer.
   * One call at a time. An empty batch changes nothing. After a failure `size` stays what it was, and the next call
   * begins with the same leaves; those that had become durable all the same are recognised, not added twice.
   * Throws `ledger/forked` if others come in their place.
   */
  async append(leaves: readonly Bytes[]): Promise<Appended> {
    if (this.busy) throw new Error("the ledger has one writer: await the running append first");
    this.busy = true;
    try {
      const firstIndex = this.size;
      if (leaves.length > 0) {
        if (this.unsettled) await this.settle(leaves);
        const remaining = leaves.slice(this.size - firstIndex);
        if (remaining.length > 0) await this.write(remaining);
      }
      const { checkpoint, checkpointText } = this.state;
      return { firstIndex, checkpoint, checkpointText };
    } finally {
      this.busy = false;
    }
  }

  /**
   * Brings the ledger up to the database after a start. Throws `ledger/rolled-back` if the database is behind the
   * signed checkpoint, `ledger/forked` if its last signed leaf is another one, `ledger/missing-leaves` if it
   * cannot hand over what it counted. Returns the number of leaves added.
   */
  async recover(source: LeafSource): Promise<number> {
    const count = await source.count();
    const start = this.size;
    if (count < start) throw ledgerProblem("ledger/rolled-back");
    if (start > 0) await this.compareLastLeaf(source);
    while (this.size < count) {
      const limit = Math.min(RECOVERY_BATCH_LEAVES, count - this.size);
      const leaves = await source.read({ firstIndex: this.size, limit });
      if (leaves.length === 0 || leaves.length > limit) throw ledgerProblem("ledger/missing-leaves");
      await this.append(leaves);
    }
    return this.size - start;
  }

  private async compareLastLeaf(source: LeafSource): Promise<void> {
    const [known] = await source.read({ firstIndex: this.size - 1, limit: 1 });
    if (known === undefined) throw ledgerProblem("ledger/missing-leaves");
    await this.compareEntries(this.state, { firstIndex: this.size - 1, leaves: [known] });
  }

  /** Throws `ledger/forked` unless the stored tree holds exactly these leaves from `firstIndex` to its end. */
  private async compareEntries(
    { checkpoint: { size } }: State,
    { firstIndex, leaves }: { firstIndex: number; leaves: readonly Bytes[] },
  ): Promise<void> {
    const { sha256, store } = this.options;
    const tree = new TreeReader({ sha256, size, readTile: (path) => store.readTile(path) });
    for (let index = firstIndex; index < size; index++) {
      const leaf = leaves[index - firstIndex];
      if (leaf === undefined || !equalBytes(leaf, await tree.entry(index))) throw ledgerProblem("ledger/forked");
    }
  }

  private async write(leaves: readonly Bytes[]): Promise<void> {
    const { sha256, store } = this.options;
    const { edge, root, writes } = integrate(sha256, this.state.edge, leaves);
    this.unsettled = true;
    await store.writeTiles(writes);
    const checkpoint = { origin: this.state.checkpoint.origin, size: edge.size, root };
    const checkpointText = await signVerified(this.options, checkpoint);
    await store.writeCheckpoint(checkpointText);
    this.state = { edge, checkpoint, checkpointText };
    this.unsettled = false;
  }

  /** After a failed write the stored checkpoint may be the old one or the new one. Never older than ours. */
  private async settle(leaves: readonly Bytes[]): Promise<void> {
    const stored = await loadState(this.options);
    if (stored.checkpoint.size < this.size) throw ledgerProblem("ledger/rolled-back");
    await this.compareEntries(stored, { firstIndex: this.size, leaves });
    this.state = stored;
    this.unsettled = false;
  }
}

async function loadState(options: LedgerWriterOptions): Promise<State> {
  const { sha256, signatures, store, signer } = options;
  const checkpointText = await store.readCheckpoint();
  if (checkpointText === null) return startState(options);
  const opened = await openCheckpoint(signatures, checkpointText, { logKey: signer.key });
  if (opened === null) throw ledgerProblem("ledger/foreign-checkpoint");
  const { checkpoint } = opened;
  const edge = await loadEdge((path) => store.readTile(path), checkpoint.size);
  if (!equalBytes(edgeRoot(sha256, edge), checkpoint.root)) throw ledgerProblem("ledger/damaged");
  return { edge, checkpoint, checkpointText };
}

async function startState(options: LedgerWriterOptions): Promise<State> {
  const { sha256, store, signer } = options;
  const checkpoint = { origin: signer.key.name, size: 0, root: edgeRoot(sha256, EMPTY_EDGE) };
  const checkpointText = await signVerified(options, checkpoint);
  await store.writeCheckpoint(checkpointText);
  return { edge: EMPTY_EDGE, checkpoint, checkpointText };
}

/** Signs and opens it again: a key that does not fit its public half must not put out a checkpoint nobody can read. */
async function signVerified({ signatures, signer }: LedgerWriterOptions, checkpoint: Checkpoint): Promise<string> {
  const text = await signCheckpoint(signatures, checkpoint, signer);
  if ((await openCheckpoint(signatures, text, { logKey: signer.key })) === null) {
    throw new Error("the ledger's signing key does not belong to its public key");
  }
  return text;
}
