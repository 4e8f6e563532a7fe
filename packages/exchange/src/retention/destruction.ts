/**
 * Destruction: shares first, then the blob, then the word; when the entry stands, both are gone. Many at a time share one new
 * ring of the key service and one transaction. Everything here may be repeated.
 */
import {
  base64UrlText,
  type Bytes,
  type GrantId,
  isProblem,
  type OrganisationId,
  type Sha256,
  type TransferId,
} from "@safeconduct/foundation";
import { tellLifted } from "../holds/lift-hold.ts";
import type { KeyService } from "../keys/ports.ts";
import type { Entry } from "../ledger/entry.ts";
import { lastEntryAt } from "../ledger/last-entry.ts";
import type { Perform } from "../ledger/performer.ts";
import type { GrantRecord, TransferRecord } from "../records.ts";
import type { BlobStore } from "../storage/ports.ts";
import type { Store, Transaction } from "../store.ts";
import { type DestructionCause, grantCause, transferCause } from "./cause.ts";
import type { Undone } from "./lanes.ts";

export interface DestructionPorts {
  readonly store: Store;
  readonly perform: Perform;
  readonly keys: KeyService;
  readonly blobs: BlobStore;
  readonly sha256: Sha256;
}

/** The key service's signed statement goes into the event as it is, and its hash into the leaf: a certificate shows both. */
interface Proof {
  readonly payloadHash: Bytes;
  readonly detail: { readonly statement: string };
}

/** Recipients are out for good while others stay: their G are shredded, F and the blob remain. */
export async function destroyGrants(
  ports: DestructionPorts,
  grants: readonly GrantRecord[],
): Promise<readonly Undone[]> {
  for (const { organisation, cause, batch } of batchesOf(grants, grantCause)) {
    const named = { organisation, transfers: [], grants: batch.map(({ id }) => id) };
    const proofs = await shredded(ports, { named, cause, of: batch[0]?.transfer });
    await ports.perform(async (tx, now) => {
      const entries: Entry[] = [];
      for (const { id } of batch)
        entries.push(...(await grantDestroyed(tx, { id, at: now, proof: proofOf(proofs, id) })));
      return { entries, value: undefined };
    });
  }
  return [];
}

/** A transfer takes the shares of all its grants with it. A blob that cannot be deleted now leaves its transfer undone. */
export async function destroyTransfers(
  ports: DestructionPorts,
  transfers: readonly Pick<TransferRecord, "id" | "organisation" | "state" | "createdAt" | "endedAt">[],
): Promise<readonly Undone[]> {
  const undone: Undone[] = [];
  for (const { organisation, cause, batch } of batchesOf(transfers, transferCause)) {
    const named = { organisation, transfers: batch.map(({ id }) => id), grants: [] };
    const proofs = await shredded(ports, { named, cause, of: batch[0]?.id });
    const gone: TransferId[] = [];
    for (const { id } of batch) {
      await ports.blobs.delete(id).then(
        () => gone.push(id),
        (failure: unknown) => undone.push({ id, failure }),
      );
    }
    if (gone.length === 0) continue;
    await ports.perform(async (tx, now) => {
      const entries: Entry[] = [];
      for (const id of gone)
        entries.push(...(await transferDestroyed(tx, { id, at: now, proof: proofOf(proofs, id) })));
      return { entries, value: undefined };
    });
  }
  return undone;
}

/**
 * What of one transfer is due, at once: for whoever has just ended it and waits for the answer. Rejects when it could not be
 * done now; the sweep tries again.
 */
export async function destroyDueOf(ports: DestructionPorts & { readonly now: number }, id: TransferId): Promise<void> {
  const isDue = (each: Pick<GrantRecord, "destroyDueAt" | "destroyedAt">) =>
    each.destroyedAt === null && each.destroyDueAt !== null && each.destroyDueAt <= ports.now;
  const { transfer, grants, holds } = await ports.store.read(async (view) => ({
    transfer: await view.findTransfer(id),
    grants: await view.grantsOf(id),
    holds: await view.holdsOf(id),
  }));
  if (transfer === null || transfer.destroyedAt !== null) return;
  if (holds.some(({ liftedAt }) => liftedAt === null)) return;
  const undone = isDue(transfer)
    ? await destroyTransfers(ports, [transfer])
    : await destroyGrants(ports, grants.filter(isDue));
  for (const { failure } of undone) throw failure;
}

async function grantDestroyed(
  tx: Transaction,
  { id, at, proof }: { id: GrantId; at: number; proof: Proof },
): Promise<readonly Entry[]> {
  const grant = await tx.findGrant(id);
  const transfer = grant && (await tx.findTransfer(grant.transfer));
  if (!grant || !transfer || grant.destroyedAt !== null) return [];
  await tx.updateGrant(id, { destroyedAt: at });
  const { organisation, termsHash } = grant;
  return [
    { type: "grant/destroyed", actor: { kind: "system" }, organisation, transfer, grant: id, termsHash, ...proof },
  ];
}

async function transferDestroyed(
  tx: Transaction,
  { id, at, proof }: { id: TransferId; at: number; proof: Proof },
): Promise<readonly Entry[]> {
  const transfer = await tx.findTransfer(id);
  if (transfer === null || transfer.destroyedAt !== null) return [];
  await tx.updateTransfer(id, { state: "destroyed", destroyedAt: at });
  for (const grant of await tx.grantsOf(id)) {
    if (grant.destroyedAt === null) await tx.updateGrant(grant.id, { destroyedAt: at, endedAt: grant.endedAt ?? at });
  }
  await tx.deleteParts(id);
  return [
    {
      type: "transfer/destroyed",
      actor: { kind: "system" },
      organisation: transfer.organisation,
      transfer,
      ...proof,
    },
  ];
}

interface Shredding {
  readonly named: {
    readonly organisation: OrganisationId;
    readonly transfers: readonly TransferId[];
    readonly grants: readonly GrantId[];
  };
  readonly cause: DestructionCause;
  /** The first item's transfer, for what is looked into where it is the only one. */
  readonly of: TransferId | undefined;
}

/**
 * Proofs by id. One call, one new ring, however many. What time brings the key service destroys only while its clocks agree:
 * `keys/clock-stopped` where they do not.
 */
async function shredded(ports: DestructionPorts, shredding: Shredding): Promise<ReadonlyMap<string, Proof>> {
  const { named, cause } = shredding;
  const ids: readonly string[] = [...named.transfers, ...named.grants];
  const byTime = cause === "order" ? null : { checkpointAt: await ports.store.read(lastEntryAt) };
  const shred = () => ports.keys.shred(named, byTime);
  const { statements } = await shred().catch(async (error: unknown) => {
    // One by one after a refusal, so that what is told concerns this item.
    if (ids.length > 1 || shredding.of === undefined || !isProblem(error)) throw error;
    if (!(await toldWhatWasMissed(ports, shredding.of, error.code))) throw error;
    return shred();
  });
  return new Map(
    statements.map((statement, at) => [
      ids[at] ?? "",
      { payloadHash: ports.sha256(statement), detail: { statement: base64UrlText(statement) } },
    ]),
  );
}

/** Tells the key service what it could not be told when it happened. False where there is nothing of that kind. */
async function toldWhatWasMissed({ store, keys }: DestructionPorts, id: TransferId, code: string): Promise<boolean> {
  if (code === "keys/held") {
    const holds = await store.read((view) => view.holdsOf(id));
    // Placed since the sweep looked: it comes by again when that hold is lifted.
    if (holds.some(({ liftedAt }) => liftedAt === null)) return false;
    await tellLifted(keys, holds);
    return holds.length > 0;
  }
  if (code !== "keys/not-due") return false;
  const grants = await store.read((view) => view.grantsOf(id));
  // What ended before its time by the terms, which is all that the key service has.
  const early = grants.filter((grant) => grantCause(grant) === "order" && grant.destroyedAt === null);
  const [first] = early;
  if (first === undefined) return false;
  await keys.suspend({ organisation: first.organisation, transfers: [], grants: early.map((grant) => grant.id) });
  return true;
}

function proofOf(proofs: ReadonlyMap<string, Proof>, id: string): Proof {
  const proof = proofs.get(id);
  if (proof === undefined) throw new Error("the key service shredded and said nothing");
  return proof;
}

interface Batch<Item> {
  readonly organisation: OrganisationId;
  readonly cause: DestructionCause;
  readonly batch: readonly Item[];
}

/** What one call of the key service may name together. What was ordered comes first: it does not wait for clocks. */
function batchesOf<Item extends { readonly organisation: OrganisationId }>(
  items: readonly Item[],
  causeOf: (item: Item) => DestructionCause,
): readonly Batch<Item>[] {
  return (["order", "time"] as const).flatMap((cause) => {
    const of = items.filter((item) => causeOf(item) === cause);
    return [...Map.groupBy(of, ({ organisation }) => organisation)].map(([organisation, batch]) => ({
      organisation,
      cause,
      batch,
    }));
  });
}
