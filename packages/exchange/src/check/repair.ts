/**
 * What a repair does about what a check found: it removes what nothing needs and adds what waits. It never removes what could
 * be the only copy of anything, and leaves damage as it is, because only a backup can undo that.
 */
import { tellLifted } from "../holds/lift-hold.ts";
import { tellHold } from "../holds/place-hold.ts";
import type { KeyService } from "../keys/ports.ts";
import type { Perform } from "../ledger/performer.ts";
import type { BlobStore } from "../storage/ports.ts";
import type { Store } from "../store.ts";
import type { Finding } from "./findings.ts";

/** What was done about one finding. */
export interface Repair {
  readonly finding: Finding;
  readonly done: "removed" | "added to the ledger" | "destroyed again" | "told to the key service";
}

interface Deps {
  readonly store: Store;
  readonly perform: Perform;
  readonly blobs: BlobStore;
  readonly keys: KeyService;
}

/** Opening the blob store has removed unfinished files already. Answers what is mended now. */
export async function repairInstance(deps: Deps, findings: readonly Finding[]): Promise<readonly Repair[]> {
  const damaged = new Set(findings.filter(({ code }) => code.startsWith("part/")).map(({ transfer }) => transfer));
  const repairs: Repair[] = [];
  for (const finding of findings) {
    // Beside a damaged part, another body of it may be all that is left.
    if (finding.code === "blob/stray" && damaged.has(finding.transfer)) continue;
    const done = await repairOne(deps, finding);
    if (done !== null) repairs.push({ finding, done });
  }
  return repairs;
}

async function repairOne(
  { store, perform, blobs, keys }: Deps,
  { code, transfer: id, grant, job }: Finding,
): Promise<Repair["done"] | null> {
  if (code === "ledger/waiting") {
    await perform(async () => ({ entries: [], value: undefined }));
    return "added to the ledger";
  }
  if (code === "blob/unfinished") return "removed";
  if (job !== undefined) {
    // Only what the check found to have nothing to do, and nobody runs beside us.
    await store.transaction((tx) => tx.deleteJob(job));
    return "removed";
  }
  if (id === undefined) return null;
  const { transfer, parts } = await store.read(async (view) => ({
    transfer: await view.findTransfer(id),
    parts: await view.partsOf(id),
  }));
  if (code === "blob/stray" && transfer !== null) {
    await blobs.keepOnly(id, parts);
    return "removed";
  }
  if (code === "blob/of-destroyed" && transfer !== null && transfer.destroyedAt !== null) {
    await blobs.delete(id);
    return "removed";
  }
  if (code === "blob/without-record" && transfer === null) {
    await blobs.delete(id);
    return "removed";
  }
  if (code === "hold/untold" || code === "keys/hold-left") {
    const holds = await store.read((view) => view.holdsOf(id));
    for (const hold of holds)
      if (hold.liftedAt === null && hold.toldAt === null) await tellHold({ perform, keys }, hold);
    if (code === "keys/hold-left")
      await tellLifted(
        keys,
        holds.filter(({ liftedAt }) => liftedAt !== null),
      );
    return "told to the key service";
  }
  if (code === "keys/share-left" && transfer !== null) {
    const { organisation } = transfer;
    const whole = grant === undefined;
    await keys.shred({ organisation, transfers: whole ? [id] : [], grants: whole ? [] : [grant] });
    return "destroyed again";
  }
  return null;
}
