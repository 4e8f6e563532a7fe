/** Runs the sweep when something is due: soon after start, within a second of its time, and at once when asked. */
import type { Store } from "@safeconduct/exchange";
import type { Clock } from "@safeconduct/foundation";
import { failureKind, type Log } from "./log.ts";

const LOOK_EVERY_MS = 1000;
/** After a failure (key service away, disk full) the next try waits a little. */
const RETRY_AFTER_MS = 5000;

export interface Sweeper {
  /** Sweeps now; resolves when it is done, also when it failed (which is logged). */
  sweepNow(): Promise<void>;
  /** Waits for a running sweep, then stops. */
  stop(): Promise<void>;
}

export function startSweeper({
  store,
  clock,
  log,
  sweep,
}: {
  store: Store;
  clock: Clock;
  log: Log;
  sweep: () => Promise<void>;
}): Sweeper {
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  let notBefore = 0;

  const attempt = async () => {
    try {
      await sweep();
    } catch (error) {
      notBefore = clock.monotonic() + RETRY_AFTER_MS;
      log({ event: "sweep/failed", failure: failureKind(error) });
    }
  };
  // One after the other: two sweeps at once would do everything twice.
  const sweepNow = () => {
    running = running.then(attempt);
    return running;
  };
  const look = async () => {
    if (clock.monotonic() < notBefore) return;
    const due = await store.read((view) => view.nextDueAt(clock.now())).catch(() => null);
    if (due !== null && due <= clock.now()) await sweepNow();
  };
  const timer = setInterval(() => {
    if (!stopped) void look();
  }, LOOK_EVERY_MS);
  return {
    sweepNow,
    async stop() {
      stopped = true;
      clearInterval(timer);
      await running;
    },
  };
}
