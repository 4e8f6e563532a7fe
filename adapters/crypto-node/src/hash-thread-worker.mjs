// The other side of hash-thread.ts: takes pieces out of the shared memory, in the order of the orders.
// Plain JavaScript on purpose: stripping types would load a compiler into this thread, 20 MB for forty lines.
import { createHash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";

/** @type {{ memory: SharedArrayBuffer, slotBytes: number }} */
const { memory, slotBytes } = workerData;
/** @type {Map<number, import("node:crypto").Hash>} */
const hashes = new Map();

/** @param {import("./hash-slots.ts").HashAnswer} message */
const answer = (message) => parentPort?.postMessage(message, []);

parentPort?.on("message", (/** @type {import("./hash-slots.ts").HashOrder} */ order) => {
  const hash = hashes.get(order.stream) ?? createHash("sha256");
  hashes.set(order.stream, hash);
  if (order.kind === "update") {
    hash.update(new Uint8Array(memory, order.slot * slotBytes, order.length));
    answer({ kind: "free", slot: order.slot });
    return;
  }
  if (order.ends) hashes.delete(order.stream);
  answer({ kind: "digest", question: order.question, digest: (order.ends ? hash : hash.copy()).digest() });
});
