/** `PasswordHash` for the page: one worker for each hash, ended with it, so that its memory goes back to the telephone. */
import type { Bytes, PasswordHash } from "@safeconduct/foundation";
// The bundler gives such an import its default, the address of the worker's file.
// oxlint-disable-next-line import/default
import workerAddress from "./passcode-worker.ts?worker&url";

export const workerPasswordHash: PasswordHash = {
  argon2id(input) {
    return new Promise((resolve, reject) => {
      const worker = new Worker(trusted(workerAddress), { type: "module" });
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

interface ScriptAddresses {
  createScriptURL(address: string): string;
}
interface TrustedTypes {
  createPolicy(name: string, rules: ScriptAddresses): ScriptAddresses;
}

/** Trusted Types (W3C): the page's policy lets this one name make script addresses, and this one address be made. */
let policy: ScriptAddresses | null = null;
function trusted(address: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (trustedTypes === undefined) return address;
  policy ??= trustedTypes.createPolicy("passcode-worker", {
    createScriptURL(wanted) {
      if (wanted !== workerAddress) throw new TypeError("not the address of the worker");
      return wanted;
    },
  });
  return policy.createScriptURL(address);
}
