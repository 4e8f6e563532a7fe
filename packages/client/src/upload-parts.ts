/** Encrypts part after part and puts them, a few in flight at a time, so that neither the processor nor the network waits. */
import { boundedJson, heldPart, PROBLEM_LIMIT_BYTES, problemOf, unreachable } from "@safeconduct/contract";
import type { EncryptedPart, PackagePlan, PartRecord } from "@safeconduct/envelope";
import { base64UrlText, type Bytes, isProblem, type TransferId } from "@safeconduct/foundation";
import { clientProblem } from "./errors.ts";
import { PartTargets } from "./part-targets.ts";
import { persistently } from "./persistence.ts";
import type { ClientPorts } from "./ports.ts";
import type { SendProgress } from "./progress.ts";

/** Ciphertext in memory, on its way and being made; of parts of more than half of this there is one at a time. */
const MEMORY_BYTES = 40 * 1024 * 1024;
const FORBIDDEN = 403;
const DAMAGE_LIMIT = 5;

/** Resolves when every part is durably stored. The first failure ends it and stops what is in flight. */
export async function uploadParts(
  ports: ClientPorts,
  {
    transfer,
    plan,
    encryptPart,
    onStored,
  }: {
    transfer: TransferId;
    plan: PackagePlan;
    /** `memory` takes the part. Null: the server holds it already. */
    encryptPart: (number: number, memory: Bytes) => Promise<EncryptedPart | null>;
    onStored?: (part: PartRecord) => Promise<void>;
  },
  { signal, onProgress, onRetry }: SendProgress,
): Promise<void> {
  const stop = new AbortController();
  const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const lanes = new Set<Promise<void>>();
  // Used again and again: fresh memory for each part would pile up faster than it is collected (300 MB, measured).
  const partBytes = Math.max(...plan.parts.map(({ sizeBytes }) => sizeBytes));
  const memoryCount = Math.max(1, Math.floor(MEMORY_BYTES / partBytes));
  const free: Bytes[] = [];
  const freeMemory = async (): Promise<Bytes> => {
    while (free.length === 0 && lanes.size >= memoryCount) await Promise.race(lanes);
    return free.pop() ?? new Uint8Array(partBytes);
  };
  const targets = new PartTargets(ports, transfer, plan.parts);
  let storedBytes = 0;
  try {
    const stored = (sizeBytes: number) => {
      storedBytes += sizeBytes;
      onProgress?.({ storedBytes, totalBytes: plan.blobLengthBytes });
    };
    for (const { number, sizeBytes } of plan.parts) {
      either.throwIfAborted();
      const memory = await freeMemory();
      const part = await encryptPart(number, memory);
      if (part === null) {
        stored(sizeBytes);
        free.push(memory);
        continue;
      }
      const lane = putPart(ports, { targets, part, signal: either, ...(onRetry ? { onRetry } : {}) }).then(async () => {
        await onStored?.(part);
        stored(part.sizeBytes);
        lanes.delete(lane);
        free.push(memory);
      });
      lanes.add(lane);
      // Whoever awaits the lanes hears of a failure; until then it must not count as unhandled.
      lane.catch(() => undefined);
    }
    await Promise.all(lanes);
  } finally {
    stop.abort();
    await Promise.allSettled(lanes);
  }
}

interface Putting extends Pick<SendProgress, "onRetry"> {
  readonly targets: PartTargets;
  readonly part: EncryptedPart;
  readonly signal: AbortSignal;
}

async function putPart(ports: ClientPorts, putting: Putting): Promise<void> {
  const { signal, onRetry } = putting;
  for (let tries = 0; tries < DAMAGE_LIMIT; tries++) {
    if (await persistently(ports, () => putOnce(ports, putting), { signal, ...(onRetry ? { onRetry } : {}) })) return;
  }
  throw clientProblem("client/damaged-transfer");
}

/** False when the URL was too old or other bytes arrived than were sent: a fresh URL and the same bytes again. */
async function putOnce(ports: ClientPorts, { targets, part, signal }: Putting): Promise<boolean> {
  const { number, sizeBytes, bytes, sha256 } = part;
  const target = await targets.take(number, signal);
  const response = await ports
    .fetch(target.url, {
      method: target.method,
      headers: target.headers,
      body: bytes,
      redirect: "error",
      signal,
    })
    .catch((error: unknown) => {
      throw signal.aborted || isProblem(error) ? error : unreachable();
    });
  if (response.status === FORBIDDEN) return false;
  if (!response.ok) throw await problemOf(response);
  const stored = heldPart.safeParse(await boundedJson(response, PROBLEM_LIMIT_BYTES));
  return stored.success && stored.data.sizeBytes === sizeBytes && stored.data.sha256 === base64UrlText(sha256);
}
