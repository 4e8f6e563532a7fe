/**
 * A file that goes straight to the browser's downloads, whatever its size: the page decrypts and checks, the worker beside it streams
 * (worker.ts). For browsers without a picker, and where nobody should be asked for a place for each file.
 */
import { type Bytes, hexText } from "@safeconduct/foundation";
import { activeServiceWorker } from "../elements/service-worker.ts";
import { after, chance, every } from "../platform.ts";
import type { Sink, Stopped } from "../receive/downloads.ts";
import { savingStopped } from "../receive/errors.ts";
import type { PageMessage, SavingRequest, WorkerMessage } from "./messages.ts";

/** Below this path nothing is on the server but the worker itself: what else is asked for there, it answers or nobody does. */
const SAVING_PATH = "/saving/";
const WORKER_ADDRESS = `${SAVING_PATH}worker.js`;
/** Firefox ends a worker that heard nothing for 30 seconds. */
const ALIVE_EVERY_MS = 5_000;
/** A worker that left so many questions without an answer was ended; one more than a laptop that was shut may miss. */
const UNANSWERED_LIMIT = 2;
/** A browser that asks for no more bytes for so long has given up, or its disk has. */
const PULL_LIMIT_MS = 60_000;
const FRAME_LIFE_MS = 10_000;
const ID_BYTES = 16;

/** Whether this browser can; brings the worker up. Private windows of some browsers have none. */
export async function prepareStreaming(): Promise<boolean> {
  if (!("serviceWorker" in navigator)) return false;
  try {
    await savingWorker();
    return true;
  } catch {
    return false;
  }
}

/**
 * Begins the browser's own download. Rejects when the worker does not come up; `stopped` hears when the browser ends it: by the person's wish,
 * or because the disk is full, which it does not tell apart. From then on each call ends
 * with `portal/saving-stopped`.
 */
export async function streamedSink({
  fileName,
  sizeBytes,
  stopped,
}: {
  fileName: string;
  sizeBytes: number;
  stopped: Stopped;
}): Promise<Sink> {
  const worker = await savingWorker();
  const { port1: port, port2 } = new MessageChannel();
  const talk = new Talk(port, stopped);
  const id = hexText(chance(ID_BYTES));
  worker.postMessage({ id, fileName, sizeBytes } satisfies SavingRequest, [port2]);
  await talk.heard("ready");
  const frame = hiddenFrame(`${SAVING_PATH}${id}`);
  const over = (): void => {
    talk.end();
    removeEventListener("pagehide", leave);
    // The browser has its answer: taking the frame away now would take the download back.
    after(FRAME_LIFE_MS, () => frame.remove());
  };
  /** A page that goes takes the file with it: half of it must not wait in the browser's list for ever. */
  function leave(): void {
    talk.say({ kind: "fail" });
    over();
  }
  addEventListener("pagehide", leave);
  return {
    async write(piece) {
      await talk.heard("pull");
      talk.give(piece);
    },
    async finish() {
      talk.say({ kind: "end" });
      await talk.heard("taken");
      over();
    },
    async discard() {
      talk.say({ kind: "fail" });
      over();
    },
  };
}

/**
 * A download by a link with a name passes by the worker, one without a name asks whether to leave the page, and leaves it where the
 * worker is away. In a frame it does neither.
 */
function hiddenFrame(address: string): HTMLIFrameElement {
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.src = address;
  document.body.append(frame);
  return frame;
}

/** One channel to the worker. */
class Talk {
  private readonly port: MessagePort;
  private readonly stopPings: () => void;
  private readonly counts = { ready: 0, pull: 0, taken: 0 };
  private isOver = false;
  private wake: () => void = () => undefined;

  constructor(port: MessagePort, stopped: Stopped) {
    this.port = port;
    const end = (): void => {
      if (this.isOver) return;
      this.isOver = true;
      stopped(savingStopped());
      this.wake();
    };
    let unanswered = 0;
    port.addEventListener("message", ({ data }: MessageEvent<WorkerMessage>) => {
      unanswered = 0;
      if (data.kind === "alive") return;
      if (data.kind === "cancelled") return end();
      this.counts[data.kind]++;
      this.wake();
    });
    port.start();
    this.stopPings = every(ALIVE_EVERY_MS, () => {
      if (unanswered++ < UNANSWERED_LIMIT) this.say({ kind: "alive" });
      else end();
    });
  }

  /** Resolves when the worker has said so once more than was waited for. */
  async heard(kind: "ready" | "pull" | "taken"): Promise<void> {
    const isLate = { value: false };
    const callOff = after(PULL_LIMIT_MS, () => {
      isLate.value = true;
      this.wake();
    });
    try {
      while (this.counts[kind] === 0) {
        if (this.isOver || isLate.value) throw savingStopped();
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
      this.counts[kind]--;
    } finally {
      callOff();
    }
  }

  /** The piece's memory goes with it where nothing else lies in it. */
  give(piece: Bytes): void {
    const isWhole = piece.byteLength === piece.buffer.byteLength;
    const bytes = isWhole ? piece : piece.slice();
    this.say({ kind: "piece", bytes }, [bytes.buffer]);
  }

  /** Whoever still waits hears of it. */
  end(): void {
    this.stopPings();
    this.isOver = true;
    this.port.close();
    this.wake();
  }

  say(message: PageMessage, transfer: Transferable[] = []): void {
    this.port.postMessage(message, transfer);
  }
}

let registered: Promise<ServiceWorker> | null = null;

function savingWorker(): Promise<ServiceWorker> {
  registered ??= activeServiceWorker(WORKER_ADDRESS, SAVING_PATH);
  registered.catch(() => {
    registered = null;
  });
  return registered;
}
