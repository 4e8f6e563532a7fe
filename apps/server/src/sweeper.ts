/** Runs the sweep: every second, and at once when asked. */
import type { Clock } from "@safeconduct/foundation";
import { failureKind, type Log } from "./log.ts";

const SWEEP_EVERY_MS = 1000;
/** After a failure (key service away, disk full) the next try waits a little. */
const RETRY_AFTER_MS = 5000;

export interface Sweeper {
  /** Sweeps now; resolves when it is done, also when it failed (which is logged). */
  sweepNow(): Promise<void>;
  /** Waits for a running sweep, then stops. */
  stop(): Promise<void>;
}

export function startSweeper({ clock, log, sweep }: { clock: Clock; log: Log; sweep: () => Promise<void> }): Sweeper {
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  let notBefore = 0;
  let busy = false;

  const attempt = async () => {
    busy = true;
    try {
      await sweep();
    } catch (error) {
      notBefore = clock.monotonic() + RETRY_AFTER_MS;
      log({ event: "sweep/failed", failure: failureKind(error) });
    } finally {
      busy = false;
    }
  };
  // One after the other: two sweeps at once would do everything twice.
  const sweepNow = () => {
    running = running.then(attempt);
    return running;
  };
  // A sweep with nothing to do is four look-ups by index.
  const timer = setInterval(() => {
    if (!stopped && !busy && clock.monotonic() >= notBefore) void sweepNow();
  }, SWEEP_EVERY_MS);
  return {
    sweepNow,
    async stop() {
      stopped = true;
      clearInterval(timer);
      await running;
    },
  };
}
