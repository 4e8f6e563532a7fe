/**
 * Ranges of the encrypted blob over HTTP (RFC 9110 §14). The address is short-lived: it is renewed before it ends and
 * when it is refused. A lost connection is tried again a few times before the person is asked.
 */
import { problemOf } from "@safeconduct/contract";
import type { ReadBlobRange } from "@safeconduct/envelope";
import { type Bytes, Problem } from "@safeconduct/foundation";

export interface BlobTarget {
  readonly url: string;
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt: number;
}

export interface BlobRangesOptions {
  readonly target: BlobTarget;
  /** A fresh target; its problems are passed on. */
  readonly refresh: () => Promise<BlobTarget>;
  readonly fetch: typeof globalThis.fetch;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
}

export interface BlobRanges {
  /** Problems: `http/unreachable` when the tries are used up, and those of `refresh`. */
  readonly read: ReadBlobRange;
  /** Ends the reads that run now; they reject with the reason of an aborted signal. Later reads work again. */
  readonly abort: () => void;
}

/** Renewed this long before its end, so that a slow request does not meet it. */
const RENEW_BEFORE_MS = 5_000;
/** Milliseconds before each further try of a lost connection. */
export const PAUSES_MS: readonly number[] = [500, 2_000, 5_000];
/** How often in a row a target may be refused although it is fresh. */
export const REFUSALS_LIMIT = 2;

export function blobRanges({ target, refresh, fetch, now, pause }: BlobRangesOptions): BlobRanges {
  let current = target;
  let controller = new AbortController();

  async function read(offset: number, length: number): Promise<Bytes> {
    const { signal } = controller;
    let losses = 0;
    let refusals = 0;
    for (;;) {
      signal.throwIfAborted();
      if (now() >= current.expiresAt - RENEW_BEFORE_MS) current = await refresh();
      const found = await readOnce(current.url, { offset, length, signal });
      if (found instanceof Uint8Array) return found;
      if (found === "refused" && refusals < REFUSALS_LIMIT) {
        refusals++;
        current = await refresh();
        continue;
      }
      const wait = found === "lost" ? PAUSES_MS[losses++] : undefined;
      if (wait === undefined) throw unreachable();
      await pause(wait);
    }
  }

  async function readOnce(
    url: string,
    range: { offset: number; length: number; signal: AbortSignal },
  ): Promise<Bytes | "lost" | "refused"> {
    const { offset, length, signal } = range;
    try {
      const response = await fetch(url, {
        signal,
        headers: { range: `bytes=${offset}-${offset + length - 1}` },
        // The address itself is the permission; neither cookie nor cache has a part in it.
        credentials: "omit",
        cache: "no-store",
        redirect: "error",
      });
      if (response.status === 403 || response.status === 410) return "refused";
      if (response.status >= 500) return "lost";
      if (!response.ok) throw await problemOf(response);
      // A server that ignores the range would send the whole blob: it is not read into memory.
      if (response.status !== 206 && Number(response.headers.get("content-length")) !== length) throw unreachable();
      return new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof Problem) throw error;
      return "lost";
    }
  }

  return {
    read,
    abort() {
      controller.abort();
      controller = new AbortController();
    },
  };
}

const unreachable = (): Problem =>
  new Problem("http/unreachable", "The connection was lost. Check it and try again: the download begins anew.");
