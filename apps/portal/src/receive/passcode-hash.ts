/** `PasswordHash` for the page: one worker for each hash, ended with it, so that its memory goes back to the telephone. */
import type { Bytes, PasswordHash } from "@safeconduct/foundation";
import { workerAddress } from "../elements/worker-address.ts";
// The bundler gives such an import its default, the address of the worker's file.
// oxlint-disable-next-line import/default
import passcodeWorker from "./passcode-worker.ts?worker&url";

export const workerPasswordHash: PasswordHash = {
  argon2id(input) {
    return new Promise((resolve, reject) => {
      const worker = new Worker(workerAddress(passcodeWorker), { type: "module" });
      worker.addEventListener("message", (event: MessageEvent<Bytes>) => {
        worker.terminate();
        resolve(event.data);
      });
      worker.addEventListener("error", () => {
        worker.terminate();
        reject(new Error("the passcode could not be hashed"));
      });
      // A worker has no origin to name.
      // oxlint-disable-next-line unicorn/require-post-message-target-origin
      worker.postMessage(input);
    });
  },
};
