/** What a client needs of its platform: cryptography, the network and a way to wait. */
import type { Client } from "@safeconduct/contract";
import type { CryptoPorts } from "@safeconduct/foundation";

export interface ClientPorts {
  readonly crypto: CryptoPorts;
  readonly api: Client;
  /** For blob URLs, which carry their own permission. */
  readonly fetch: typeof globalThis.fetch;
  /** Resolves after `milliseconds`; rejects when the signal is aborted. */
  readonly wait: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}
