/**
 * The service worker that streams a decrypted file to the disk: the page hands it verified pieces over a channel, the browser takes them
 * as the body of a download. It answers one address for each file, once, and keeps nothing; no other request passes through it,
 * because its scope holds none. Keys never come here.
 */
import { attachmentHeaders } from "./attachment.ts";
import type { PageMessage, SavingRequest, WorkerMessage } from "./messages.ts";

interface ExtendableEvent extends Event {
  waitUntil(promise: Promise<unknown>): void;
}
interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  respondWith(response: Response | Promise<Response>): void;
}
interface WorkerScope {
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: ExtendableEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: FetchEvent) => void): void;
  addEventListener(type: "message", listener: (event: MessageEvent<SavingRequest>) => void): void;
}

const scope = globalThis as unknown as WorkerScope;
/** Files that were announced and not asked for yet. */
const announced = new Map<string, { readonly request: SavingRequest; readonly port: MessagePort }>();

scope.addEventListener("install", (event) => event.waitUntil(scope.skipWaiting()));
scope.addEventListener("activate", (event) => event.waitUntil(scope.clients.claim()));

scope.addEventListener("message", (event) => {
  const [port] = event.ports;
  if (port === undefined) return;
  announced.set(event.data.id, { request: event.data, port });
  say(port, "ready");
});

scope.addEventListener("fetch", (event) => {
  const { url } = event.request;
  if (!url.startsWith(scope.registration.scope)) return;
  const id = url.slice(scope.registration.scope.length);
  const file = announced.get(id);
  if (file === undefined) return;
  announced.delete(id);
  const body = streamFrom(file.port);
  event.respondWith(new Response(body, { headers: attachmentHeaders(file.request) }));
});

function say(port: MessagePort, kind: WorkerMessage["kind"]): void {
  port.postMessage({ kind } satisfies WorkerMessage);
}

const QUEUED_PIECES = 2;
/** Taken from the queue and perhaps not copied to the download yet: the last one, and one more to be sure. */
const UNTOUCHED_PIECES = 2;

/** Nobody takes what is sent here, so its memory is free at once. Left to the collector, pieces pile up, more on a machine that is busy. */
const drain = (() => {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  return port1;
})();

/** One piece for each pull, so that the page decrypts no faster than the disk takes it. */
function streamFrom(port: MessagePort): ReadableStream<Uint8Array> {
  let isLast = false;
  let isOver = false;
  /** Ends the pull that waits for a piece. Without that wait the stream asks twice for most pieces, and the page runs ahead of the disk. */
  let answered: (() => void) | null = null;
  const given: Uint8Array<ArrayBuffer>[] = [];
  const freeTaken = (queued: number): void => {
    for (const { buffer } of given.splice(0, Math.max(0, given.length - queued - UNTOUCHED_PIECES)))
      drain.postMessage(null, [buffer]);
  };
  /** The end is told when nothing is queued any more: a disk that is full by then has said so. */
  const endWhenTaken = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    if (!isLast || isOver || (controller.desiredSize ?? 0) < QUEUED_PIECES) return;
    isOver = true;
    controller.close();
    say(port, "taken");
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        // The browser marks the download as failed and throws away what it has.
        const fail = (): void => {
          if (isOver) return;
          isOver = true;
          controller.error(new Error("the file did not arrive whole"));
        };
        // A page that was closed, reloaded or killed says nothing any more; older browsers do not tell.
        port.addEventListener("close", fail);
        port.addEventListener("message", ({ data }: MessageEvent<PageMessage>) => {
          switch (data.kind) {
            case "piece":
              if (isOver) break;
              controller.enqueue(data.bytes);
              given.push(data.bytes);
              answered?.();
              break;
            case "end":
              isLast = true;
              endWhenTaken(controller);
              answered?.();
              break;
            case "fail":
              fail();
              port.close();
              break;
            case "alive":
              say(port, "alive");
              break;
          }
        });
        port.start();
      },
      pull(controller) {
        freeTaken(QUEUED_PIECES - (controller.desiredSize ?? 0));
        const coming = Promise.withResolvers<void>();
        answered = coming.resolve;
        if (isLast) {
          endWhenTaken(controller);
          coming.resolve();
        } else say(port, "pull");
        return coming.promise;
      },
      cancel() {
        isOver = true;
        say(port, "cancelled");
      },
    },
    { highWaterMark: QUEUED_PIECES },
  );
}
