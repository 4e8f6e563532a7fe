/** When the ledger last grew: the one clock that the key service is told of besides its own. */
import type { View } from "../store.ts";

/** Milliseconds since the Unix epoch; null as long as it is empty. */
export async function lastEntryAt(view: View): Promise<number | null> {
  const [last] = await view.leavesFrom(Math.max(0, (await view.sequencedCount()) - 1), 1);
  return last?.at ?? null;
}
