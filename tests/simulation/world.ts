/**
 * One instance and what outlives it: database, tree, ciphertext, mails, the key service's disk. Server and key service can be
 * killed and started again, each has its own clock, and what each decision committed is noted with who made it.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { anchorKeyLog, type Store, type Transaction } from "@safeconduct/exchange";
import type { CryptoPorts, OrganisationId } from "@safeconduct/foundation";
import type { NoteSigner, TileWrite } from "@safeconduct/ledger";
import { keyLogKey, signClockConfirmation } from "@safeconduct/keyring";
import {
  type Desk,
  drawKeyPairs,
  ExchangeScene,
  fakeKeyService,
  type FakeKeyService,
  type KeyServiceKeyPairs,
  known,
  memoryBlobStore,
  memoryMail,
  memoryStore,
  MemoryTileStore,
  sceneSigner,
  seededRandom,
  SteppedClock,
} from "@safeconduct/testkit";
import { masterFiles } from "../../adapters/keyring-file/src/master-files.ts";
import { RingFolder } from "../../adapters/keyring-file/src/ring-folder.ts";
import { CRASH_REMAINS, SimulatedDisk } from "../../adapters/keyring-file/src/simulated-disk.ts";
import { cheapAead } from "./cheap-aead.ts";
import { KeyWatch } from "./key-watch.ts";
import { Turnstile } from "./turnstile.ts";

/** What one step did in the database. */
export interface Doing {
  readonly name: string;
  /** Ids of the entries that it committed, in order, with their types. */
  readonly entries: { readonly id: string; readonly type: string }[];
  /** Number of its last commit that decided something; 0: none. */
  decidedAt: number;
}

const FOLDER = "/keys";
/** One call of a port in so many fails, in a life with faults. */
const FAULT_ONE_IN = 40;
/** One transaction in so many is taken back once and begins again. */
const CONFLICT_ONE_IN = 12;

export class World {
  readonly chance: (limit: number) => number;
  readonly crypto: CryptoPorts;
  readonly clock = new SteppedClock();
  readonly keyClock = new SteppedClock();
  readonly durable = {
    store: memoryStore(),
    tiles: new MemoryTileStore(),
    blobs: memoryBlobStore(),
    mail: memoryMail(),
  };
  readonly turnstile: Turnstile;
  readonly keys: KeyWatch;
  readonly doing = new AsyncLocalStorage<Doing>();
  /** Number of the commit that ended a grant or a transfer for good. */
  readonly endedAt = new Map<string, number>();
  disk = new SimulatedDisk();
  starts = 0;
  private commits = 0;
  /** The key service's own log; it outlives a power cut. */
  private readonly keyLog = new MemoryTileStore();
  private isKeyStoreLost = false;
  private opened: ExchangeScene | null = null;
  private service: FakeKeyService | null = null;
  private readonly secrets: { signer: NoteSigner; keyPairs: KeyServiceKeyPairs; custodians: readonly KeyPair[] };
  private readonly seed: number;

  private constructor(crypto: CryptoPorts, seed: number, secrets: World["secrets"]) {
    const random = seededRandom(seed);
    this.chance = (limit) => random.below(limit);
    this.crypto = { ...crypto, random };
    this.seed = seed;
    this.secrets = secrets;
    this.turnstile = new Turnstile(this.chance, {
      // Some lives have no faults: what only ever fails shows little.
      faultOneIn: this.chance(5) === 0 ? 0 : FAULT_ONE_IN,
      outage: (port) => this.scene.outage(port as "store"),
      half: halfOf,
    });
    this.keys = new KeyWatch({
      service: () => known(this.service ?? undefined),
      clock: this.keyClock,
      commits: () => this.commits,
    });
  }

  static async open({ crypto, seed }: { crypto: CryptoPorts; seed: number }): Promise<World> {
    const seeded = { ...crypto, random: seededRandom(seed + 7) };
    const custodians = [await seeded.signatures.generateKeyPair(), await seeded.signatures.generateKeyPair()];
    const secrets = { signer: await sceneSigner(seeded), keyPairs: await drawKeyPairs(seeded), custodians };
    const world = new World(crypto, seed, secrets);
    await world.startKeys();
    await world.startServer();
    return world;
  }

  /** The server that runs now. */
  get scene(): ExchangeScene {
    return known(this.opened ?? undefined);
  }

  /** Begins with nothing but what is durable, as after kill -9. */
  async startServer(): Promise<void> {
    const { turnstile, clock, secrets } = this;
    this.starts++;
    this.opened = await ExchangeScene.open({
      crypto: this.crypto,
      seed: this.seed * 1_009 + this.starts,
      ports: {
        clock,
        signer: secrets.signer,
        store: turnstile.on("store", this.noted(this.durable.store)),
        tiles: turnstile.on("tiles", this.durable.tiles),
        blobs: turnstile.on("blobs", this.durable.blobs),
        mail: turnstile.on("mail", this.durable.mail),
        keys: turnstile.on("keys", this.keys.port()),
      },
    });
    const { store } = this.durable;
    await this.scene.ledger.recover({
      count: () => store.read((view) => view.sequencedCount()),
      read: async ({ firstIndex, limit }) =>
        (await store.read((view) => view.leavesFrom(firstIndex, limit))).map(({ leaf }) => leaf),
    });
    await this.scene.outbox.resume();
  }

  /** From the disk, after a power cut that left what `remains` says of what was not synced. */
  async restartKeys(): Promise<void> {
    this.disk = this.disk.reboot(known(CRASH_REMAINS[this.chance(CRASH_REMAINS.length)]));
    await this.startKeys();
  }

  /** The key service cannot go on with the disk that it has. */
  get areKeysLost(): boolean {
    return this.isKeyStoreLost;
  }

  /** Custodians set it right. */
  async confirmKeyClock(organisation: OrganisationId): Promise<void> {
    const { core } = known(this.service ?? undefined);
    for (const { publicKey, privateKey } of this.secrets.custodians) {
      const { state, resets, wall } = core.clock();
      if (state === "steady") return;
      const confirmation = { organisation, custodian: publicKey, resets, time: wall };
      const audience = this.secrets.keyPairs.signing.publicKey;
      const signature = await signClockConfirmation(this.crypto.signatures, { privateKey, audience, confirmation });
      await core.confirmClock({ confirmation, signature });
    }
    this.keys.forgetTime();
  }

  /** The key service's log into the main one, as the server does each minute. None of its restarts may look like another log. */
  async anchor(): Promise<void> {
    const { deps } = this.scene;
    const logKey = keyLogKey(this.crypto.sha256, this.secrets.keyPairs.signing.publicKey);
    const { outcome } = await anchorKeyLog({ ...deps, logKey }, { alarmed: null });
    if (outcome === "forked") throw new Error("the key service's log was taken for another one");
  }

  /** The key service looks at its clock, as it does every fifteen seconds. */
  async keepTime(): Promise<void> {
    await known(this.service ?? undefined).core.keepTime();
  }

  /** Both clocks go on together. */
  pass(milliseconds: number): void {
    this.clock.advance(milliseconds);
    this.keyClock.advance(milliseconds);
  }

  desk(organisation?: Desk["organisation"]): Promise<Desk> {
    return this.scene.desk(organisation);
  }

  private async startKeys(): Promise<void> {
    const { disk, crypto } = this;
    disk.fault = null;
    this.isKeyStoreLost = false;
    this.keys.forgetTime();
    const masters = masterFiles({ files: disk, aead: cheapAead(crypto), random: crypto.random }, `${FOLDER}/masters`);
    this.service = await fakeKeyService({
      crypto,
      clock: this.keyClock,
      apiClock: this.clock,
      keyPairs: this.secrets.keyPairs,
      custodians: this.secrets.custodians.map(({ publicKey }) => publicKey),
      log: this.keyLog,
      ringStore: new RingFolder({ files: disk, masters, random: crypto.random }, FOLDER),
      onStoreLost: () => {
        this.isKeyStoreLost = true;
      },
    });
  }

  /** The database, and who committed what in it. */
  private noted(store: Store): Store {
    const transaction = async <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => {
      let entries: Doing["entries"] = [];
      let ended: string[] = [];
      let isDecision = true;
      const tried = (tx: Transaction) => {
        // Each try begins anew, as the database does.
        [entries, ended, isDecision] = [[], [], true];
        return work(
          new Proxy(tx, {
            get: (target, property) => {
              const member = Reflect.get(target, property) as unknown;
              if (typeof member !== "function") return member;
              return (...given: unknown[]) => {
                if (property === "addEvent") entries.push(given[0] as { id: string; type: string });
                if (property === "sequenceEvents") isDecision = false;
                if (isEnd(property, given[1])) ended.push(String(given[0]));
                return Reflect.apply(member, target, given) as unknown;
              };
            },
          }),
        );
      };
      if (this.chance(CONFLICT_ONE_IN) === 0) await conflicting(store, tried);
      const answer = await store.transaction(tried);
      this.commits++;
      for (const id of ended) if (!this.endedAt.has(id)) this.endedAt.set(id, this.commits);
      const doing = this.doing.getStore();
      if (doing !== undefined && isDecision) {
        doing.decidedAt = this.commits;
        doing.entries.push(...entries.map(({ id, type }) => ({ id, type })));
      }
      return answer;
    };
    return { ...store, transaction };
  }
}

interface KeyPair {
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly privateKey: Uint8Array<ArrayBuffer>;
}

/** Another transaction came first: what was done is taken back, and is to be done again. */
async function conflicting(store: Store, work: (tx: Transaction) => Promise<unknown>): Promise<void> {
  const conflict = new Error("another transaction came first");
  const undone = store.transaction(async (tx) => {
    await work(tx);
    throw conflict;
  });
  await undone.catch((error: unknown) => {
    if (error !== conflict) throw error;
  });
}

/** A change after which nobody may open the grant or the transfer any more. A grant at its cap goes on for its devices. */
function isEnd(property: string | symbol, change: unknown): boolean {
  if (property !== "updateGrant" && property !== "updateTransfer") return false;
  const { state } = change as { state?: string };
  const ends = property === "updateGrant" ? ["revoked", "expired"] : ["revoked", "abandoned", "destroyed"];
  return state !== undefined && ends.includes(state);
}

/** Half of the tiles reach the disk. */
function halfOf(call: string, given: readonly unknown[]): readonly unknown[] | null {
  if (call !== "tiles.writeTiles") return null;
  const tiles = given[0] as readonly TileWrite[];
  return [tiles.slice(0, tiles.length >> 1)];
}
