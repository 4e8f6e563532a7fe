/** Runs work that time brings: again and again, one run after the other, and at once when asked. */
import type { Clock } from "@safeconduct/foundation";

const EVERY_MS = 1000;
/** After a failure (key service away, disk full) the next try waits a little. */
const RETRY_AFTER_MS = 5000;

export interface Ticker {
  /** Runs the work now; resolves when it is done, also when it failed (which was told to `onFailure`). */
  runNow(): Promise<void>;
  /** Waits for a running one, then stops. */
  stop(): Promise<void>;
}

/** The first run is `everyMs` from now. */
export function startTicker({
  clock,
  work,
  onFailure,
  everyMs = EVERY_MS,
}: {
  clock: Clock;
  /** True when more is to be done: the next run follows at once. */
  work: () => Promise<boolean>;
  onFailure: (error: unknown) => void;
  everyMs?: number;
}): Ticker {
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  let notBefore = 0;
  let busy = false;

  const attempt = async () => {
    busy = true;
    try {
      if ((await work()) && !stopped) void runNow();
    } catch (error) {
      notBefore = clock.monotonic() + RETRY_AFTER_MS;
      onFailure(error);
    } finally {
      busy = false;
    }
  };
  // One after the other: two at once would do everything twice.
  const runNow = () => {
    running = running.then(attempt);
    return running;
  };
  // Work with nothing to do is a few look-ups by index.
  const timer = setInterval(() => {
    if (!stopped && !busy && clock.monotonic() >= notBefore) void runNow();
  }, everyMs);
  return {
    runNow,
    async stop() {
      stopped = true;
      clearInterval(timer);
      await running;
    },
  };
}

/** Waits for `work`, but not for longer than `limitMs`: whoever stops must not hang on a server far away. */
export async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([work, limit]).finally(() => clearTimeout(timer));
}
