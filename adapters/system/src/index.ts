/** Floor 3: the machine's clock and its source of chance. */
import { getRandomValues } from "node:crypto";
import { uptime } from "node:os";
import type { Clock, Random } from "@safeconduct/foundation";

export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
  };
}

/**
 * As {@link systemClock}, but its monotonic clock goes on while the machine sleeps, so that waking up is no jump of the wall
 * clock. It may count whole seconds only.
 */
export function sleeplessClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => uptime() * 1000,
  };
}

/** `getRandomValues` refuses more at once (W3C Web Cryptography API §10.1.1). */
const RANDOM_BLOCK_BYTES = 65_536;

/** The operating system's generator. */
export function systemRandom(): Random {
  return {
    bytes(length) {
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length; at += RANDOM_BLOCK_BYTES) {
        getRandomValues(bytes.subarray(at, at + RANDOM_BLOCK_BYTES));
      }
      return bytes;
    },
  };
}
