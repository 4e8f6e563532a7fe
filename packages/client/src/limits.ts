/** Limits that several steps of a client share. */

/** How far this device's clock may be from the server's; the server forgives as much. */
export const CLOCK_SKEW_LIMIT_MS = 5 * 60 * 1000;
