/** The other side of `hash-thread.ts`: takes pieces out of the shared memory, in the order of the orders. */
import { createHash, type Hash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { type HashAnswer, type HashOrder, SLOT_BYTES } from "./hash-slots.ts";

const memory = workerData as SharedArrayBuffer;
const hashes = new Map<number, Hash>();
const answer = (message: HashAnswer): void => parentPort?.postMessage(message, []);

parentPort?.on("message", (order: HashOrder) => {
  const hash = hashes.get(order.stream) ?? createHash("sha256");
  hashes.set(order.stream, hash);
  if (order.kind === "update") {
    hash.update(new Uint8Array(memory, order.slot * SLOT_BYTES, order.length));
    answer({ kind: "free", slot: order.slot });
    return;
  }
  if (order.ends) hashes.delete(order.stream);
  answer({ kind: "digest", question: order.question, digest: (order.ends ? hash : hash.copy()).digest() });
});
