/** The worker's side of `hash-thread.ts`: hashes what comes, in the order in which it comes, and gives the memory back. */
import { copyBytes } from "@safeconduct/foundation";
import { createSHA256 } from "hash-wasm";
import type { HashAnswer, HashOrder } from "./hash-thread.ts";

type Hasher = Awaited<ReturnType<typeof createSHA256>>;

/** What a dedicated worker's global scope is here. */
interface HashScope {
  postMessage(message: HashAnswer, transfer: Transferable[]): void;
  addEventListener(type: "message", listener: (event: MessageEvent<HashOrder>) => void): void;
}

/** Orders that come while WebAssembly is compiled wait for it. */
export function serveHashes(scope: HashScope): void {
  const streams = new Map<number, Promise<Hasher>>();
  let last: Promise<void> = Promise.resolve();
  scope.addEventListener("message", ({ data: order }) => {
    last = last.then(() => serve(order));
  });

  async function serve(order: HashOrder): Promise<void> {
    const begun = streams.get(order.stream) ?? createSHA256();
    streams.set(order.stream, begun);
    const hasher = await begun;
    if (order.kind === "update") {
      hasher.update(order.bytes);
      const memory = order.bytes.buffer;
      scope.postMessage({ kind: "free", memory }, [memory]);
      return;
    }
    const state = order.ends ? null : hasher.save();
    const digest = copyBytes(hasher.digest("binary"));
    scope.postMessage({ kind: "digest", question: order.question, digest }, []);
    if (state === null) streams.delete(order.stream);
    else hasher.load(state);
  }
}
