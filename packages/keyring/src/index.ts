/** Floor 2: the key service's ring, journal, releases, destruction and messages. Pure: storage comes in as a port. */
export * from "./authorisation.ts";
export * from "./channel.ts";
export { HASH_BYTES, SIGNATURE_BYTES, SIGNING_KEY_BYTES } from "./encoding.ts";
export * from "./errors.ts";
export type { NamedShares } from "./id-list.ts";
export * from "./inventory.ts";
export * from "./key-service.ts";
export * from "./limits.ts";
export type { LedgerState } from "./ledger-watch.ts";
export * from "./messages.ts";
export * from "./nonce-memory.ts";
export * from "./ring-store.ts";
export * from "./sealed-journal.ts";
export * from "./sealed-ring.ts";
export * from "./statement.ts";
