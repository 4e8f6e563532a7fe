/**
 * Every call that leaves the use cases passes here. While it is `held`, each waits until it is let through, one at a time in an
 * order drawn from the seed, so that what runs at once is interleaved in every way and the same way for the same seed. Calls can
 * fail before they act or after, and all that is under way can be cut off for ever, as by kill -9.
 */
import { setImmediate as nextTurn } from "node:timers/promises";

export type Chance = (limit: number) => number;

/** Before it acts, after it acted, or after half of it. */
type Fault = "before" | "after" | "half";

interface Rules {
  /** One call in so many fails; 0: none. */
  readonly faultOneIn: number;
  readonly outage: (port: string) => Error;
  /** Acts on the first half of what it was given, where a call can be done by halves. */
  readonly half: (call: string, given: readonly unknown[]) => readonly unknown[] | null;
  /** How many calls may act at once, where ports are real and take their time; nobody is then said to stand still. */
  readonly atOnce?: () => number;
}

/** Turns without a step after which whoever still waits will wait for ever. */
const STANDSTILL_TURNS = 5_000;
/** Iterators and look-ups without an effect of their own. */
const UNTOUCHED: ReadonlySet<string> = new Set(["blobs.read", "blobs.list", "store.scrub"]);
const READS: ReadonlySet<string> = new Set(["store.read", "tiles.readTile", "tiles.readCheckpoint", "keys.publicKeys"]);

export class Turnstile {
  /** Calls that failed, by what they were. */
  readonly faults = new Map<string, number>();
  private readonly chance: Chance;
  private readonly rules: Rules;
  private parked: (() => void)[] = [];
  private isHeld = false;
  private isFaulty = false;
  private acting = 0;
  /** Called when somebody came, a call ended or one of those begun did. */
  private stir: () => void = () => undefined;

  constructor(chance: Chance, rules: Rules) {
    this.chance = chance;
    this.rules = rules;
  }

  on<Port extends object>(name: string, port: Port): Port {
    return new Proxy(port, {
      get: (target, property) => {
        const member: unknown = Reflect.get(target, property);
        const call = `${name}.${String(property)}`;
        if (typeof member !== "function" || UNTOUCHED.has(call)) return member;
        const act = member.bind(target) as (...given: unknown[]) => unknown;
        return (...given: unknown[]) => (this.isHeld || this.isFaulty ? this.pass(call, act, given) : act(...given));
      },
    });
  }

  /**
   * Runs what `begin` begins, none of which may reject, to its end, or until `cutAfter` calls were let through: then whatever is under way stops for ever.
   * Answers whether it was cut off.
   */
  async run(begin: () => readonly Promise<unknown>[], cutAfter: number | null): Promise<boolean> {
    this.isHeld = true;
    this.isFaulty = this.rules.faultOneIn > 0;
    try {
      return await this.drive(begin(), cutAfter);
    } finally {
      this.isHeld = false;
      this.isFaulty = false;
      this.parked = [];
    }
  }

  private async drive(begun: readonly Promise<unknown>[], cutAfter: number | null): Promise<boolean> {
    let open = begun.length;
    for (const each of begun) {
      void each.then(() => {
        open--;
        this.stir();
      });
    }
    let passed = 0;
    for (let idle = 0; ; ) {
      await nextTurn();
      if (open === 0 && this.parked.length === 0) return false;
      const { atOnce } = this.rules;
      if (atOnce !== undefined && (this.parked.length === 0 || this.acting >= atOnce())) {
        // Turning over and over meanwhile would take the core that the database works on.
        await new Promise<void>((resolve) => {
          this.stir = resolve;
        });
        continue;
      }
      if (this.parked.length === 0) {
        if (++idle > STANDSTILL_TURNS) throw new Error("what was begun stands still");
        continue;
      }
      if (passed++ === cutAfter) return true;
      idle = 0;
      this.parked.splice(this.chance(this.parked.length), 1)[0]?.();
    }
  }

  private async pass(call: string, act: (...given: unknown[]) => unknown, given: readonly unknown[]): Promise<unknown> {
    await this.park();
    const fault = this.drawFault(call);
    if (fault === "before") throw this.outage(call);
    const half = fault === "half" ? this.rules.half(call, given) : null;
    const answer = await this.act(() => act(...(half ?? given)));
    // Somebody else may come between the act and the answer.
    if (this.chance(4) === 0) await this.park();
    if (fault !== null) throw this.outage(call);
    return answer;
  }

  private async act(act: () => unknown): Promise<unknown> {
    this.acting++;
    try {
      return await act();
    } finally {
      this.acting--;
      this.stir();
    }
  }

  private park(): Promise<void> {
    return new Promise((resolve) => {
      this.parked.push(resolve);
      this.stir();
    });
  }

  private drawFault(call: string): Fault | null {
    if (!this.isFaulty || this.chance(this.rules.faultOneIn) !== 0) return null;
    const fault: Fault = READS.has(call)
      ? "before"
      : ((["before", "after", "half"] as const)[this.chance(3)] ?? "after");
    const label = `${call} ${fault}`;
    this.faults.set(label, (this.faults.get(label) ?? 0) + 1);
    return fault;
  }

  private outage(call: string): Error {
    return this.rules.outage(call.split(".")[0] ?? "");
  }
}
