/** Service workers of ours: each answers addresses in its own small scope and no page. */
import { workerAddress } from "./worker-address.ts";

/** Registers the one at `address` for `scope` and resolves once it is active. Rejects where the browser has none or does not take it. */
export async function activeServiceWorker(address: string, scope: string): Promise<ServiceWorker> {
  const registration = await navigator.serviceWorker.register(workerAddress(address), { scope });
  const coming = registration.installing ?? registration.waiting ?? registration.active;
  if (coming === null) throw new Error("no worker came up");
  if (coming.state === "activated") return coming;
  return new Promise((resolve, reject) => {
    coming.addEventListener("statechange", () => {
      if (coming.state === "activated") resolve(coming);
      if (coming.state === "redundant") reject(new Error("no worker came up"));
    });
  });
}
