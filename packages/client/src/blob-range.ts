/** Ranges of the blob by short-lived URL; a fresh URL is asked for when one is about to end or was refused. */
import { problemOf, unreachable } from "@safeconduct/contract";
import type { ReadBlobRange } from "@safeconduct/envelope";
import { type Bytes, isProblem } from "@safeconduct/foundation";
import { clientProblem } from "./errors.ts";
import { persistently } from "./persistence.ts";
import type { ClientPorts } from "./ports.ts";

interface BlobTarget {
  readonly url: string;
  readonly expiresAt: number;
}

type BlobPorts = Pick<ClientPorts, "fetch" | "fillRange" | "wait">;

const PARTIAL_CONTENT = 206;
const FORBIDDEN = 403;
/** A range that keeps arriving in another length than asked for. */
const SHORT_LIMIT = 5;
/** About as much as a browser passes on at once. */
const PIECE_BYTES = 256 * 1024;

export function blobRangeReader(
  ports: BlobPorts,
  fresh: () => Promise<BlobTarget>,
  first: BlobTarget,
  signal?: AbortSignal,
): ReadBlobRange {
  let target = first;
  const options = signal === undefined ? {} : { signal };

  const attempt = async (offset: number, length: number, memory: Bytes): Promise<Bytes | null> => {
    if ((await ports.fillRange?.(target.url, { offset, memory, ...options })) === true) return memory;
    const response = await fetchRange(ports, target.url, { offset, length, ...options });
    if (response.status === FORBIDDEN) {
      target = await fresh();
      return null;
    }
    if (!response.ok) throw await problemOf(response);
    if (response.status !== PARTIAL_CONTENT) {
      // The whole blob perhaps, which is not wanted here.
      response.body?.cancel().catch(() => undefined);
      return null;
    }
    return (await filledBy(response, memory)) ? memory : null;
  };
  return async (offset, length, memory = new Uint8Array(length)) => {
    if (length === 0) return memory;
    for (let tries = 0; tries < SHORT_LIMIT; tries++) {
      const bytes = await persistently(ports, () => attempt(offset, length, memory), options);
      if (bytes !== null) return bytes;
    }
    throw clientProblem("client/damaged-transfer");
  };
}

async function fetchRange(
  ports: BlobPorts,
  url: string,
  { offset, length, signal }: { offset: number; length: number; signal?: AbortSignal },
): Promise<Response> {
  try {
    return await ports.fetch(url, {
      headers: { range: `bytes=${offset}-${offset + length - 1}` },
      cache: "no-store",
      redirect: "error",
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    throw signal?.aborted === true || isProblem(error) ? error : unreachable();
  }
}

/** Whether the body has exactly the length of `memory`, which it is read into; what comes beyond is not read. */
async function filledBy(response: Response, memory: Bytes): Promise<boolean> {
  if (response.body === null) return false;
  const pieces = piecesOf(response.body);
  try {
    for (let at = 0; ; ) {
      const piece = await pieces.next();
      if (piece === null) return at === memory.length;
      if (at + piece.length > memory.length) {
        // Not awaited: a stream that hangs must not hang us.
        pieces.cancel().catch(() => undefined);
        return false;
      }
      memory.set(piece, at);
      at += piece.length;
    }
  } catch {
    throw unreachable();
  }
}

interface Pieces {
  /** Null at the end. A piece is gone when the next is asked for. */
  next(): Promise<Uint8Array | null>;
  cancel(): Promise<void>;
}

/** Through one piece of memory, where the platform's bodies allow it: of fresh memory for each piece a hundred megabytes wait for the collector. */
function piecesOf(body: ReadableStream<Uint8Array>): Pieces {
  try {
    const reader = body.getReader({ mode: "byob" });
    let memory = new ArrayBuffer(PIECE_BYTES);
    return {
      async next() {
        const { value, done } = await reader.read(new Uint8Array(memory));
        if (done || value === undefined) return null;
        memory = value.buffer;
        return value;
      },
      cancel: () => reader.cancel(),
    };
  } catch {
    const reader = body.getReader();
    return {
      async next() {
        const { value, done } = await reader.read();
        return done ? null : value;
      },
      cancel: () => reader.cancel(),
    };
  }
}
