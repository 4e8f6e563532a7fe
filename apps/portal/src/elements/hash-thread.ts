/** Starts the worker that hashes large files. */
import { workerAddress } from "./worker-address.ts";
// The bundler gives such an import its default, the address of the worker's file.
// oxlint-disable-next-line import/default
import hashWorker from "./hash-worker.ts?worker&url";

export const startHashWorker = (): Worker => new Worker(workerAddress(hashWorker), { type: "module" });
