/**
 * SHA-256 beside the thread that encrypts. WebCrypto cannot hash in pieces, and in WebAssembly a hash costs several times what AES-GCM does:
 * on one thread it would decide how fast a file travels. Data is copied into memory that goes to the worker and comes back, so the caller
 * has its own at once. The worker's side is `hash-server.ts`.
 */
import { type Bytes, copyBytes, type Sha256Stream } from "@safeconduct/foundation";

/** One piece of data at most; a FLOE segment fits. */
const SLOT_BYTES = 1 << 20;
/** Pieces that may wait for the worker. */
const SLOT_COUNT = 4;

export type HashOrder =
  | { readonly kind: "update"; readonly stream: number; readonly bytes: Bytes }
  | { readonly kind: "digest"; readonly stream: number; readonly question: number; readonly ends: boolean };

export type HashAnswer =
  /** Memory that comes back. */
  | { readonly kind: "free"; readonly memory: ArrayBuffer }
  | { readonly kind: "digest"; readonly question: number; readonly digest: Bytes };

/** A worker that runs `serveHashes`. */
export interface HashWorker {
  postMessage(message: HashOrder, transfer: Transferable[]): void;
  addEventListener(type: "message", listener: (event: MessageEvent<HashAnswer>) => void): void;
  addEventListener(type: "error" | "messageerror", listener: () => void): void;
}

export class HashThread {
  private readonly worker: HashWorker;
  private readonly free = Array.from({ length: SLOT_COUNT }, (): ArrayBuffer | null => null);
  private readonly waitingForSlot: (() => void)[] = [];
  private readonly waitingForDigest = new Map<
    number,
    { readonly resolve: (digest: Bytes) => void; readonly reject: (error: Error) => void }
  >();
  private started = 0;
  private asked = 0;
  private failure: Error | null = null;

  constructor(worker: HashWorker) {
    this.worker = worker;
    worker.addEventListener("message", ({ data }) => this.take(data));
    for (const sign of ["error", "messageerror"] as const) worker.addEventListener(sign, () => this.fail());
  }

  start(): Sha256Stream {
    const stream = this.started++;
    // Pieces of one call must not mix with those of the next: each waits for the one before.
    let last: Promise<unknown> = Promise.resolve();
    let ended = false;
    const inOrder = <Result>(work: () => Promise<Result>): Promise<Result> => {
      if (ended) return Promise.reject(new Error("the digest has ended"));
      const result = last.then(work);
      last = result.catch(() => undefined);
      return result;
    };
    return {
      update: (data) => inOrder(() => this.give(stream, data)),
      soFar: () => inOrder(() => this.ask(stream, false)),
      digest: () => {
        const digest = inOrder(() => this.ask(stream, true));
        ended = true;
        return digest;
      },
    };
  }

  private async give(stream: number, data: Uint8Array): Promise<void> {
    for (let at = 0; at < data.length; at += SLOT_BYTES) {
      const piece = data.subarray(at, at + SLOT_BYTES);
      const bytes = new Uint8Array(await this.freeSlot(), 0, piece.length);
      bytes.set(piece);
      this.worker.postMessage({ kind: "update", stream, bytes }, [bytes.buffer]);
    }
  }

  private ask(stream: number, ends: boolean): Promise<Bytes> {
    const question = this.asked++;
    return new Promise((resolve, reject) => {
      if (this.failure !== null) return reject(this.failure);
      this.waitingForDigest.set(question, { resolve, reject });
      this.worker.postMessage({ kind: "digest", stream, question, ends }, []);
    });
  }

  private async freeSlot(): Promise<ArrayBuffer> {
    for (;;) {
      if (this.failure !== null) throw this.failure;
      const memory = this.free.pop();
      if (memory !== undefined) return memory ?? new ArrayBuffer(SLOT_BYTES);
      await new Promise<void>((resolve) => this.waitingForSlot.push(resolve));
    }
  }

  private take(answer: HashAnswer): void {
    if (answer.kind === "free") {
      this.free.push(answer.memory);
      this.waitingForSlot.shift()?.();
    } else {
      this.waitingForDigest.get(answer.question)?.resolve(copyBytes(answer.digest));
      this.waitingForDigest.delete(answer.question);
    }
  }

  private fail(): void {
    this.failure ??= new Error("the hash worker failed");
    for (const { reject } of this.waitingForDigest.values()) reject(this.failure);
    this.waitingForDigest.clear();
    for (const wake of this.waitingForSlot.splice(0)) wake();
  }
}
