/**
 * Puts committed, unsequenced leaves into the tree: one batch is whatever arrived while the last fsync ran.
 * The database gives the indices first; the tree follows, so that after a crash the same leaves make the same tiles.
 * There is one sequencer for one ledger.
 */
import type { Bytes } from "@safeconduct/foundation";
import type { Store } from "../store.ts";
import { ledgerUnavailable } from "./errors.ts";

const BATCH_LIMIT = 1024;

/** The tree and its signed checkpoint; `LedgerWriter` of the ledger package. */
export interface LedgerTree {
  /** Entries under the last durable checkpoint. */
  readonly size: number;
  /** Durable and signed when it resolves. */
  append(leaves: readonly Bytes[]): Promise<unknown>;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (problem: Error) => void;
}

export class Sequencer {
  private readonly store: Store;
  private readonly tree: LedgerTree;
  private readonly onFailure: (error: unknown) => void;
  private waiters: Waiter[] = [];
  private running: Promise<void> | null = null;

  /** `onFailure` hears what the caller is not told. */
  constructor({ store, tree, onFailure }: { store: Store; tree: LedgerTree; onFailure: (error: unknown) => void }) {
    this.store = store;
    this.tree = tree;
    this.onFailure = onFailure;
  }

  /** Resolves when every event committed before this call is under a durable, signed checkpoint. */
  settled(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiters.push({ resolve, reject });
      this.running ??= this.drain();
    });
  }

  private async drain(): Promise<void> {
    while (this.waiters.length > 0) {
      const served = this.waiters;
      this.waiters = [];
      try {
        await this.integrateAll();
        for (const waiter of served) waiter.resolve();
      } catch (error) {
        this.onFailure(error);
        for (const waiter of served) waiter.reject(ledgerUnavailable());
      }
    }
    // In the same turn as the last look at the queue: whoever comes a turn later must start a new drain, or waits for ever.
    this.running = null;
  }

  private async integrateAll(): Promise<void> {
    let given = BATCH_LIMIT;
    while (given === BATCH_LIMIT) {
      given = (await this.store.transaction((tx) => tx.sequenceEvents(BATCH_LIMIT))).length;
    }
    // From the database, not from what was just given: a batch that failed before is caught up here.
    for (;;) {
      const leaves = await this.store.read((view) => view.leavesFrom(this.tree.size, BATCH_LIMIT));
      if (leaves.length === 0) return;
      await this.tree.append(leaves.map((event) => event.leaf));
    }
  }
}
