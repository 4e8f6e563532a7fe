/** The worker that hashes a passcode: Argon2id takes up to a second and 64 MiB, and the page must not stand still for it. */
import { webPasswordHash } from "@safeconduct/crypto-web";
import type { PasswordHash } from "@safeconduct/foundation";

addEventListener("message", (event: MessageEvent<Parameters<PasswordHash["argon2id"]>[0]>) => {
  void webPasswordHash.argon2id(event.data).then((tag) => postMessage(tag));
});
