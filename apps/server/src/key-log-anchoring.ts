/** When the key service's own log is anchored in the ledger, and what is said where it is not what it was. */
import { anchorKeyLog } from "@safeconduct/exchange";
import type { Clock } from "@safeconduct/foundation";
import type { Log } from "./log.ts";

/** An anchor a minute at most: between two, a key folder put back to an older state is found out by its own log alone. */
const ANCHOR_EVERY_MS = 60_000;

/** Work for a ticker. The first turn is at once, so that a key folder that was put back is told at the start. */
export function keyLogAnchoring(
  deps: Parameters<typeof anchorKeyLog>[0],
  { clock, log }: { clock: Clock; log: Log },
): () => Promise<boolean> {
  let alarmed: string | null = null;
  let notBefore = -Infinity;
  return async () => {
    if (clock.monotonic() < notBefore) return false;
    const anchoring = await anchorKeyLog(deps, { alarmed });
    notBefore = clock.monotonic() + ANCHOR_EVERY_MS;
    if (anchoring.outcome === "forked") {
      alarmed = anchoring.told;
      log({ event: "keys/log-forked" });
    }
    return false;
  };
}
