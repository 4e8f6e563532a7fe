/**
 * The bytes of a file that the browser holds, as a stream that fills its reader's memory. `Blob.stream()` would do, but in Chromium 156 a
 * reader that gives it memory now and then waits for ever (docs/adr/0027-parts-aside.md). Through the worker beside it (worker.ts), which
 * answers the upload worker alone, by the scope that it is registered for; else by an address of the file's own.
 */
import { hexText } from "@safeconduct/foundation";
import { activeServiceWorker } from "../elements/service-worker.ts";
import { after, chance, network } from "../platform.ts";

type Stream = ReadableStream<Uint8Array<ArrayBuffer>>;

/** Below this path nothing is on the server but the worker itself. */
const READING_PATH = "/reading/";
const WORKER_ADDRESS = `${READING_PATH}worker.js`;
/** How the address of the upload worker's file begins; the server allows this scope. */
const READERS = "/assets/upload-worker-";
const ID_BYTES = 16;
/** For the answer to begin; what it holds may take as long as it takes. */
const ANSWER_LIMIT_MS = 10_000;

/** An upload worker that is started from now on, or a little later, reads through the worker. Without it, it reads another way. */
export function prepareReading(): void {
  if ("serviceWorker" in navigator) activeServiceWorker(WORKER_ADDRESS, READERS).catch(() => undefined);
}

/** Whether the worker answers is found out once. */
let answers = true;

/** Rejects where the file cannot be read. */
export async function blobStream(blob: Blob): Promise<Stream> {
  if (answers) {
    const stream = await handedOver(blob).catch(() => null);
    if (stream !== null) return stream;
    answers = false;
  }
  return byAddress(blob);
}

/** Null where the worker does not answer. */
async function handedOver(blob: Blob): Promise<Stream | null> {
  const address = `${READING_PATH}${hexText(chance(ID_BYTES))}`;
  const channel = new BroadcastChannel(address);
  const late = new AbortController();
  const callOff = after(ANSWER_LIMIT_MS, () => late.abort());
  try {
    channel.addEventListener("message", () => {
      // A channel has no origin to name.
      // oxlint-disable-next-line unicorn/require-post-message-target-origin
      channel.postMessage(blob);
    });
    const { ok, body } = await network(address, { signal: late.signal });
    return ok ? body : null;
  } finally {
    callOff();
    channel.close();
  }
}

async function byAddress(blob: Blob): Promise<Stream> {
  const address = URL.createObjectURL(blob);
  try {
    const { body } = await network(address);
    if (body === null) throw new Error("an answer without a body");
    return body;
  } finally {
    URL.revokeObjectURL(address);
  }
}
