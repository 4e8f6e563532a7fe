/**
 * What time brings, at its hour or after a downtime: grants expire, drafts are abandoned, shares are shredded, blobs deleted.
 * Every step stands alone and may be repeated: a crash between two leaves work for the next sweep, never a half-told state.
 */
import { base64UrlText, type Clock, type Sha256, type TransferId } from "@safeconduct/foundation";
import type { KeyService } from "../keys/ports.ts";
import type { Perform } from "../ledger/performer.ts";
import type { GrantRecord, TransferRecord } from "../records.ts";
import type { BlobStore } from "../storage/ports.ts";
import type { Store } from "../store.ts";
import { endGrant, isLive } from "../transfers/end-transfer.ts";
import { DRAFT_LIFE_MS } from "../transfers/limits.ts";

const BATCH_LIMIT = 200;

export interface RetentionRules {
  /** Between expiry (release is denied at once) and destruction: 0 or more milliseconds. */
  readonly expiryGraceMs: number;
}

interface Deps {
  readonly store: Store;
  readonly perform: Perform;
  readonly keys: KeyService;
  readonly blobs: BlobStore;
  readonly sha256: Sha256;
  readonly clock: Clock;
}

/** Does everything that is due. Rejects with the first failure after having tried every item; what is done stays done. */
export async function sweep(deps: Deps, rules: RetentionRules): Promise<void> {
  const now = deps.clock.now();
  const failures: unknown[] = [];
  await each(
    failures,
    (limit) => deps.store.read((view) => view.grantsPastEnd(now, limit)),
    (grant) => expireGrant(deps, grant, rules),
  );
  await each(
    failures,
    (limit) => deps.store.read((view) => view.draftsOlderThan(now - DRAFT_LIFE_MS, limit)),
    (draft) => abandonDraft(deps, draft),
  );
  await each(
    failures,
    (limit) => deps.store.read((view) => view.grantsToDestroy(now, limit)),
    (grant) => destroyGrant(deps, grant),
  );
  await each(
    failures,
    (limit) => deps.store.read((view) => view.transfersToDestroy(now, limit)),
    (transfer) => destroyTransfer(deps, transfer.id),
  );
  await forgetExpired(deps, now).catch((error: unknown) => failures.push(error));
  await catchUpLedger(deps).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

/** Takes batches until one brings nothing new. One bad item, or a whole batch of them, must not keep the others waiting. */
async function each<Item extends { id: string }>(
  failures: unknown[],
  take: (limit: number) => Promise<readonly Item[]>,
  act: (item: Item) => Promise<void>,
): Promise<void> {
  const tried = new Set<string>();
  let stuck = 0;
  for (;;) {
    const fresh = (await take(BATCH_LIMIT + stuck)).filter((item) => !tried.has(item.id));
    if (fresh.length === 0) return;
    for (const item of fresh) {
      tried.add(item.id);
      await act(item).catch((error: unknown) => {
        stuck++;
        failures.push(error);
      });
    }
  }
}

function expireGrant({ perform }: Deps, { id }: GrantRecord, { expiryGraceMs }: RetentionRules): Promise<void> {
  return perform(async (tx, now) => {
    const grant = await tx.findGrant(id);
    const transfer = grant && (await tx.findTransfer(grant.transfer));
    if (!grant || !transfer || !isLive(grant) || now < grant.notAfter) return { entries: [], value: undefined };
    const entries = await endGrant(tx, {
      transfer,
      grant,
      end: "expired",
      at: now,
      destroyDueAt: now + expiryGraceMs,
      actor: { kind: "system" },
    });
    return { entries, value: undefined };
  });
}

function abandonDraft({ perform }: Deps, { id }: TransferRecord): Promise<void> {
  return perform(async (tx, now) => {
    const transfer = await tx.findTransfer(id);
    if (transfer?.state !== "draft") return { entries: [], value: undefined };
    await tx.updateTransfer(id, { state: "abandoned", endedAt: now, destroyDueAt: now });
    return {
      entries: [
        { type: "transfer/abandoned", actor: { kind: "system" }, organisation: transfer.organisation, transfer },
      ],
      value: undefined,
    };
  });
}

/** One recipient is out for good while others stay: G is shredded, F and the blob remain. */
async function destroyGrant({ perform, keys, sha256 }: Deps, grant: GrantRecord): Promise<void> {
  const proof = proven(
    sha256,
    await keys.shred({ organisation: grant.organisation, transfers: [], grants: [grant.id] }),
  );
  await perform(async (tx, now) => {
    const current = await tx.findGrant(grant.id);
    const transfer = await tx.findTransfer(grant.transfer);
    if (current === null || transfer === null || current.destroyedAt !== null) return { entries: [], value: undefined };
    await tx.updateGrant(grant.id, { destroyedAt: now });
    const entry = {
      type: "grant/destroyed",
      actor: { kind: "system" },
      organisation: grant.organisation,
      transfer,
      grant: grant.id,
      termsHash: grant.termsHash,
      ...proof,
    } as const;
    return { entries: [entry], value: undefined };
  });
}

/** Shares first, then the blob, then the word: when the entry stands, both are gone. */
export async function destroyTransfer({ store, perform, keys, blobs, sha256 }: Deps, id: TransferId): Promise<void> {
  const due = await store.read(async (view) => {
    const transfer = await view.findTransfer(id);
    return transfer?.destroyedAt === null ? transfer : null;
  });
  if (due === null) return;
  const { organisation } = due;
  // A transfer takes the shares of all its grants with it.
  const proof = proven(sha256, await keys.shred({ organisation, transfers: [id], grants: [] }));
  await blobs.delete(id);
  await perform(async (tx, now) => {
    const transfer = await tx.findTransfer(id);
    if (transfer === null || transfer.destroyedAt !== null) return { entries: [], value: undefined };
    await tx.updateTransfer(id, { state: "destroyed", destroyedAt: now });
    for (const grant of await tx.grantsOf(id)) {
      if (grant.destroyedAt === null)
        await tx.updateGrant(grant.id, { destroyedAt: now, endedAt: grant.endedAt ?? now });
    }
    await tx.deleteParts(id);
    const entry = {
      type: "transfer/destroyed",
      actor: { kind: "system" },
      organisation,
      transfer,
      ...proof,
    } as const;
    return { entries: [entry], value: undefined };
  });
}

/** The key service's signed statement goes into the event as it is, and its hash into the leaf: a certificate shows both. */
function proven(sha256: Sha256, { statements: [statement] }: Awaited<ReturnType<KeyService["shred"]>>) {
  if (statement === undefined) throw new Error("the key service shredded and said nothing");
  return { payloadHash: sha256(statement), detail: { statement: base64UrlText(statement) } };
}

/** What was committed while the ledger was away had its state and its entry, and nothing to bring it into the tree. */
function catchUpLedger({ perform }: Deps): Promise<void> {
  return perform(async () => ({ entries: [], value: undefined }));
}

/** Sessions that ended by time are of no use to anybody. */
function forgetExpired({ store }: Deps, now: number): Promise<void> {
  return store.transaction((tx) => tx.forgetExpired(now));
}
