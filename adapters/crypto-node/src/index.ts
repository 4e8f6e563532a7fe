/** Floor 3: the cryptographic ports on node:crypto and `hpke`. */
import type { CryptoPorts } from "@safeconduct/foundation";
import { nodeAead } from "./aead.ts";
import { hmacSha384, nodeRandom, sha256, sha256Aside, startSha256 } from "./hash.ts";
import { nodeHpke } from "./hpke.ts";
import { nodePasswordHash } from "./password-hash.ts";
import { nodeSignatures } from "./signatures.ts";

/** Holds no state: every call may share one instance. */
export function nodeCrypto(): CryptoPorts {
  return {
    aead: nodeAead,
    hmac: { hmacSha384 },
    hpke: nodeHpke(),
    passwordHash: nodePasswordHash,
    signatures: nodeSignatures,
    sha256,
    startSha256,
    sha256Aside,
    random: nodeRandom,
  };
}
