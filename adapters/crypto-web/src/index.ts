/** Floor 3: the cryptographic ports for browsers (and any runtime with WebCrypto): WebCrypto, `hash-wasm` and `hpke`. */
import type { CryptoPorts } from "@safeconduct/foundation";
import { webAead } from "./aead.ts";
import { loadSha256, webHmac, webRandom, webSha256Aside } from "./hash.ts";
import { loadHpke } from "./hpke.ts";
import { webPasswordHash } from "./password-hash.ts";
import { webSignatures } from "./signatures.ts";

export { webPasswordHash };

/** Compiles the hash (WebAssembly) and looks what the browser can do. Call once; share the ports in one thread. */
export async function loadWebCrypto(): Promise<CryptoPorts> {
  const [{ sha256, startSha256 }, hpke] = await Promise.all([loadSha256(), loadHpke()]);
  return {
    aead: webAead,
    hmac: webHmac,
    hpke,
    passwordHash: webPasswordHash,
    signatures: webSignatures,
    sha256,
    startSha256,
    sha256Aside: webSha256Aside,
    random: webRandom,
  };
}
