/** Ranges of the blob by short-lived URL; a fresh URL is asked for when one is about to end or was refused. */
import { boundedBody, problemOf } from "@safeconduct/contract";
import type { ReadBlobRange } from "@safeconduct/envelope";
import { type Bytes, type GrantId, isProblem, Problem } from "@safeconduct/foundation";
import { clientProblem } from "./errors.ts";
import { persistently } from "./persistence.ts";
import type { ClientPorts } from "./ports.ts";

interface BlobTarget {
  readonly url: string;
  readonly expiresAt: number;
}

const PARTIAL_CONTENT = 206;
const FORBIDDEN = 403;
/** A range that keeps arriving in another length than asked for. */
const SHORT_LIMIT = 5;

export function blobRangeReader(
  ports: ClientPorts,
  grant: GrantId,
  first: BlobTarget,
  signal?: AbortSignal,
): ReadBlobRange {
  let target = first;
  const options = signal === undefined ? {} : { signal };

  const attempt = async (offset: number, length: number): Promise<Bytes | null> => {
    const response = await fetchRange(ports, target.url, { offset, length, ...options });
    if (response.status === FORBIDDEN) {
      target = await ports.api.call("blobTarget", { path: { grant }, ...options });
      return null;
    }
    if (!response.ok) throw await problemOf(response);
    if (response.status !== PARTIAL_CONTENT) {
      // The whole blob perhaps, which is not wanted here.
      response.body?.cancel().catch(() => undefined);
      return null;
    }
    const bytes = await bodyOf(response, length);
    return bytes?.length === length ? bytes : null;
  };
  return async (offset, length) => {
    if (length === 0) return new Uint8Array(0);
    for (let tries = 0; tries < SHORT_LIMIT; tries++) {
      const bytes = await persistently(ports, () => attempt(offset, length), options);
      if (bytes !== null) return bytes;
    }
    throw clientProblem("client/damaged-transfer");
  };
}

async function fetchRange(
  ports: ClientPorts,
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

/** Null when more comes than was asked for: a body without end must not fill the memory. */
async function bodyOf(response: Response, length: number): Promise<Bytes | null> {
  try {
    return await boundedBody(response, length);
  } catch {
    throw unreachable();
  }
}

export const unreachable = (): Problem =>
  new Problem("http/unreachable", "The server cannot be reached. Check the connection and try again.");
