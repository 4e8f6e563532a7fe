/**
 * Lanes of due work that take turns, a batch each: ten thousand expiries do not keep one destruction waiting, and one bad item
 * keeps nobody waiting. What was tried in vain is remembered until the end of the sweep, up to a bound.
 */
import { isProblem } from "@safeconduct/foundation";

/** One kind of due work. */
export interface Lane<Item extends { readonly id: string }> {
  readonly batchLimit: number;
  /** The first `limit` items that are due. */
  take(limit: number): Promise<readonly Item[]>;
  /** Acts on a batch. Answers what stays due; rejects if nothing could be done at all. */
  act(items: readonly Item[]): Promise<readonly Undone[]>;
}

/** An item that stays due. No `failure`: there was nothing to do for it now. */
export interface Undone {
  readonly id: string;
  readonly failure?: unknown;
}

/** A lane at work in one sweep. */
export interface LaneRun {
  readonly failures: readonly unknown[];
  /** One batch. False when there was none, or the lane is over for this sweep. Never rejects. */
  step(): Promise<boolean>;
}

/** Items that one lane tries in vain in one sweep before it leaves the rest to the next. */
const STUCK_LIMIT = 1000;

/** Problems of the world outside, not of an item: the next item would meet the same. */
const OUTAGE = /^((keys|ledger|store)\/(unavailable|busy|full)|keys\/clock-stopped)$/;

export function runLane<Item extends { readonly id: string }>(lane: Lane<Item>): LaneRun {
  const stuck = new Set<string>();
  const failures: unknown[] = [];
  let isOver = false;
  const nextBatch = async () => {
    const batch = (await lane.take(lane.batchLimit + stuck.size)).filter(({ id }) => !stuck.has(id));
    for (const { id, failure } of batch.length === 0 ? [] : await actOn(lane, batch)) {
      stuck.add(id);
      if (failure !== undefined) failures.push(failure);
    }
    return batch.length > 0;
  };
  return {
    failures,
    async step() {
      if (isOver || stuck.size >= STUCK_LIMIT) return false;
      try {
        return await nextBatch();
      } catch (error) {
        failures.push(error);
        isOver = true;
        return false;
      }
    },
  };
}

/** The batch as a whole, or, when an item spoils it, each half by itself, down to that item. Rejects with an outage. */
async function actOn<Item extends { readonly id: string }>(
  lane: Lane<Item>,
  batch: readonly Item[],
): Promise<readonly Undone[]> {
  try {
    return await lane.act(batch);
  } catch (failure) {
    if (isOutage(failure)) throw failure;
    const [item] = batch;
    if (item === undefined) throw failure;
    if (batch.length === 1) return [{ id: item.id, failure }];
  }
  const middle = batch.length >> 1;
  return [...(await actOn(lane, batch.slice(0, middle))), ...(await actOn(lane, batch.slice(middle)))];
}

const isOutage = (error: unknown): boolean => isProblem(error) && OUTAGE.test(error.code);
