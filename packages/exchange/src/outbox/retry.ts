/** When a delivery that failed is tried again: ever later, and not in step with others that failed at the same moment. */
import type { Random } from "@safeconduct/foundation";

export const FIRST_RETRY_MS = 4_000;
export const LONGEST_RETRY_MS = 5 * 60_000;

/** Milliseconds after failure number `attempts` (from 1): between half and all of a delay that doubles up to its bound. */
export function retryDelayMs(attempts: number, random: Random): number {
  const longest = Math.min(FIRST_RETRY_MS * 2 ** (attempts - 1), LONGEST_RETRY_MS);
  const share = new DataView(random.bytes(4).buffer).getUint32(0) / 2 ** 32;
  return Math.round((longest / 2) * (1 + share));
}
