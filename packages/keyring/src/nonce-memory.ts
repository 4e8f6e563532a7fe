/** Remembers the nonces of accepted requests for as long as their time could be accepted again. */
import { type Bytes, hexText } from "@safeconduct/foundation";
import { NONCE_LIMIT, REQUEST_WINDOW_MS } from "./channel.ts";

/** A nonce first seen at `now` may come again with a time up to a window ahead, for a window after that. */
const MEMORY_MS = 2 * REQUEST_WINDOW_MS;

export type NonceVerdict = "fresh" | "replayed" | "stale" | "full";

export class NonceMemory {
  /** Expiry of each nonce, in order of arrival, so the first is the first to go. */
  private readonly seen = new Map<string, number>();
  private readonly limit: number;

  constructor(limit: number = NONCE_LIMIT) {
    this.limit = limit;
  }

  /** Whether a request of `time` may be carried out at `now`; remembers it if so. Ask only after its signature held. */
  accept({ nonce, time, now }: { nonce: Bytes; time: number; now: number }): NonceVerdict {
    if (Math.abs(now - time) > REQUEST_WINDOW_MS) return "stale";
    for (const [known, expiry] of this.seen) {
      if (expiry >= now) break;
      this.seen.delete(known);
    }
    const key = hexText(nonce);
    if (this.seen.has(key)) return "replayed";
    if (this.seen.size >= this.limit) return "full";
    this.seen.set(key, now + MEMORY_MS);
    return "fresh";
  }
}
