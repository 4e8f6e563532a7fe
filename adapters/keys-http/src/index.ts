/** The key service as the API reaches it. */
export * from "./key-service-client.ts";
export type { LedgerToShow } from "./shown-ledger.ts";
