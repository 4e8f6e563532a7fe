/** Remembers the nonces of accepted requests for as long as their time could be accepted again. */
import { type Bytes, hexText } from "@safeconduct/foundation";
import { NONCE_LIMIT, REQUEST_WINDOW_MS } from "./channel.ts";

/** A nonce first seen now may come again with a time up to a window ahead, for a window after that. */
const MEMORY_MS = 2 * REQUEST_WINDOW_MS;

export type NonceVerdict = "fresh" | "replayed" | "stale" | "full";

export class NonceMemory {
  /** Elapsed time at which each nonce is forgotten, in order of arrival, so the first is the first to go. */
  private readonly seen = new Map<string, number>();
  private readonly started: { readonly wall: number; readonly elapsed: number };
  private readonly limit: number;

  /** `started`: wall clock and elapsed time before the first request could come. */
  constructor(started: { wall: number; elapsed: number }, limit: number = NONCE_LIMIT) {
    this.started = started;
    this.limit = limit;
  }

  /**
   * Whether a request of `time` may be carried out at `now`; remembers it if so. Ask only after its signature held.
   * The nonces of an earlier process are not known, so what was signed before this one started is stale: a resumption that was
   * recorded then must not undo a suspension that came after it. Memory goes by elapsed time: a jump of the clock must not
   * cut it short.
   */
  accept({ nonce, time, now, elapsed }: { nonce: Bytes; time: number; now: number; elapsed: number }): NonceVerdict {
    if (Math.abs(now - time) > REQUEST_WINDOW_MS) return "stale";
    const { started } = this;
    // Not where the clock was put back since: that must not shut everybody out.
    const mayBeOlder = elapsed - started.elapsed <= MEMORY_MS && now >= started.wall;
    if (mayBeOlder && time < started.wall) return "stale";
    for (const [known, expiry] of this.seen) {
      if (expiry >= elapsed) break;
      this.seen.delete(known);
    }
    const key = hexText(nonce);
    if (this.seen.has(key)) return "replayed";
    if (this.seen.size >= this.limit) return "full";
    this.seen.set(key, elapsed + MEMORY_MS);
    return "fresh";
  }
}
