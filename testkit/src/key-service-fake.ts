/** The key service in this process: the real rules and real sealing over a ring in memory. */
import type { KeyService as KeyServicePort } from "@safeconduct/exchange";
import type { Bytes, Clock, CryptoPorts } from "@safeconduct/foundation";
import type { TileStore, VerifierKey } from "@safeconduct/ledger";
import {
  type InventoryEntry,
  type InventoryPlace,
  type KeyService,
  type NamedShares,
  openKeyService,
  type RingStore,
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

/** Its own and the API's, which outlive a restart. */
export interface KeyServiceKeyPairs {
  readonly signing: { readonly publicKey: Bytes; readonly privateKey: Bytes };
  readonly api: { readonly publicKey: Bytes; readonly privateKey: Bytes };
}

export async function drawKeyPairs({ signatures }: CryptoPorts): Promise<KeyServiceKeyPairs> {
  return { signing: await signatures.generateKeyPair(), api: await signatures.generateKeyPair() };
}

const AUTHORISATION_LIFE_MS = 30_000;

export async function fakeKeyService({
  crypto,
  clock,
  store = new MemoryRingStore(),
  ringStore = store,
  log = new MemoryTileStore(),
  onStoreLost = () => undefined,
  ledgerKey,
  custodians = [],
  apiClock = clock,
  keyPairs,
}: {
  crypto: CryptoPorts;
  clock: Clock;
  /** The API's own, by which it signs; the key service's unless given. */
  apiClock?: Pick<Clock, "now">;
  /** Of an earlier one; fresh ones unless given. */
  keyPairs?: KeyServiceKeyPairs;
  /** Of an earlier one, for what comes after a restart. */
  store?: MemoryRingStore;
  /** Another one in its place. */
  ringStore?: RingStore;
  /** Where its own log lies; of an earlier one, for what comes after a restart. */
  log?: TileStore;
  onStoreLost?: () => void;
  /** Without it no ledger is watched. */
  ledgerKey?: VerifierKey;
  custodians?: readonly Bytes[];
}): Promise<FakeKeyService> {
  const { signing, api } = keyPairs ?? (await drawKeyPairs(crypto));
  const identity = { signing };
  const { publicKey: apiPublicKey, privateKey: apiPrivateKey } = api;
  const watched = ledgerKey === undefined ? {} : { ledgerKey };
  const ports = { store: ringStore, log, crypto, clock, identity, apiPublicKey, custodians, ...watched };
  const core = await openKeyService({ ...ports, onStoreLost });
  return {
    core,
    store,
    apiPrivateKey,
    publicKeys: () => core.publicKeys(),
    addTransfer: (request) => core.addTransfer(request),
    addGrant: (request) => core.addGrant(request),
    async release({ ephemeralPublicKey, ...bound }) {
      const issuedAt = apiClock.now();
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
