/**
 * SHA-256 beside the thread that encrypts: on this processor a hash costs twice what AES-GCM does, and a transfer needs
 * two of each byte. Data is copied into shared memory (a tenth of a hash), so the caller has its own back at once.
 */
import { Worker } from "node:worker_threads";
import { type Bytes, copyBytes, type Sha256Stream } from "@safeconduct/foundation";
import { type HashAnswer, type HashOrder, SLOT_BYTES, SLOT_COUNT } from "./hash-slots.ts";

/** The thread holds a handful of hashes: what V8 would set aside for more only counts as memory. */
const THREAD_LIMITS = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 1 };

export class HashThread {
  private readonly memory = new SharedArrayBuffer(SLOT_COUNT * SLOT_BYTES);
  private readonly worker: Worker;
  private readonly freeSlots = Array.from({ length: SLOT_COUNT }, (_, slot) => slot);
  private readonly waitingForSlot: (() => void)[] = [];
  private readonly waitingForDigest = new Map<
    number,
    { resolve: (digest: Bytes) => void; reject: (error: Error) => void }
  >();
  private started = 0;
  private asked = 0;
  private failure: Error | null = null;

  constructor() {
    this.worker = new Worker(new URL("./hash-thread-worker.mjs", import.meta.url), {
      workerData: { memory: this.memory, slotBytes: SLOT_BYTES },
      resourceLimits: THREAD_LIMITS,
      stdin: false,
    });
    // A command that is done ends, whatever this thread does.
    this.worker.unref();
    this.worker.on("message", (answer: HashAnswer) => this.take(answer));
    this.worker.on("error", (error) => this.fail(error instanceof Error ? error : new Error("the hash thread failed")));
    this.worker.on("exit", () => this.fail(new Error("the hash thread ended")));
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
      const slot = await this.freeSlot();
      const piece = data.subarray(at, at + SLOT_BYTES);
      new Uint8Array(this.memory, slot * SLOT_BYTES, piece.length).set(piece);
      this.post({ kind: "update", stream, slot, length: piece.length });
    }
  }

  private ask(stream: number, ends: boolean): Promise<Bytes> {
    const question = this.asked++;
    return new Promise((resolve, reject) => {
      if (this.failure !== null) return reject(this.failure);
      this.waitingForDigest.set(question, { resolve, reject });
      this.worker.ref();
      this.post({ kind: "digest", stream, question, ends });
    });
  }

  private async freeSlot(): Promise<number> {
    for (;;) {
      if (this.failure !== null) throw this.failure;
      const slot = this.freeSlots.pop();
      if (slot !== undefined) return slot;
      this.worker.ref();
      await new Promise<void>((resolve) => this.waitingForSlot.push(resolve));
    }
  }

  private post(order: HashOrder): void {
    this.worker.postMessage(order, []);
  }

  private take(answer: HashAnswer): void {
    if (answer.kind === "free") {
      this.freeSlots.push(answer.slot);
      this.waitingForSlot.shift()?.();
    } else {
      this.waitingForDigest.get(answer.question)?.resolve(copyBytes(answer.digest));
      this.waitingForDigest.delete(answer.question);
    }
    if (this.waitingForSlot.length === 0 && this.waitingForDigest.size === 0) this.worker.unref();
  }

  private fail(error: Error): void {
    this.failure ??= error;
    for (const { reject } of this.waitingForDigest.values()) reject(this.failure);
    this.waitingForDigest.clear();
    for (const wake of this.waitingForSlot.splice(0)) wake();
  }
}
