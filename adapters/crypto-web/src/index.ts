/** Floor 3: the cryptographic ports for browsers (and any runtime with WebCrypto): WebCrypto, `hash-wasm` and `hpke`. */
import type { CryptoPorts } from "@safeconduct/foundation";
import { webAead } from "./aead.ts";
import { loadSha256, webHmac, webRandom, webWholeSha256 } from "./hash.ts";
import type { HashWorker } from "./hash-thread.ts";
import { loadHpke } from "./hpke.ts";
import { webPasswordHash } from "./password-hash.ts";
import { webSignatures } from "./signatures.ts";

export { serveHashes } from "./hash-server.ts";
export { webPasswordHash };

/**
 * Compiles the hash (WebAssembly) and looks what the browser can do. Call once; share the ports in one thread. `hashWorker` starts a
 * worker that calls `serveHashes`: for those who read large files.
 */
export async function loadWebCrypto({ hashWorker }: { hashWorker?: () => HashWorker } = {}): Promise<CryptoPorts> {
  const [{ sha256, startSha256 }, hpke] = await Promise.all([loadSha256(hashWorker ?? null), loadHpke()]);
  return {
    aead: webAead,
    hmac: webHmac,
    hpke,
    passwordHash: webPasswordHash,
    signatures: webSignatures,
    sha256,
    startSha256,
    wholeSha256: webWholeSha256,
    random: webRandom,
  };
}
