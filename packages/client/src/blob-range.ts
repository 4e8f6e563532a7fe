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
  const reader = response.body?.getReader();
  if (reader === undefined) return false;
  try {
    for (let at = 0; ; ) {
      const { value, done } = await reader.read();
      if (done) return at === memory.length;
      if (at + value.length > memory.length) {
        // Not awaited: a stream that hangs must not hang us.
        reader.cancel().catch(() => undefined);
        return false;
      }
      memory.set(value, at);
      at += value.length;
    }
  } catch {
    throw unreachable();
  }
}
