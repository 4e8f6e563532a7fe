/**
 * Destruction: shares first, then the blob, then the word; when the entry stands, both are gone. Many at a time share one new
 * ring of the key service and one transaction. Everything here may be repeated.
 */
import {
  base64UrlText,
  type Bytes,
  type GrantId,
  type OrganisationId,
  type Sha256,
  type TransferId,
} from "@safeconduct/foundation";
import type { KeyService } from "../keys/ports.ts";
import type { Entry } from "../ledger/entry.ts";
import type { Perform } from "../ledger/performer.ts";
import type { GrantRecord, TransferRecord } from "../records.ts";
import type { BlobStore } from "../storage/ports.ts";
import type { Store, Transaction } from "../store.ts";
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
  for (const [organisation, batch] of byOrganisation(grants)) {
    const proofs = await shredded(ports, { organisation, transfers: [], grants: batch.map(({ id }) => id) });
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
  transfers: readonly Pick<TransferRecord, "id" | "organisation">[],
): Promise<readonly Undone[]> {
  const undone: Undone[] = [];
  for (const [organisation, batch] of byOrganisation(transfers)) {
    const proofs = await shredded(ports, { organisation, transfers: batch.map(({ id }) => id), grants: [] });
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
  const { transfer, grants } = await ports.store.read(async (view) => ({
    transfer: await view.findTransfer(id),
    grants: await view.grantsOf(id),
  }));
  if (transfer === null) return;
  const undone = isDue(transfer)
    ? await destroyTransfers(ports, [transfer])
    : transfer.state === "active"
      ? await destroyGrants(ports, grants.filter(isDue))
      : [];
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

/** Proofs by id. One call, one new ring, however many. */
async function shredded(
  { keys, sha256 }: Pick<DestructionPorts, "keys" | "sha256">,
  named: { organisation: OrganisationId; transfers: readonly TransferId[]; grants: readonly GrantId[] },
): Promise<ReadonlyMap<string, Proof>> {
  const ids: readonly string[] = [...named.transfers, ...named.grants];
  if (ids.length === 0) return new Map();
  const { statements } = await keys.shred(named);
  return new Map(
    statements.map((statement, at) => [
      ids[at] ?? "",
      { payloadHash: sha256(statement), detail: { statement: base64UrlText(statement) } },
    ]),
  );
}

function proofOf(proofs: ReadonlyMap<string, Proof>, id: string): Proof {
  const proof = proofs.get(id);
  if (proof === undefined) throw new Error("the key service shredded and said nothing");
  return proof;
}

function byOrganisation<Item extends { readonly organisation: OrganisationId }>(
  items: readonly Item[],
): ReadonlyMap<OrganisationId, readonly Item[]> {
  return Map.groupBy(items, ({ organisation }) => organisation);
}
