/**
 * The ports behind which the ring and its master keys are kept. The store seals what it writes under the current
 * master; the key service never sees a master, and a holder may keep it in hardware.
 */
import type { AeadKey, Bytes } from "@safeconduct/foundation";

/** What a store holds when it is opened: the ring of `generation` and what was journalled since. */
export interface StoredRing {
  /** Counts the rings that were ever written; 1 is the empty ring of a new store. */
  readonly generation: number;
  /** Empty bytes in a new store, else what `replaceRing` last made durable. */
  readonly ring: Bytes;
  /** Records in the order in which they were appended. A torn last one, never acknowledged, is not among them. */
  readonly journal: readonly Bytes[];
}

export interface RingStore {
  /**
   * Once, before anything else. Ends what a crash interrupted: a half-written ring is dropped and a superseded master
   * destroyed before this returns. Throws {@link DamagedStore}.
   */
  open(): Promise<StoredRing>;
  /**
   * Durable and in order when it returns; a crash before that may leave the first few of them.
   * Throws {@link StoreFailure}; if that one is not `lasting`, none of them stands.
   */
  appendJournal(records: readonly Bytes[]): Promise<void>;
  /**
   * Makes `ring` the ring of the next generation under a fresh master, drops the journal and destroys the old master.
   * When it returns, all of that is durable. Throws {@link StoreFailure}; if that one is not `lasting`, the old ring
   * and journal still stand.
   */
  replaceRing(ring: Bytes): Promise<void>;
}

/** Keeps master keys, one for each generation of the ring. */
export interface MasterHolder {
  /** A fresh key, durable when it returns. One left by an interrupted attempt at the same generation is destroyed. */
  create(generation: number): Promise<AeadKey>;
  /** Null if there is none. */
  open(generation: number): Promise<AeadKey | null>;
  /** Durable and irreversible when it returns. No error if there is none. */
  destroy(generation: number): Promise<void>;
  /** Generations of which a key, or a part of one, is there. */
  generations(): Promise<readonly number[]>;
}

/** The store cannot be opened: it is damaged, incomplete or of another version. The message is one clear line. */
export class DamagedStore extends Error {
  override readonly name = "DamagedStore";
}

/** A write did not become durable. */
export class StoreFailure extends Error {
  override readonly name = "StoreFailure";
  /** True if nobody can say what the disk holds until the store is opened anew (a failed fsync, a failed rename). */
  readonly lasting: boolean;

  constructor(lasting: boolean, cause: unknown) {
    super(lasting ? "the ring must be opened anew" : "the write was taken back", { cause });
    this.lasting = lasting;
  }
}
