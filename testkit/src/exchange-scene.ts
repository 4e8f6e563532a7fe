/**
 * The use cases of exchange with everything they need, in one process: a clock that stands until it is moved, seeded chance,
 * stores in memory, the real ledger, sequencer, performer and key-service rules. Every call of a port can be watched, held or
 * made to fail, before it acts or after.
 */
import { beginChain, makeDeviceKeys, type SendingDevice } from "@safeconduct/client";
import type { MemberRole } from "@safeconduct/contract";
import {
  type BlobStore,
  type BlobUrls,
  type MemberCaller,
  type MemberRecord,
  type OrganisationRecord,
  type Perform,
  accountMailDeliverer,
  FIRST_MEMBER_ROLES,
  invitationMailDeliverer,
  problemMailDeliverer,
  performer,
  type RecipientCaller,
  codeMailDeliverer,
  confirmAddress,
  Outbox,
  recipientOf,
  sendCode,
  Sequencer,
  type Store,
  sweep,
} from "@safeconduct/exchange";
import {
  type Bytes,
  type CryptoPorts,
  drawId,
  type GrantId,
  Problem,
  type ProblemCode,
  type Random,
} from "@safeconduct/foundation";
import {
  ED25519_KEY,
  LedgerWriter,
  makeVerifierKey,
  type NoteSigner,
  type TileStore,
  type VerifierKey,
} from "@safeconduct/ledger";
import { webauthnPasskeys } from "@safeconduct/webauthn";
import { CallWatch } from "./call-watch.ts";
import { fakeKeyService, type FakeKeyService } from "./key-service-fake.ts";
import { known } from "./known.ts";
import { memoryBlobStore } from "./memory-blob-store.ts";
import { memoryMail } from "./memory-mail.ts";
import { memoryStore } from "./memory-store.ts";
import { scriptedFactorSecrets } from "./scripted-factor-secrets.ts";
import { MemoryTileStore } from "./memory-tile-store.ts";

/** Where the scene's recipients open their links. */
export const SCENE_ORIGIN = "https://scene.example";
export const SCENE_START = 1_800_000_000_000;

/** Stands still until it is moved; the monotonic clock goes with it and never back. */
export class SteppedClock {
  private wall = SCENE_START;
  private elapsed = 0;
  now(): number {
    return this.wall;
  }
  monotonic(): number {
    return this.elapsed;
  }
  set(moment: number): void {
    this.elapsed += Math.max(0, moment - this.wall);
    this.wall = moment;
  }
  advance(milliseconds: number): void {
    this.set(this.wall + milliseconds);
  }
  /** Somebody sets the wall clock, either way: no time passes. */
  jump(milliseconds: number): void {
    this.wall += milliseconds;
  }
}

/** The same bytes for the same seed (xorshift, 32 bits). For tests alone. */
export function seededRandom(seed: number): Random & { below(limit: number): number } {
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
  for (let warmUp = 0; warmUp < 8; warmUp++) next();
  return {
    bytes(length) {
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length; at++) bytes[at] = next() >>> 24;
      return bytes;
    },
    below: (limit) => next() % limit,
  };
}

/** A member at a desk: who calls, and the device that sends. */
export interface Desk {
  readonly organisation: OrganisationRecord;
  readonly member: MemberRecord;
  readonly caller: MemberCaller;
  readonly device: SendingDevice;
}

export type PortName = "store" | "tiles" | "keys" | "blobs" | "mail";

export class ExchangeScene {
  readonly clock: SteppedClock;
  readonly crypto: CryptoPorts;
  readonly random: Random;
  readonly watch: CallWatch;
  readonly store: Store;
  readonly tiles: MemoryTileStore;
  readonly keys: FakeKeyService;
  readonly blobs: BlobStore;
  readonly mail: ReturnType<typeof memoryMail>;
  readonly ledger: LedgerWriter;
  readonly logKey: VerifierKey;
  readonly sequencer: Sequencer;
  readonly perform: Perform;
  readonly outbox: Outbox;
  /** Deliveries that failed. */
  readonly outboxFailures: unknown[] = [];
  /** Kinds of jobs that were dropped undelivered. */
  readonly outboxGivenUp: string[] = [];
  /** What the sequencer told the operator. */
  readonly ledgerFailures: unknown[];
  readonly urls: BlobUrls;
  /** Named as use cases name their ports; `now` is read at the moment of the call. */
  readonly deps: ReturnType<typeof depsOf>;

  private constructor(parts: Awaited<ReturnType<typeof build>>) {
    this.clock = parts.clock;
    this.crypto = parts.crypto;
    this.random = parts.crypto.random;
    this.watch = parts.watch;
    this.store = parts.store;
    this.tiles = parts.tiles;
    this.keys = parts.keys;
    this.blobs = parts.blobs;
    this.mail = parts.mail;
    this.ledger = parts.ledger;
    this.logKey = parts.logKey;
    this.sequencer = parts.sequencer;
    this.perform = parts.perform;
    this.ledgerFailures = parts.ledgerFailures;
    this.urls = sceneUrls(parts.clock);
    this.outbox = outboxOf(this);
    this.deps = depsOf(this);
  }

  /** `ports`: real ones in the place of those in memory. Tests that look into `tiles` need the memory. */
  static async open({
    crypto,
    seed = 1,
    ports = {},
  }: {
    crypto: CryptoPorts;
    seed?: number;
    ports?: RealPorts;
  }): Promise<ExchangeScene> {
    const scene = new ExchangeScene(await build(crypto, seed, ports));
    scene.watch.calls.length = 0;
    return scene;
  }

  /**
   * A member with an enrolled device; of a new organisation unless one is given, and with the roles of a first member unless
   * others are given.
   */
  async desk(organisation?: OrganisationRecord, roles: readonly MemberRole[] = FIRST_MEMBER_ROLES): Promise<Desk> {
    const home = organisation ?? {
      id: drawId("organisation", this.random),
      name: "Riverside Clinic",
      createdAt: SCENE_START,
    };
    const id = drawId("member", this.random);
    const member = {
      id,
      organisation: home.id,
      name: "Ines Okafor",
      address: `${id}@clinic.example`,
      roles,
      language: null,
      createdAt: SCENE_START,
      seenAt: null,
      removedAt: null,
    };
    const keys = await makeDeviceKeys(this, {
      organisation: home.id,
      member: id,
      keyServiceSigningKey: (await this.keys.publicKeys()).signingPublicKey,
    });
    const { device, statements, wraps } = await beginChain(this, keys, "front desk");
    await this.store.transaction(async (tx) => {
      if (organisation === undefined) await tx.addOrganisation(home);
      await tx.addMember(member);
      await tx.addDevice({
        id: device.device,
        member: id,
        organisation: home.id,
        name: "front desk",
        signingPublicKey: device.signing.publicKey,
        hpkePublicKey: device.hpke.publicKey,
        kind: "device",
        sealedKeys: null,
        createdAt: SCENE_START,
        removedAt: null,
      });
      for (const [position, signed] of statements.entries()) await tx.addStatement({ member: id, position, ...signed });
      for (const wrap of wraps) await tx.addMemberKeyWrap({ member: id, ...wrap });
    });
    const by = { session: drawId("session", this.random) };
    const caller: MemberCaller = { member: id, organisation: home.id, roles, by };
    return { organisation: home, member, caller, device };
  }

  /** The code in the newest mail. */
  mailedCode(): string {
    return known(/code: ([0-9]{6})/.exec(known(this.mail.messages.at(-1)).text)?.[1]);
  }

  /** Asks for a code and confirms it. */
  async confirmed(grant: GrantId): Promise<RecipientCaller & { readonly bearer: string }> {
    await sendCode(this.deps, grant);
    const { session } = await confirmAddress(this.deps, { grant, code: this.mailedCode() });
    return { ...known(await recipientOf(this.deps, { grant, bearer: session })), bearer: session };
  }

  sweep(expiryGraceMs = 0): Promise<boolean> {
    return sweep(this.deps, { expiryGraceMs });
  }

  /** Types of all entries in the database's order, or of those of one transfer. */
  async entries(transfer?: string): Promise<string[]> {
    const leaves = await this.store.read((view) => view.leavesFrom(0, 1_000_000));
    return leaves.filter((leaf) => transfer === undefined || leaf.transfer === transfer).map(({ type }) => type);
  }

  /** Transfers that have bytes in the blob store. */
  async storedBlobs(): Promise<string[]> {
    const stored: string[] = [];
    for await (const id of this.blobs.list()) stored.push(id);
    return stored;
  }

  /** What a port answers when it is away. */
  outage(port: PortName): Error {
    return OUTAGES[port]();
  }
}

const outage = (code: ProblemCode) => () => new Problem(code, "Away.");
const OUTAGES: Readonly<Record<PortName, () => Error>> = {
  store: outage("store/unavailable"),
  tiles: () => new Error("the disk does not answer"),
  keys: outage("keys/unavailable"),
  blobs: outage("storage/full"),
  mail: outage("mail/undelivered"),
};

interface RealPorts {
  readonly store?: Store;
  readonly tiles?: TileStore;
  readonly blobs?: BlobStore;
  readonly clock?: SteppedClock;
  readonly keys?: FakeKeyService;
  readonly mail?: ReturnType<typeof memoryMail>;
  /** Signs the ledger; a fresh one unless given. */
  readonly signer?: NoteSigner;
}

async function build(given: CryptoPorts, seed: number, ports: RealPorts) {
  const crypto = { ...given, random: seededRandom(seed) };
  const clock = ports.clock ?? new SteppedClock();
  const watch = new CallWatch();
  const store = watch.on("store", ports.store ?? memoryStore());
  const tiles = watch.on("tiles", new MemoryTileStore());
  const keys = watch.on("keys", ports.keys ?? (await fakeKeyService({ crypto, clock })));
  const signer = ports.signer ?? (await sceneSigner(crypto));
  const logKey = signer.key;
  const { sha256, signatures, random } = crypto;
  const ledger = await LedgerWriter.open({ store: ports.tiles ?? tiles, signer, sha256, signatures });
  const ledgerFailures: unknown[] = [];
  const sequencer = new Sequencer({ store, tree: ledger, onFailure: (error) => ledgerFailures.push(error) });
  const perform = performer({ store, sequencer, clock, random, sha256 });
  return {
    clock,
    crypto,
    watch,
    store,
    tiles,
    keys,
    blobs: watch.on("blobs", ports.blobs ?? memoryBlobStore()),
    mail: watch.on("mail", ports.mail ?? memoryMail()),
    ledger,
    logKey,
    sequencer,
    perform,
    ledgerFailures,
  };
}

/** Who signs the ledger of a scene. */
export async function sceneSigner({ sha256, signatures }: CryptoPorts): Promise<NoteSigner> {
  const { publicKey, privateKey } = await signatures.generateKeyPair();
  return { key: makeVerifierKey(sha256, { name: "scene.example/log", type: ED25519_KEY, publicKey }), privateKey };
}

const CODE_KEY = new Uint8Array(32).fill(7);

function outboxOf(scene: ExchangeScene): Outbox {
  const { store, perform, clock, random, mail, crypto, outboxFailures, outboxGivenUp } = scene;
  const language = "en";
  return new Outbox({
    store,
    perform,
    clock,
    random,
    owner: "scene",
    deliverers: {
      "account-mail": accountMailDeliverer({ store, mail, language }),
      "code-mail": codeMailDeliverer({ store, mail, sha256: crypto.sha256, codeKey: CODE_KEY, language }),
      "problem-mail": problemMailDeliverer({ store, mail, language }),
      "invitation-mail": invitationMailDeliverer({
        store,
        mail,
        sha256: crypto.sha256,
        codeKey: CODE_KEY,
        origin: () => SCENE_ORIGIN,
        language,
      }),
    },
    onFailure: (error) => outboxFailures.push(error),
    onGivenUp: (kind) => outboxGivenUp.push(kind),
  });
}

function depsOf(scene: ExchangeScene) {
  const { clock, crypto, store, keys, blobs, outbox, perform, urls } = scene;
  const { random, sha256, signatures } = crypto;
  return {
    get now() {
      return clock.now();
    },
    clock,
    store,
    keys,
    blobs,
    outbox,
    perform,
    urls,
    random,
    sha256,
    signatures,
    codeKey: CODE_KEY,
    factorSecrets: scriptedFactorSecrets({ random, sha256 }),
    passkeys: webauthnPasskeys({ origin: () => SCENE_ORIGIN }),
  };
}

/** URLs that carry their permission in plain sight; only the scene's own `fetch` reads them. */
function sceneUrls(clock: SteppedClock): BlobUrls {
  return {
    putPart: (transfer, { number, sizeBytes }) => ({
      url: `http://scene.example/blobs/${transfer}/parts/${number}?size=${sizeBytes}&expires=${clock.now() + 900_000}`,
      headers: { "content-type": "application/octet-stream" },
      expiresAt: clock.now() + 900_000,
    }),
    read: (transfer) => ({
      url: `http://scene.example/blobs/${transfer}?expires=${clock.now() + 60_000}`,
      expiresAt: clock.now() + 60_000,
    }),
  };
}

/** One piece, as a stream. */
export async function* streamOf(bytes: Bytes): AsyncIterable<Uint8Array> {
  yield bytes;
}
