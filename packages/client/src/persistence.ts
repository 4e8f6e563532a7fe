/** Trying again through lost networks and restarting servers, as long as somebody waits. Only what may be repeated comes here. */
import { isProblem, type Problem } from "@safeconduct/foundation";
import type { ClientPorts } from "./ports.ts";

/** Outages, not answers. Every call of the API that changes something may be repeated. */
const PASSING: ReadonlySet<string> = new Set([
  "http/unreachable",
  "http/unreadable",
  "keys/unavailable",
  "ledger/unavailable",
  "store/busy",
  "store/unavailable",
  "request/failed",
  "request/slow-down",
]);

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;
/** With the waits above about five minutes. */
const ATTEMPT_LIMIT = 36;

export const isPassing = (error: unknown): boolean => isProblem(error) && PASSING.has(error.code);

/** The result of `attempt`, which is tried again while it fails in passing. `onRetry` hears of each failure. */
export async function persistently<Result>(
  { wait }: Pick<ClientPorts, "wait">,
  attempt: () => Promise<Result>,
  { signal, onRetry }: { signal?: AbortSignal; onRetry?: (problem: Problem) => void } = {},
): Promise<Result> {
  for (let tries = 1; ; tries++) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (!isPassing(error) || tries >= ATTEMPT_LIMIT) throw error;
      onRetry?.(error as Problem);
      await wait(Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), LONGEST_WAIT_MS), signal);
    }
  }
}
