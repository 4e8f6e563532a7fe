/** Encrypts part after part and puts them, a few in flight at a time, so that neither the processor nor the network waits. */
import { boundedJson, heldPart, PROBLEM_LIMIT_BYTES, problemOf, unreachable } from "@safeconduct/contract";
import type { BegunPart, PackagePlan, PartRecord } from "@safeconduct/envelope";
import { base64UrlText, type Bytes, isProblem, type TransferId } from "@safeconduct/foundation";
import { clientProblem } from "./errors.ts";
import { PartTargets } from "./part-targets.ts";
import { persistently } from "./persistence.ts";
import type { ClientPorts } from "./ports.ts";
import type { SendProgress } from "./progress.ts";

/** Ciphertext in memory, being made and on its way; of parts of more than half of this there is one at a time. */
const MEMORY_BYTES = 40 * 1024 * 1024;
const FORBIDDEN = 403;
const DAMAGE_LIMIT = 5;

/** Resolves when every part is durably stored. The first failure ends it and stops what is in flight. */
export async function uploadParts(
  ports: ClientPorts,
  {
    transfer,
    plan,
    beginPart,
    onStored,
  }: {
    transfer: TransferId;
    plan: PackagePlan;
    /** `memory` takes the part. Null: the server holds it already. */
    beginPart: (number: number, memory: Bytes) => Promise<BegunPart | null>;
    onStored?: (part: PartRecord) => Promise<void>;
  },
  { signal, onProgress, onRetry }: SendProgress,
): Promise<void> {
  const stop = new AbortController();
  const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const memories = new PartMemories(plan.parts);
  /** Every part from the end of its encryption on; those of them that are on their way: on a slow line more only makes each of them late. */
  const [lanes, putting] = [new Set<Promise<void>>(), new Set<Promise<void>>()];
  const targets = new PartTargets(ports, transfer, plan.parts);
  let storedBytes = 0;
  const stored = (sizeBytes: number) => {
    storedBytes += sizeBytes;
    onProgress?.({ storedBytes, totalBytes: plan.blobLengthBytes });
  };
  const put = async (record: PartRecord, body: PartBody): Promise<void> => {
    while (putting.size >= memories.limit) await Promise.race(putting);
    const sent = putPart(ports, { targets, record, body, signal: either, ...(onRetry ? { onRetry } : {}) });
    putting.add(sent);
    await sent;
    putting.delete(sent);
    await onStored?.(record);
    stored(record.sizeBytes);
  };
  /** From its memory to the store, by way of a place where it takes none if the platform has one. */
  const carry = async ({ bytes, record: hashing }: BegunPart, giveBack: () => void): Promise<void> => {
    const [record, aside] = await Promise.all([hashing, ports.putAside?.(bytes) ?? null]);
    if (aside !== null) giveBack();
    try {
      await put(record, aside?.body ?? bytes);
    } finally {
      aside?.release();
    }
    if (aside === null) giveBack();
  };
  try {
    for (const { number, sizeBytes } of plan.parts) {
      either.throwIfAborted();
      while (lanes.size >= 2 * memories.limit) await Promise.race(lanes);
      const memory = await memories.take(lanes);
      const part = await beginPart(number, memory);
      if (part === null) {
        stored(sizeBytes);
        memories.giveBack(memory);
        continue;
      }
      const lane = carry(part, () => memories.giveBack(memory)).then(() => {
        lanes.delete(lane);
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

/** Used again and again: fresh memory for each part would pile up faster than it is collected (300 MB, measured). */
class PartMemories {
  /** How many there are at most. */
  readonly limit: number;
  private readonly partBytes: number;
  private readonly free: Bytes[] = [];
  private readonly lent = new Map<Bytes, PromiseWithResolvers<void>>();

  constructor(parts: PackagePlan["parts"]) {
    this.partBytes = Math.max(...parts.map(({ sizeBytes }) => sizeBytes));
    this.limit = Math.max(1, Math.floor(MEMORY_BYTES / this.partBytes));
  }

  /** Rejects as soon as one of `lanes` does. */
  async take(lanes: ReadonlySet<Promise<void>>): Promise<Bytes> {
    while (this.lent.size >= this.limit)
      await Promise.race([...lanes, ...[...this.lent.values()].map(({ promise }) => promise)]);
    const memory = this.free.pop() ?? new Uint8Array(this.partBytes);
    this.lent.set(memory, Promise.withResolvers<void>());
    return memory;
  }

  giveBack(memory: Bytes): void {
    this.free.push(memory);
    this.lent.get(memory)?.resolve();
    this.lent.delete(memory);
  }
}

type PartBody = Bytes | Blob;

interface Putting extends Pick<SendProgress, "onRetry"> {
  readonly targets: PartTargets;
  readonly record: PartRecord;
  readonly body: PartBody;
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
async function putOnce(ports: ClientPorts, { targets, record, body, signal }: Putting): Promise<boolean> {
  const { number, sizeBytes, sha256 } = record;
  const target = await targets.take(number, signal);
  const response = await ports
    .fetch(target.url, {
      method: target.method,
      headers: target.headers,
      body,
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
