/**
 * A revocation and releases of the same link at once, in an order that a seed draws, and what must be true of it afterwards:
 * whoever is told that it is revoked may rely on it, and every key has one outcome, the same in answer, database and ledger.
 */
import { nodeCrypto } from "@safeconduct/crypto-node";
import {
  destroyDueOf,
  type RecipientCaller,
  release,
  revokeGrant,
  revokeTransfer,
  type SequencedEvent,
  type Store,
} from "@safeconduct/exchange";
import { type Bytes, drawId, equalBytes, hexText } from "@safeconduct/foundation";
import { decodeLeaf, verifyLog } from "@safeconduct/ledger";
import {
  cheapCrypto,
  type Desk,
  ExchangeScene,
  fakeKeyService,
  known,
  MemoryTileStore,
  outcomeOf,
  type SealedTransfer,
  sealedTransfer,
  seededRandom,
  SteppedClock,
} from "@safeconduct/testkit";
import { CustodyModel } from "../simulation/custody-model.ts";
import { Turnstile } from "../simulation/turnstile.ts";

/** A release takes about eight turns: the revocation comes before, within or after. */
const REVOCATION_WAITS_TURNS = 16;
const crypto = cheapCrypto(nodeCrypto());

interface Asked {
  readonly key: Bytes;
  readonly isAfterAnswer: boolean;
  readonly outcome: string;
}

/** One instance on the given database, all of whose calls wait for their turn. */
export class Races {
  /** What was not as it must be. */
  readonly breaches: string[] = [];
  readonly model = new CustodyModel();
  readonly tiles = new MemoryTileStore();
  /** Which way it went, by interleaving. */
  readonly seen = { before: 0, after: 0, refused: 0 };
  private random = seededRandom(1);
  /** Even seeds let one call through at a time, odd ones as many as come, so that transactions run side by side. */
  private atOnce = 1;
  private readonly turnstile: Turnstile;
  private readonly store: Store;
  private readonly place: { wait(): Promise<void> };
  private scene: ExchangeScene | null = null;
  private desk: Desk | null = null;

  constructor(store: Store) {
    this.store = store;
    this.turnstile = new Turnstile((limit) => this.random.below(limit), {
      faultOneIn: 0,
      outage: () => new Error("nothing fails here"),
      half: () => null,
      atOnce: () => this.atOnce,
    });
    this.place = this.turnstile.on("place", { wait: async () => undefined });
  }

  async open(): Promise<void> {
    const { turnstile } = this;
    const clock = new SteppedClock();
    const ports = {
      clock,
      store: turnstile.on("store", this.store),
      tiles: turnstile.on("tiles", this.tiles),
      keys: turnstile.on("keys", await fakeKeyService({ crypto, clock })),
    };
    this.scene = await ExchangeScene.open({ crypto, ports });
    this.desk = await this.scene.desk();
  }

  async play(seed: number): Promise<void> {
    this.random = seededRandom(seed);
    this.atOnce = seed % 2 === 0 ? 1 : Number.POSITIVE_INFINITY;
    const { random } = this;
    const [scene, desk] = [known(this.scene ?? undefined), known(this.desk ?? undefined)];
    const isWhole = random.below(2) === 0;
    const releaseCap = random.below(3);
    const address = `recipient${seed}@hospital.example`;
    const sealed = await sealedTransfer(scene, desk, { recipients: [{ address, name: null }], releaseCap });
    const caller = await scene.confirmed(sealed.grant);
    const keys = await Promise.all(
      Array.from({ length: 3 }, async () => (await crypto.hpke.generateKeyPair()).publicKey),
    );
    const [first = new Uint8Array(), second = first, late = first] = keys;

    const asked: Asked[] = [];
    let isAnswered = false;
    let revoked = "";
    const waitFor = async (turns: number) => {
      for (let turn = 0; turn < turns; turn++) await this.place.wait();
    };
    const ask = async (key: Bytes, turns = 0) => {
      await waitFor(turns);
      const isAfterAnswer = isAnswered;
      asked.push({ key, isAfterAnswer, outcome: await outcomeOf(release(scene.deps, caller, key)) });
    };
    const revoke = async () => {
      const { id: transfer, grant } = sealed;
      await waitFor(random.below(REVOCATION_WAITS_TURNS));
      revoked = await outcomeOf(
        isWhole
          ? revokeTransfer(scene.deps, desk.caller, transfer)
          : revokeGrant(scene.deps, desk.caller, { transfer, grant }),
      );
      isAnswered = true;
      await ask(late);
      if (random.below(2) === 0) await destroyDueOf(scene.deps, transfer);
    };
    await this.turnstile.run(
      () => [ask(first), ask(second, random.below(6)), revoke(), ask(first, random.below(9))],
      null,
    );
    await ask(first);
    await this.look({ seed, sealed, asked, revoked, caller, releaseCap });
  }

  private async look(played: {
    seed: number;
    sealed: SealedTransfer;
    asked: readonly Asked[];
    revoked: string;
    caller: RecipientCaller;
    releaseCap: number;
  }): Promise<void> {
    const { sealed, asked, revoked, caller, releaseCap } = played;
    const scene = known(this.scene ?? undefined);
    const [events, transfer, grants] = await this.store.read(async (view) => [
      await view.eventsOf(sealed.id),
      await view.findTransfer(sealed.id),
      await view.grantsOf(sealed.id),
    ]);
    for (const event of events) this.model.take(event);
    this.model.compare(known(transfer ?? undefined), grants);

    const isDone = revoked === "done";
    const must = (holds: boolean, claim: string) => {
      if (!holds) this.breaches.push(`interleaving ${played.seed}: ${claim}`);
    };
    // Somebody may have opened up to the cap first: then the link, or all of the transfer, had ended by itself.
    const isEnded = releaseCap > 0 && ["grant/already-ended", "transfer/not-active"].includes(revoked);
    must(isDone || isEnded, `the revocation was answered ${revoked}`);
    for (const { outcome, isAfterAnswer } of asked) {
      must(["done", "grant/unavailable"].includes(outcome), `a release was answered ${outcome}`);
      must(!(isAfterAnswer && isDone && outcome === "done"), "released after the revocation was answered");
    }

    const revokedAt = indexOf(events, "grant/revoked", "transfer/revoked");
    const released = events.filter(({ type }) => type === "grant/released");
    const refused = events.filter(({ type }) => type === "grant/release-refused");
    const opened = new Set(
      asked.filter(({ outcome }) => outcome === "done").map(({ key }) => hexText(crypto.sha256(key))),
    );
    const told = released.map(({ leaf }) => hexText(decodeLeaf(leaf).payloadHash));
    must(new Set(told).size === told.length, "two entries for one key");
    must(
      [...opened].every((key) => told.includes(key)),
      "a release has no entry",
    );
    must(refused.length >= told.length - opened.size, "a release that failed has no entry of that");
    must(!isDone || released.every(({ index }) => index < revokedAt), "a release stands behind the revocation");
    must(releaseCap === 0 || opened.size <= releaseCap, "more releases than the cap");
    must(scene.ledgerFailures.length === 0, "the ledger failed");
    if (!isDone) return;
    this.seen[opened.size > 0 ? "before" : "after"]++;
    if (refused.length > 0) this.seen.refused++;
    const denied = await this.askKeyService(sealed, caller);
    must(["keys/suspended", "keys/shredded"].includes(denied), `the key service answered ${denied}`);
  }

  /** Past the database, as whoever has the API's place. */
  private async askKeyService(sealed: SealedTransfer, { session }: RecipientCaller): Promise<string> {
    const scene = known(this.scene ?? undefined);
    const grant = known((await this.store.read((view) => view.findGrant(sealed.grant))) ?? undefined);
    const asked = scene.keys.release({
      authorisation: drawId("authorisation", scene.random),
      organisation: grant.organisation,
      transfer: sealed.id,
      grant: grant.id,
      session,
      asker: "recipient",
      termsHash: grant.termsHash,
      ephemeralPublicKey: (await crypto.hpke.generateKeyPair()).publicKey,
    });
    return outcomeOf(asked);
  }

  /** The signed tree holds what the database holds, entry by entry. */
  async verifyWhole(): Promise<void> {
    const scene = known(this.scene ?? undefined);
    const leaves = await this.store.read((view) => view.leavesFrom(0, 1_000_000));
    const waiting = await this.store.read((view) => view.waitingEvents(1));
    const verdict = await verifyLog(crypto, {
      readTile: (path) => this.tiles.readTile(path),
      checkpointText: scene.ledger.checkpointText,
      logKey: scene.logKey,
      onEntry: (index, leaf) => {
        if (!equalBytes(leaf, known(leaves[index]).leaf)) throw new Error(`entry ${index} is another one in the tree`);
      },
    });
    const isWhole = verdict.ok && waiting.length === 0 && scene.ledger.size === leaves.length;
    if (!isWhole) this.breaches.push("the tree is not what the database holds");
  }
}

const indexOf = (events: readonly SequencedEvent[], ...types: string[]) =>
  Math.min(...events.filter(({ type }) => types.includes(type)).map(({ index }) => index));

/**
 * Rounds in which a link that was opened up to its cap is asked for with three more keys while its transfer is revoked; answers the
 * types of the transfer's events in the order of the ledger. Nothing holds the calls: the database decides.
 */
export async function* cappedReleases(store: Store, rounds: number): AsyncGenerator<readonly string[]> {
  const clock = new SteppedClock();
  const ports = { clock, store, tiles: new MemoryTileStore(), keys: await fakeKeyService({ crypto, clock }) };
  const scene = await ExchangeScene.open({ crypto, ports });
  const desk = await scene.desk();
  for (let round = 0; round < rounds; round++) {
    const recipients = [{ address: `recipient${round}@hospital.example`, name: null }];
    const { id, grant } = await sealedTransfer(scene, desk, { recipients, releaseCap: 1 });
    const caller = await scene.confirmed(grant);
    const ask = async () => outcomeOf(release(scene.deps, caller, (await crypto.hpke.generateKeyPair()).publicKey));
    await ask();
    await Promise.all([ask(), ask(), outcomeOf(revokeTransfer(scene.deps, desk.caller, id)), ask()]);
    yield (await store.read((view) => view.eventsOf(id))).map(({ type }) => type);
  }
}
