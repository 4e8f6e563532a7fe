/**
 * How long an account waits after failures (SP 800-63B-4 §3.2.2, rate limiting). The wait is short at first, because
 * the one who mistypes is mostly the owner, and bounded, because a stranger can cause it.
 */

/** Failures in a row before the first wait. */
const FREE_FAILURES = 5;
const FIRST_WAIT_MS = 30_000;
export const LONGEST_WAIT_MS = 15 * 60_000;

/** Milliseconds to wait after `failures` in a row: 0 up to the fourth, then 30 s, doubling to 15 min. */
export function waitAfterMs(failures: number): number {
  if (failures < FREE_FAILURES) return 0;
  return Math.min(FIRST_WAIT_MS * 2 ** (failures - FREE_FAILURES), LONGEST_WAIT_MS);
}

/**
 * Whether an account that waits until `waitUntil` still does at `now`. A wait that is longer than any we set comes from
 * a clock that was ahead and has been put right; it must not lock the owner out until that day.
 */
export function isWaiting(waitUntil: number, now: number): boolean {
  const leftMs = waitUntil - now;
  return leftMs > 0 && leftMs <= LONGEST_WAIT_MS;
}
