/**
 * A seeded random walk over many transfers of several members in two organisations: steps alone and many at once, ports that
 * fail, clocks that jump, kill -9 of the server, power cuts of the key service. What must always hold is looked at after each
 * burst and at each answer.
 */
import { type CryptoPorts, isProblem, type OrganisationId } from "@safeconduct/foundation";
import { SCENE_START, type Desk, known } from "@safeconduct/testkit";
import { Invariants } from "./invariants.ts";
import { SenderSteps } from "./sender-steps.ts";
import { drawSending, type Recipient, recipientsOf, type Sending } from "./people.ts";
import { Steps } from "./steps.ts";
import { type Doing, World } from "./world.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Transfers that steps choose from; older ones end by themselves. */
const AT_HAND = 6;
/** Room for about twenty of the transfers of a walk. */
const QUOTA_BYTES = 80_000;
/** Steps of which a failure tells. */
const TRACE_STEPS = 16;
/** Answers that say nothing about what was done. */
const UNSURE: ReadonlySet<string> = new Set(["store/unavailable", "ledger/unavailable"]);
/** Every desk is a compliance officer's too, who closes and erases what colleagues have sent. */
const isOutside = (desk: Desk, sending: Sending): boolean => desk.organisation.id !== sending.desk.organisation.id;

const PAST: ReadonlySet<string> = new Set(["done"]);

interface Step {
  readonly name: string;
  readonly act: () => Promise<string | void>;
  /** A caller who may not. */
  readonly isForeign?: boolean;
}

export class ExchangeWalk {
  readonly outcomes = new Map<string, number>();
  readonly world: World;
  /** The last steps with their outcomes, oldest first. */
  readonly trace: string[] = [];
  private readonly desks: readonly Desk[];
  private readonly invariants: Invariants;
  private readonly steps: Steps;
  private readonly senders: SenderSteps;
  private readonly quotas: ReadonlyMap<OrganisationId, number>;
  private readonly sendings: Sending[] = [];
  private readonly recipients: Recipient[] = [];
  private readonly defects: unknown[] = [];

  private constructor(world: World, desks: readonly Desk[]) {
    this.world = world;
    this.desks = desks;
    this.invariants = new Invariants(world);
    this.steps = new Steps(world, this.invariants, QUOTA_BYTES);
    this.senders = new SenderSteps(world);
    this.quotas = new Map(desks.map(({ organisation }) => [organisation.id, QUOTA_BYTES]));
  }

  static async open(options: { crypto: CryptoPorts; seed: number }): Promise<ExchangeWalk> {
    const world = await World.open(options);
    const first = await world.desk();
    return new ExchangeWalk(world, [first, await world.desk(first.organisation), await world.desk()]);
  }

  /** One step, or several at once. Answers how many. */
  async burst(): Promise<number> {
    if (this.chance(20) === 0) {
      this.note("clock", this.moveClocks());
      return 1;
    }
    if (this.chance(60) === 0 && (await this.overAnEnd())) return 2;
    const size = this.chance(5) < 2 ? 1 : 2 + this.chance(5);
    const steps: Step[] = this.chance(20) === 0 ? await this.drawWithdrawal() : [];
    while (steps.length < size) steps.push(await this.draw());
    if (this.chance(12) === 0) this.breakDisk();
    await this.run(steps, this.chance(24) === 0 ? this.chance(40) : null);
    return steps.length;
  }

  private async run(steps: readonly Step[], cutAfter: number | null): Promise<void> {
    const { world } = this;
    const isCut = await world.turnstile.run(() => steps.map((step) => this.take(step)), cutAfter);
    if (isCut) this.note("server", "killed");
    if (this.defects.length > 0) throw this.defects[0];
    await this.restartWhatFell(isCut);
    await this.look();
  }

  /**
   * Both clocks are put back over the end of a link that has come: the key service, which has seen the time pass, must not open it
   * again. Or they are put forward over the end or the beginning of one that has not: it must neither destroy nor open it.
   */
  private async overAnEnd(): Promise<boolean> {
    const { world, steps } = this;
    const recipient = this.oneOf(this.recipients.slice(-AT_HAND));
    const rest = recipient === undefined ? 0 : recipient.notAfter - world.keyClock.now();
    if (recipient === undefined || rest <= 0) return false;
    const over = (1 + this.chance(3)) * HOUR_MS;
    const isBack = this.chance(2) === 0;
    const again: Step[] = [
      { name: "thief", act: () => steps.steal(recipient) },
      { name: "journey", act: () => steps.journey(recipient) },
    ];
    if (isBack) {
      world.pass(rest + over);
      if (this.chance(2) === 0) await world.keepTime();
    } else again.push({ name: "sweep", act: () => steps.sweep() });
    const forward = this.chance(2) === 0 ? over : rest + over;
    const distance = isBack ? -over - 1 - this.chance(30 * MINUTE_MS) : forward;
    for (const clock of [world.clock, world.keyClock]) clock.jump(distance);
    this.note("clock", isBack ? "back over an end" : "forward over an end");
    await this.run(again, null);
    return true;
  }

  /** Everything comes to its end: nothing due is left, the tree is whole, and every share is gone. */
  async finish(): Promise<void> {
    const { world } = this;
    this.healClocks();
    // Ended, and then nobody comes by for weeks.
    world.pass(8 * DAY_MS);
    await problemOf(this.steps.sweep());
    for (const hold of world.keys.askedHolds) await problemOf(world.scene.keys.liftHold(hold));
    world.pass(60 * DAY_MS);
    await world.confirmKeyClock(known(this.desks[0]).organisation.id);
    await world.anchor();
    await world.scene.sweep();
    await this.look();
    const states = await world.durable.store.read((view) =>
      Promise.all(this.sendings.map(({ id }) => view.findTransfer(id))),
    );
    if (states.some((transfer) => transfer !== null && transfer.state !== "destroyed"))
      throw new Error("not destroyed");
    if ((await world.scene.storedBlobs()).length > 0) throw new Error("bytes are left in the blob store");
    for (const { id, desk } of this.sendings)
      if (states.some((transfer) => transfer?.id === id)) await this.steps.certificate({ id } as Sending, desk);
    await this.invariants.verifyWhole();
  }

  private chance(limit: number): number {
    return this.world.chance(limit);
  }

  private oneOf<Value>(values: readonly Value[]): Value | undefined {
    return values[this.chance(Math.max(1, values.length))];
  }

  private async draw(): Promise<Step> {
    const { steps } = this;
    const sending = this.oneOf(this.sendings.slice(-AT_HAND));
    const recipient = this.oneOf(this.recipients.slice(-AT_HAND));
    const dice = this.chance(100);
    if (dice < 7 || sending === undefined) return this.drawDraft();
    const desk = this.chance(12) === 0 ? known(this.oneOf(this.desks)) : sending.desk;
    const isForeign = desk !== sending.desk;
    if (dice < 10) return this.drawOfSender((await this.activeSending()) ?? sending);
    if (dice < 13) return { name: "put", act: () => steps.put(sending) };
    if (dice < 24) return { name: "seal", isForeign, act: () => steps.seal(sending, desk) };
    if (dice < 27) return { name: "put", act: () => steps.put(sending) };
    if (dice < 28) return { name: "abandon", isForeign, act: () => steps.abandon(sending, desk) };
    if (dice < 30)
      return { name: "revoke all", isForeign: isOutside(desk, sending), act: () => steps.revokeAll(sending, desk) };
    if (dice < 33) return { name: "read", act: () => steps.read(sending) };
    if (dice < 34) {
      if (this.chance(2) === 0) return { name: "anchor", act: () => this.world.anchor() };
      return { name: "certificate", act: () => steps.certificate(sending, sending.desk) };
    }
    if (dice < 35) return { name: "hold", act: () => steps.hold(sending) };
    if (dice < 37) {
      const old = known(this.oneOf(this.sendings));
      return { name: "erase", isForeign: isOutside(desk, old), act: () => steps.erase(old, desk) };
    }
    if (dice < 42) return { name: "sweep", act: () => steps.sweep() };
    if (dice < 47) return { name: "time", act: async () => this.world.pass(this.drawSpan()) };
    if (recipient === undefined) return { name: "put", act: () => steps.put(sending) };
    if (dice < 49) return { name: "code", act: () => steps.askForCode(recipient) };
    if (dice < 53) return { name: "confirm", act: () => steps.confirm(recipient) };
    if (dice < 55) return { name: "visit", act: () => steps.visit(recipient) };
    if (dice < 72) return { name: "journey", act: () => steps.journey(recipient) };
    if (dice < 77) return { name: "passcode", act: () => steps.passcode(recipient) };
    if (dice < 88) return { name: "release", act: async () => steps.release(recipient, await steps.keyFor(recipient)) };
    if (dice < 91) return { name: "receipt", act: () => steps.receipt(recipient) };
    if (dice < 93) {
      const by = this.chance(12) === 0 ? known(this.oneOf(this.desks)) : recipient.sending.desk;
      return { name: "revoke", isForeign: isOutside(by, recipient.sending), act: () => steps.revoke(recipient, by) };
    }
    if (dice < 94) {
      if (this.chance(4) === 0) return { name: "hurry", act: () => steps.hurry(recipient) };
      const other = known(this.oneOf(this.recipients));
      return { name: "borrow", act: () => steps.borrow(recipient, other) };
    }
    if (dice < 96) return { name: "pause", act: () => steps.pause(recipient) };
    return { name: "thief", act: () => steps.steal(recipient) };
  }

  /** A sender takes back what they, from another device, open and give away at the same moment. */
  private async drawWithdrawal(): Promise<Step[]> {
    const { steps, senders } = this;
    const sending = await this.activeSending();
    if (sending === undefined) return [];
    const { desk } = sending;
    return [
      { name: "open own", act: () => senders.openOwn(sending, desk) },
      { name: "add", act: () => senders.addRecipient(sending, desk, null) },
      { name: "revoke all", act: () => steps.revokeAll(sending, desk) },
    ];
  }

  private async activeSending(): Promise<Sending | undefined> {
    const states = await this.world.durable.store.read(async (view) => {
      const transfers = await Promise.all(this.sendings.map(({ id }) => view.findTransfer(id)));
      return transfers.map((transfer) => transfer?.state);
    });
    return this.oneOf(this.sendings.filter((_, at) => states[at] === "active"));
  }

  private drawOfSender(sending: Sending): Step {
    const { senders, world } = this;
    const desk = this.chance(8) === 0 ? known(this.oneOf(this.desks)) : sending.desk;
    const isForeign = desk !== sending.desk;
    const dice = this.chance(4);
    if (dice === 0) return { name: "open own", isForeign, act: () => senders.openOwn(sending, desk) };
    if (dice === 1) {
      const destroyed = this.sendings.filter(({ id }) => world.keys.shredded.has(id));
      const old = this.oneOf(this.chance(3) === 0 ? this.sendings : destroyed) ?? sending;
      return { name: "readd", act: () => senders.readd(old) };
    }
    const theirs = this.recipients.filter((recipient) => recipient.sending === sending);
    const replaced = this.chance(2) === 0 ? (this.oneOf(theirs) ?? null) : null;
    return { name: "add", isForeign, act: () => senders.addRecipient(sending, desk, replaced) };
  }

  /** What the sender's own machine does happens before: its threads keep no order. */
  private async drawDraft(): Promise<Step> {
    const desk = known(this.oneOf(this.desks));
    const { scene, chance } = this.world;
    try {
      const sending = await drawSending(scene, desk, { chance, number: this.sendings.length });
      this.sendings.push(sending);
      const isWhole = chance(2) === 0;
      return isWhole
        ? { name: "send", act: () => this.steps.send(sending) }
        : { name: "draft", act: () => this.steps.draft(sending) };
    } catch (error) {
      // A sender whose clock and the key service's are not the same is told so.
      if (!isProblem(error)) throw error;
      const { code } = error;
      return { name: "draft", act: async () => code };
    }
  }

  private async take({ name, act, isForeign = false }: Step): Promise<void> {
    const doing: Doing = { name, entries: [], decidedAt: 0 };
    try {
      await this.world.doing.run(doing, async () => {
        const outcome = await problemOf(act());
        this.note(name, outcome);
        if (isForeign && PAST.has(outcome)) throw new Error(`${name} was done for somebody else`);
        // A sweep that failed somewhere has done the rest, and tells the first failure.
        const isSure = name === "sweep" ? outcome === "done" : !UNSURE.has(outcome);
        if (isSure) await this.invariants.atAnswer(doing);
      });
    } catch (error) {
      this.defects.push(error);
    }
  }

  private note(name: string, outcome: string): void {
    const label = `${name}: ${outcome}`;
    this.outcomes.set(label, (this.outcomes.get(label) ?? 0) + 1);
    this.trace.push(label);
    if (this.trace.length > TRACE_STEPS) this.trace.shift();
  }

  /** Whom a seal let in takes part from now on, whether the sender heard of it or not. */
  private async meetRecipients(): Promise<void> {
    for (const sending of this.sendings.slice(-AT_HAND)) {
      if (this.recipients.some((recipient) => recipient.sending === sending)) continue;
      const transfer = await this.world.durable.store.read((view) => view.findTransfer(sending.id));
      if (transfer !== null && transfer.sealedAt !== null)
        this.recipients.push(...(await recipientsOf(this.world.crypto, sending)));
    }
    for (const asked of this.senders.asked.splice(0)) {
      const grant = await this.world.durable.store.read((view) => view.findGrant(asked.grant));
      if (grant !== null) this.recipients.push(asked);
    }
  }

  private async restartWhatFell(isCut: boolean): Promise<void> {
    const { world } = this;
    const { fault } = world.disk;
    world.disk.fault = null;
    if (world.areKeysLost || fault?.kind === "crash" || this.chance(60) === 0) {
      await world.restartKeys();
      this.note("key service", "started");
    }
    if (isCut) await world.startServer();
  }

  private async look(): Promise<void> {
    await this.meetRecipients();
    await this.invariants.look(
      this.sendings.slice(-AT_HAND - 2).map(({ id }) => id),
      this.quotas,
    );
    if (this.chance(8) === 0) {
      await this.world.keys.lookAtShares([...this.quotas.keys()]);
      await this.lookAtDestroyed();
    }
  }

  private async lookAtDestroyed(): Promise<void> {
    const { store } = this.world.durable;
    await store.read(async (view) => {
      for (const { grant } of this.recipients) {
        const record = await view.findGrant(grant);
        const isGone = this.world.keys.shredded.has(grant) || this.world.keys.shredded.has(record?.transfer ?? "");
        if (record !== null && record.destroyedAt !== null && !isGone)
          throw new Error("called destroyed before its share was");
      }
    });
  }

  /** One of the next writes to the key service's disk fails, or the power goes. */
  private breakDisk(): void {
    const { disk } = this.world;
    disk.fault = { at: disk.operations + 1 + this.chance(12), kind: this.chance(2) === 0 ? "failure" : "crash" };
  }

  private drawSpan(): number {
    const spans = [MINUTE_MS, MINUTE_MS, MINUTE_MS, 10 * MINUTE_MS, 10 * MINUTE_MS, 2 * HOUR_MS, 12 * HOUR_MS];
    return 1 + this.chance(known(spans[this.chance(spans.length)]));
  }

  /** Somebody sets a clock, mostly right. */
  private moveClocks(): string {
    const { world } = this;
    const distance = (this.chance(2) === 0 ? 1 : -1) * this.drawSpan();
    const dice = this.chance(6);
    if (dice === 0) world.clock.jump(distance);
    else if (dice === 1) world.keyClock.jump(distance);
    else this.healClocks();
    return dice > 1 ? "set right" : "jumped";
  }

  private healClocks(): void {
    for (const clock of [this.world.clock, this.world.keyClock])
      clock.jump(SCENE_START + clock.monotonic() - clock.now());
  }
}

/** What came of it, or the code of what may be expected to go wrong; anything else is a defect and comes out. */
async function problemOf(promise: Promise<unknown>): Promise<string> {
  try {
    const outcome = await promise;
    return typeof outcome === "string" ? outcome : "done";
  } catch (error) {
    if (isProblem(error)) return error.code;
    throw error;
  }
}
