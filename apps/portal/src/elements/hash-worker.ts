/** The worker that hashes large files, so that neither the page nor the worker that encrypts has to. */
import { serveHashes } from "@safeconduct/crypto-web";

serveHashes({
  // A worker has no origin to name.
  postMessage: (message, transfer) => postMessage(message, { transfer }),
  addEventListener: (type, listener) => addEventListener(type, listener),
});
