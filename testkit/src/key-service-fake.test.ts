/** The fake key service passes the suite that the real process passes. */
import { nodeCrypto } from "@safeconduct/crypto-node";
import { fakeKeyService } from "./key-service-fake.ts";
import { keyServiceSuite } from "./key-service-suite.ts";

const crypto = nodeCrypto();
const clock = { now: () => 1_800_000_000_000, monotonic: () => 0 };

keyServiceSuite("in memory", {
  crypto,
  open: async () => ({ keys: await fakeKeyService({ crypto, clock }), clock, close: async () => undefined }),
});
