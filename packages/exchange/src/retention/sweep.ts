/**
 * What time brings, at its hour or after a downtime: grants expire, drafts are abandoned, shares are shredded, blobs deleted.
 * Work is done in batches: one transaction and one place in the ledger's queue for many grants, one new ring for many shares.
 * Every batch stands alone and may be repeated: a crash between two leaves work for the next sweep, never a half-told state.
 */
import { type Clock, isProblem } from "@safeconduct/foundation";
import { tellHold } from "../holds/place-hold.ts";
import type { Perform } from "../ledger/performer.ts";
import type { GrantRecord, HoldRecord, TransferRecord } from "../records.ts";
import type { Store, Transaction } from "../store.ts";
import { endGrant, isLive } from "../transfers/end-transfer.ts";
import { DRAFT_LIFE_MS } from "../transfers/limits.ts";
import type { DestructionCause } from "./cause.ts";
import { destroyGrants, destroyTransfers, type DestructionPorts } from "./destruction.ts";
import { type LaneRun, runLane, type Undone } from "./lanes.ts";

/** Grants that end in one transaction: some tens of milliseconds, in which no other transaction runs on SQLite. */
const END_BATCH = 50;
/** Shares that go with one new ring. Each batch of transfers also deletes as many blobs. */
const DESTROY_BATCH = 100;

export interface RetentionRules {
  /** Between expiry (release is denied at once) and destruction: 0 or more milliseconds. */
  readonly expiryGraceMs: number;
  /** No batch begins after this time; without it everything due is done. */
  readonly budgetMs?: number;
}

interface Deps extends DestructionPorts {
  readonly clock: Clock;
}

/**
 * Does what is due, kind by kind in turns. True when time was over before the work. Rejects with the first failure after
 * having tried everything that could be; what is done stays done.
 */
export async function sweep(deps: Deps, rules: RetentionRules): Promise<boolean> {
  const { store, clock } = deps;
  const now = clock.now();
  const until = clock.monotonic() + (rules.budgetMs ?? Number.MAX_SAFE_INTEGER);
  const lanes = [
    runLane({
      batchLimit: END_BATCH,
      take: (limit) => store.read((view) => view.grantsPastEnd(now, limit)),
      act: (grants) => endByTime(deps, grants, rules),
    }),
    runLane({
      batchLimit: END_BATCH,
      take: (limit) => store.read((view) => view.draftsOlderThan(now - DRAFT_LIFE_MS, limit)),
      act: (drafts) => abandonDrafts(deps, drafts),
    }),
    // Before anything is destroyed: what is kept must be kept by the key service too.
    runLane({
      batchLimit: END_BATCH,
      take: (limit) => store.read((view) => view.holdsToTell(limit)),
      act: (holds) => tellHolds(deps, holds),
    }),
    // What time brings stands still while clocks disagree; what somebody ordered goes on.
    ...destructionLanes(deps, now, "order"),
    ...destructionLanes(deps, now, "time"),
  ];
  let hasMore = true;
  while (hasMore && clock.monotonic() < until) {
    hasMore = false;
    for (const lane of lanes) hasMore = (await lane.step()) || hasMore;
  }
  const failures = lanes.flatMap((lane) => lane.failures);
  await forgetExpired(deps, now).catch((error: unknown) => failures.push(error));
  await catchUpLedger(deps).catch((error: unknown) => failures.push(error));
  // That the clock stops one kind of work must not hide that another cannot be done at all.
  if (failures.length > 0) throw failures.find((failure) => !isClockStopped(failure)) ?? failures[0];
  return hasMore;
}

function destructionLanes(deps: Deps, now: number, cause: DestructionCause): readonly LaneRun[] {
  const { store } = deps;
  return [
    runLane({
      batchLimit: DESTROY_BATCH,
      take: (limit) => store.read((view) => view.grantsToDestroy(now, limit, cause)),
      act: (grants) => destroyGrants(deps, grants),
    }),
    runLane({
      batchLimit: DESTROY_BATCH,
      take: (limit) => store.read((view) => view.transfersToDestroy(now, limit, cause)),
      act: (transfers) => destroyTransfers(deps, transfers),
    }),
  ];
}

const isClockStopped = (failure: unknown) => isProblem(failure) && failure.code === "keys/clock-stopped";

/** In one transaction, decided for each grant as it stands then. */
async function endByTime(
  { perform, keys }: Pick<Deps, "perform" | "keys">,
  grants: readonly GrantRecord[],
  { expiryGraceMs }: RetentionRules,
): Promise<readonly Undone[]> {
  const closed: GrantRecord[] = [];
  const undone = await perform(async (tx, now) => {
    closed.length = 0;
    const end = async ({ id }: GrantRecord) => {
      const grant = await tx.findGrant(id);
      const transfer = grant && (await tx.findTransfer(grant.transfer));
      if (!grant || !transfer || !isLive(grant) || now < grant.endsAt) return null;
      const by = { transfer, grant, at: now, actor: { kind: "system" } } as const;
      if (grant.endsAt === grant.notAfter)
        return endGrant(tx, { ...by, end: "expired", destroyDueAt: now + expiryGraceMs });
      closed.push(grant);
      // Its grace was before: the receipt began it.
      return endGrant(tx, { ...by, end: "closed", destroyDueAt: now });
    };
    return gathered(grants, end);
  });
  // The key service knows nothing of receipts, so it is told to deny, as at a revocation. The database denies already.
  for (const [organisation, of] of Map.groupBy(closed, (grant) => grant.organisation))
    await keys.suspend({ organisation, transfers: [], grants: of.map(({ id }) => id) }).catch(() => undefined);
  return undone;
}

async function tellHolds(deps: Deps, holds: readonly HoldRecord[]): Promise<readonly Undone[]> {
  for (const hold of holds) await tellHold(deps, hold);
  return [];
}

function abandonDrafts(
  { perform }: { perform: Perform },
  drafts: readonly TransferRecord[],
): Promise<readonly Undone[]> {
  return perform(async (tx, now) => gathered(drafts, ({ id }) => abandon(tx, id, now)));
}

async function abandon(tx: Transaction, id: TransferRecord["id"], now: number) {
  const transfer = await tx.findTransfer(id);
  if (transfer?.state !== "draft") return null;
  await tx.updateTransfer(id, { state: "abandoned", endedAt: now, destroyDueAt: now });
  const { organisation } = transfer;
  return [{ type: "transfer/abandoned", actor: { kind: "system" }, organisation, transfer } as const];
}

/** One decision out of many: the entries of all, and the ids of those for which there was nothing to do. */
async function gathered<Item extends { readonly id: string }, Each>(
  items: readonly Item[],
  decide: (item: Item) => Promise<readonly Each[] | null>,
): Promise<{ entries: Each[]; value: Undone[] }> {
  const entries: Each[] = [];
  const value: Undone[] = [];
  for (const item of items) {
    const made = await decide(item);
    if (made === null) value.push({ id: item.id });
    else entries.push(...made);
  }
  return { entries, value };
}

/** What was committed while the ledger was away had its state and its entry, and nothing to bring it into the tree. */
function catchUpLedger({ perform }: { perform: Perform }): Promise<void> {
  return perform(async () => ({ entries: [], value: undefined }));
}

/** Sessions that ended by time are of no use to anybody. */
function forgetExpired({ store }: { store: Store }, now: number): Promise<void> {
  return store.transaction((tx) => tx.forgetExpired(now));
}
