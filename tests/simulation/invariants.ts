/**
 * What must always hold, looked at between steps and at each answer: the entries tell a legal story and the database says the
 * same, nothing is answered before its entry is in the signed tree, the tree only grows, and no organisation has more than its
 * quota.
 */
import type { OrganisationId, TransferId } from "@safeconduct/foundation";
import { type Bytes, equalBytes } from "@safeconduct/foundation";
import { TreeReader, verifyLog } from "@safeconduct/ledger";
import { known } from "@safeconduct/testkit";
import { CustodyModel } from "./custody-model.ts";
import type { Doing, World } from "./world.ts";

/** Told to a sender later, by the outbox; no answer rests on it. */
const TOLD_LATER: ReadonlySet<string> = new Set(["grant/code-undelivered"]);

export class Invariants {
  readonly model = new CustodyModel();
  private readonly world: World;
  private readonly leaves: Bytes[] = [];
  /** Where each entry stands, by its id. */
  private readonly places = new Map<string, number>();
  /** And by its transfer. */
  private readonly placesByTransfer = new Map<string, number[]>();
  private looked = 0;
  private signed = 0;

  constructor(world: World) {
    this.world = world;
  }

  /** Entries under the durable, signed checkpoint. */
  get durableSize(): number {
    const size = Number(this.world.durable.tiles.checkpoint?.split("\n")[1] ?? 0);
    if (size < this.signed) throw new Error("the signed tree became smaller");
    this.signed = size;
    return size;
  }

  /** Indices of the entries of a transfer, as far as they are known. */
  placesOf(transfer: string): readonly number[] {
    return this.placesByTransfer.get(transfer) ?? [];
  }

  /** Whoever hears an answer may rely on what it did. */
  async atAnswer({ name, entries }: Doing): Promise<void> {
    if (entries.length === 0) return;
    await this.absorb();
    const { durableSize } = this;
    for (const { id, type } of entries) {
      const place = this.places.get(id);
      if (!TOLD_LATER.has(type) && (place === undefined || place >= durableSize))
        throw new Error(`${name} was answered before its entry ${type}`);
    }
  }

  async look(transfers: readonly TransferId[], quotas: ReadonlyMap<OrganisationId, number>): Promise<void> {
    await this.absorb();
    await this.world.durable.store.read(async (view) => {
      const waiting = await view.waitingEvents(1);
      for (const id of waiting.length > 0 ? [] : transfers) {
        const transfer = await view.findTransfer(id);
        if (transfer !== null) this.model.compare(transfer, await view.grantsOf(id));
      }
      for (const [organisation, quotaBytes] of quotas) {
        const kept = await view.keptBytes(organisation);
        const all = await view.transfersOf(organisation, { limit: 1_000, after: null });
        const told = all.filter(({ destroyedAt }) => destroyedAt === null);
        const expected = told.reduce((sum, { blobLengthBytes }) => sum + blobLengthBytes, 0);
        if (kept !== expected || kept < 0) throw new Error("the room that is taken is counted wrong");
        if (kept > quotaBytes) throw new Error("more room is taken than the quota has");
      }
    });
    await this.lookAtTree();
    if (this.world.keys.breaches.length > 0) throw new Error(this.world.keys.breaches.join("; "));
  }

  /** The whole log, read as an auditor reads it. */
  async verifyWhole(): Promise<void> {
    const { scene, durable } = this.world;
    if (this.leaves.length !== scene.ledger.size) throw new Error("the tree is not the database's");
    const verdict = await verifyLog(scene.crypto, {
      readTile: (path) => durable.tiles.readTile(path),
      checkpointText: scene.ledger.checkpointText,
      logKey: scene.logKey,
      onEntry: (index, leaf) => {
        if (!equalBytes(leaf, known(this.leaves[index]))) throw new Error(`leaf ${index} is another one in the tree`);
      },
    });
    if (!verdict.ok) throw new Error(`the log does not verify: ${verdict.failure}`);
  }

  private async absorb(): Promise<void> {
    const fresh = await this.world.durable.store.read((view) => view.leavesFrom(this.leaves.length, 10_000));
    // Two answers may be looked at at the same time.
    for (const event of fresh.filter(({ index }) => index >= this.leaves.length)) {
      if (event.index !== this.leaves.length) throw new Error("indices have a gap");
      this.leaves.push(event.leaf);
      this.places.set(event.id, event.index);
      if (event.transfer !== null)
        this.placesByTransfer.set(event.transfer, [...this.placesOf(event.transfer), event.index]);
      this.model.take(event);
    }
  }

  private async lookAtTree(): Promise<void> {
    const { durable, crypto } = this.world;
    const size = this.durableSize;
    if (size > this.leaves.length) throw new Error("the tree holds what the database does not");
    const tree = new TreeReader({ sha256: crypto.sha256, size, readTile: (path) => durable.tiles.readTile(path) });
    for (; this.looked < size; this.looked++) {
      if (!equalBytes(await tree.entry(this.looked), known(this.leaves[this.looked])))
        throw new Error(`leaf ${this.looked} is another one in the tree`);
    }
  }
}
