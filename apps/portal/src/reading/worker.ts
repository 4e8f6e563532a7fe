/**
 * The service worker through which the upload worker reads chosen files (blob-stream.ts). It hands each one back as the body of an answer
 * that is not to be stored: of any other answer, an address of the file's own (`blob:`) too, Chromium copies up to 100 MB into memory that
 * it fetches anew, however slowly they are taken (docs/adr/0030-reading-worker.md). Nothing else passes through it, and it keeps nothing.
 */

interface ExtendableEvent extends Event {
  waitUntil(promise: Promise<unknown>): void;
}
interface Route {
  readonly condition: { readonly urlPattern: string };
  readonly source: "fetch-event" | "network";
}
interface InstallEvent extends ExtendableEvent {
  /** Not in every browser (Service Workers, static routing). */
  addRoutes?(routes: readonly Route[]): Promise<void>;
}
interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  respondWith(response: Response | Promise<Response>): void;
}
interface WorkerScope {
  readonly location: { readonly href: string };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install", listener: (event: InstallEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: FetchEvent) => void): void;
}

const scope = globalThis as unknown as WorkerScope;
/** Below it the server has nothing but this file. */
const { pathname: READING_PATH } = new URL(".", scope.location.href);

scope.addEventListener("install", (event) => event.waitUntil(install(event)));

/** Where parts would have to pass through here as well, reading another way costs less. */
async function install(event: InstallEvent): Promise<void> {
  if (event.addRoutes === undefined) throw new Error("this browser has no static routes");
  await event.addRoutes([
    { condition: { urlPattern: `${READING_PATH}*` }, source: "fetch-event" },
    { condition: { urlPattern: "/*" }, source: "network" },
  ]);
  await scope.skipWaiting();
}

scope.addEventListener("fetch", (event) => {
  const { pathname } = new URL(event.request.url);
  if (!pathname.startsWith(READING_PATH)) return;
  const headers = { "cache-control": "no-store" };
  event.respondWith(handedOver(pathname, event.request.signal).then((blob) => new Response(blob, { headers })));
});

/** Whoever asks for an address listens on the channel of that name, which nobody else can guess. */
function handedOver(address: string, signal: AbortSignal): Promise<Blob> {
  const channel = new BroadcastChannel(address);
  return new Promise<Blob>((resolve, reject) => {
    channel.addEventListener("message", ({ data }: MessageEvent<Blob>) => resolve(data));
    signal.addEventListener("abort", () => reject(new Error("nobody asks any more")));
    // A channel has no origin to name.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    channel.postMessage("asked");
  }).finally(() => channel.close());
}
