/** What a client needs of its platform: cryptography, the network and a way to wait. */
import type { Client, RouteName } from "@safeconduct/contract";
import type { Bytes, CryptoPorts } from "@safeconduct/foundation";

/**
 * Fills `memory` with as many bytes of the blob from `offset` on. False for everything else, whatever it was, and then the
 * memory may hold anything. Never rejects.
 */
export type FillRange = (
  url: string,
  range: { readonly offset: number; readonly memory: Bytes; readonly signal?: AbortSignal },
) => Promise<boolean>;

/** What waits to be sent at a place where it takes no memory. */
export interface AsidePart {
  readonly body: Blob;
  /** It is not needed any more. */
  release(): void;
}

/** `Names` are the routes that are called: a page that loads no others can still ask for what needs only these. */
export interface ClientPorts<Names extends RouteName = RouteName> {
  readonly crypto: CryptoPorts;
  readonly api: Client<Names>;
  /** For blob URLs, which carry their own permission. */
  readonly fetch: typeof globalThis.fetch;
  /** A faster way to a range, tried first where there is one; `fetch` has the last word. */
  readonly fillRange?: FillRange;
  /** Puts a part aside: the memory of `bytes` is free when this resolves. Null where there is no such place. Never rejects. */
  readonly putAside?: (bytes: Bytes) => Promise<AsidePart | null>;
  /** Resolves after `milliseconds`; rejects when the signal is aborted. */
  readonly wait: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}
