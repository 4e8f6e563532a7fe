/** The key service in this process: the real rules and real sealing over a ring in memory. */
import type { KeyService as KeyServicePort } from "@safeconduct/exchange";
import type { Bytes, Clock, CryptoPorts } from "@safeconduct/foundation";
import {
  type KeyService,
  type NamedShares,
  openKeyService,
  signAuthorisation,
  type StatusAnswer,
} from "@safeconduct/keyring";
import { MemoryRingStore } from "./key-ring-memory.ts";

export interface FakeKeyService extends KeyServicePort {
  status(named: NamedShares): Promise<StatusAnswer>;
  /** What stands behind it, for tests that sign by themselves. */
  readonly core: KeyService;
  readonly store: MemoryRingStore;
  readonly apiPrivateKey: Bytes;
}

const AUTHORISATION_LIFE_MS = 30_000;

export async function fakeKeyService({
  crypto,
  clock,
}: {
  crypto: CryptoPorts;
  clock: Clock;
}): Promise<FakeKeyService> {
  const identity = {
    hpke: await crypto.hpke.generateKeyPair(),
    signing: await crypto.signatures.generateKeyPair(),
  };
  const { publicKey: apiPublicKey, privateKey: apiPrivateKey } = await crypto.signatures.generateKeyPair();
  const store = new MemoryRingStore();
  const core = await openKeyService({ store, crypto, clock, identity, apiPublicKey, onStoreLost: () => undefined });
  return {
    core,
    store,
    apiPrivateKey,
    publicKeys: async () => core.publicKeys(),
    addTransfer: (request) => core.addTransfer(request),
    addGrant: (request) => core.addGrant(request),
    async release({ ephemeralPublicKey, ...bound }) {
      const issuedAt = clock.now();
      const authorisation = {
        ...bound,
        ephemeralKeyHash: crypto.sha256(ephemeralPublicKey),
        issuedAt,
        expiresAt: issuedAt + AUTHORISATION_LIFE_MS,
      };
      const audience = identity.signing.publicKey;
      const signature = await signAuthorisation(crypto.signatures, { apiPrivateKey, audience, authorisation });
      return core.release({ authorisation, signature, ephemeralPublicKey });
    },
    suspend: (named) => core.suspend(named),
    shred: (named) => core.shred(named),
    status: async (named) => core.status(named),
  };
}
