/** The key service in this process: the real rules and real sealing over a ring in memory. */
import type { KeyService as KeyServicePort } from "@safeconduct/exchange";
import type { Bytes, Clock, CryptoPorts } from "@safeconduct/foundation";
import type { VerifierKey } from "@safeconduct/ledger";
import {
  type InventoryEntry,
  type InventoryPlace,
  type KeyService,
  type NamedShares,
  openKeyService,
  signAuthorisation,
  type StatusAnswer,
} from "@safeconduct/keyring";
import { MemoryRingStore } from "./key-ring-memory.ts";
import { MemoryTileStore } from "./memory-tile-store.ts";

export interface FakeKeyService extends KeyServicePort {
  status(named: NamedShares): Promise<StatusAnswer>;
  inventory(): AsyncIterable<InventoryEntry>;
  /** What stands behind it, for tests that sign by themselves. */
  readonly core: KeyService;
  readonly store: MemoryRingStore;
  readonly apiPrivateKey: Bytes;
}

const AUTHORISATION_LIFE_MS = 30_000;

export async function fakeKeyService({
  crypto,
  clock,
  store = new MemoryRingStore(),
  ledgerKey,
  custodians = [],
}: {
  crypto: CryptoPorts;
  clock: Clock;
  /** Of an earlier one, for what comes after a restart. */
  store?: MemoryRingStore;
  /** Without it no ledger is watched. */
  ledgerKey?: VerifierKey;
  custodians?: readonly Bytes[];
}): Promise<FakeKeyService> {
  const identity = { signing: await crypto.signatures.generateKeyPair() };
  const { publicKey: apiPublicKey, privateKey: apiPrivateKey } = await crypto.signatures.generateKeyPair();
  const watched = ledgerKey === undefined ? {} : { ledgerKey };
  const ports = { store, log: new MemoryTileStore(), crypto, clock, identity, apiPublicKey, custodians, ...watched };
  const core = await openKeyService({ ...ports, onStoreLost: () => undefined });
  return {
    core,
    store,
    apiPrivateKey,
    publicKeys: () => core.publicKeys(),
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
    resume: (named) => core.resume(named),
    hold: (named) => core.hold(named),
    liftHold: (named) => core.liftHold(named),
    shred: (named, byTime) => core.shred(named, byTime),
    clock: async () => core.clock(),
    logCheckpoint: (oldSize) => core.logCheckpoint({ oldSize }),
    confirmClock: (request) => core.confirmClock(request),
    status: async (named) => core.status(named),
    async *inventory() {
      let after: InventoryPlace = null;
      for (let page = core.inventory(after); page.length > 0; page = core.inventory(after)) {
        yield* page;
        after = page.at(-1) ?? null;
      }
    },
  };
}
