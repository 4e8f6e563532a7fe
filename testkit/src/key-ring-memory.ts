/** A ring store that forgets everything with the process, and can be told to fail. */
import { type Bytes, copyBytes } from "@safeconduct/foundation";
import { type RingStore, type StoredRing, StoreFailure } from "@safeconduct/keyring";

export class MemoryRingStore implements RingStore {
  generation = 1;
  ring: Bytes = new Uint8Array(0);
  journal: Bytes[] = [];
  /** Kind of failure of the next writes; null lets them through. */
  failing: "taken-back" | "lasting" | null = null;
  appends = 0;

  async open(): Promise<StoredRing> {
    return { generation: this.generation, ring: copyBytes(this.ring), journal: this.journal.map(copyBytes) };
  }

  async appendJournal(records: readonly Bytes[]): Promise<void> {
    this.failIfTold();
    this.appends += 1;
    this.journal.push(...records.map(copyBytes));
  }

  async replaceRing(ring: Bytes): Promise<void> {
    this.failIfTold();
    this.generation += 1;
    this.ring = copyBytes(ring);
    this.journal = [];
  }

  private failIfTold(): void {
    if (this.failing !== null) throw new StoreFailure(this.failing === "lasting", null);
  }
}
