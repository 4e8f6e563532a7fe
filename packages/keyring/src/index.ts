/** Floor 2: the key service's ring, journal, releases, destruction and messages. Pure: storage comes in as a port. */
export * from "./authorisation.ts";
export * from "./channel.ts";
export {
  type ClockConfirmation,
  CONFIRMATION_LIFE_MS,
  CUSTODIANS_NEEDED,
  signClockConfirmation,
} from "./clock-confirmation.ts";
export {
  CHECKPOINT_AGE_LIMIT_MS,
  CLOCK_TOLERANCE_MS,
  type ClockState,
  DOWNTIME_LIMIT_MS,
  HIGH_WATER_STEP_MS,
  SETTLING_MS,
} from "./clock-guard.ts";
export { HASH_BYTES, SIGNATURE_BYTES, SIGNING_KEY_BYTES } from "./encoding.ts";
export * from "./errors.ts";
export type { NamedHold } from "./holds.ts";
export { HOLD_LIMIT } from "./ring.ts";
export type { NamedShares } from "./id-list.ts";
export * from "./inventory.ts";
export { keyLogKey } from "./key-log.ts";
export * from "./key-service.ts";
export * from "./limits.ts";
export type { LedgerState } from "./ledger-watch.ts";
export * from "./messages.ts";
export * from "./nonce-memory.ts";
export * from "./ring-store.ts";
export * from "./sealed-journal.ts";
export * from "./sealed-ring.ts";
export * from "./statement.ts";
