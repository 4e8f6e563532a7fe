import { describe, expect, it } from "vitest";
import {
  CHECKPOINT_AGE_LIMIT_MS,
  CLOCK_TOLERANCE_MS,
  ClockGuard,
  DOWNTIME_LIMIT_MS,
  HIGH_WATER_STEP_MS,
  SETTLING_MS,
} from "./clock-guard.ts";
import type { ClockRecord } from "./ring.ts";

const START = 1_800_000_000_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A wall clock that can be moved by itself, and a disk that keeps what the guard wants written. */
class Machine {
  wall = START;
  elapsed = 5000;
  stored: ClockRecord = { highWaterAt: 0, jumpedTo: 0, resets: 0 };
  guard = this.start();

  /** A new process. The other clock starts anew with it. */
  start(): ClockGuard {
    this.guard = new ClockGuard({ now: () => this.wall, monotonic: () => this.elapsed }, this.stored);
    this.keep();
    return this.guard;
  }

  /** Time passes for both clocks. */
  pass(milliseconds: number): this {
    this.wall += milliseconds;
    this.elapsed += milliseconds;
    this.keep();
    return this;
  }

  /** Somebody sets the wall clock. */
  jump(milliseconds: number): this {
    this.wall += milliseconds;
    this.keep();
    return this;
  }

  /** The process stands still for so long; the other clock knows nothing of it. */
  stop(milliseconds: number): this {
    this.wall += milliseconds;
    this.elapsed = 0;
    this.start();
    return this;
  }

  keep(): void {
    this.stored = this.guard.due(this.stored) ?? this.stored;
  }

  get state() {
    return this.guard.read().state;
  }
}

describe("clocks that agree", () => {
  it("let time destroy, to the millisecond of the wall clock", () => {
    const machine = new Machine().pass(HOUR_MS);
    expect(machine.guard.read()).toEqual({
      state: "steady",
      wall: START + HOUR_MS,
      earliest: START + HOUR_MS,
      latest: START + HOUR_MS,
    });
    expect(machine.guard.mayDestroy(null)).toBe(true);
  });

  it("may be apart by the tolerance and not by more, either way", () => {
    for (const [away, state] of [
      [CLOCK_TOLERANCE_MS - 1, "steady"],
      [CLOCK_TOLERANCE_MS, "steady"],
      [CLOCK_TOLERANCE_MS + 1, "ahead"],
      [-CLOCK_TOLERANCE_MS + 1, "steady"],
      [-CLOCK_TOLERANCE_MS, "steady"],
      [-CLOCK_TOLERANCE_MS - 1, "behind"],
    ] as const) {
      expect(new Machine().jump(away).state).toBe(state);
    }
  });

  it("are not led away by many small steps", () => {
    const machine = new Machine();
    const states = Array.from({ length: 10 }, () => machine.pass(60_000).jump(CLOCK_TOLERANCE_MS / 2).state);
    expect(states.slice(0, 2)).toEqual(["steady", "steady"]);
    expect(states.slice(3)).toEqual(states.slice(3).map(() => "ahead"));
  });

  it("may drift as clocks do, month after month", () => {
    const machine = new Machine();
    for (let day = 0; day < 300; day++) {
      expect(machine.pass(DAY_MS).jump(30_000).state).toBe("steady");
    }
  });

  it("write the high-water mark when it has grown by its step, not at every look", () => {
    const machine = new Machine();
    const first = machine.stored;
    expect(first.highWaterAt).toBe(START);
    expect(machine.pass(HIGH_WATER_STEP_MS - 1).stored).toBe(first);
    expect(machine.pass(1).stored.highWaterAt).toBe(START + HIGH_WATER_STEP_MS);
  });
});

describe("a clock that jumps ahead", () => {
  it("stops destruction and denies what it says has ended; what begins later has not begun", () => {
    const machine = new Machine().jump(30 * DAY_MS);
    expect(machine.guard.read()).toEqual({
      state: "ahead",
      wall: START + 30 * DAY_MS,
      earliest: START,
      latest: START + 30 * DAY_MS,
    });
    expect(machine.guard.mayDestroy(null)).toBe(false);
  });

  it("is forgiven when it is set right, and leaves no mark of the false time", () => {
    const machine = new Machine()
      .jump(30 * DAY_MS)
      .pass(HOUR_MS)
      .jump(-30 * DAY_MS);
    expect(machine.guard.read()).toMatchObject({ state: "steady", latest: START + HOUR_MS });
    expect(machine.stored).toMatchObject({ jumpedTo: 0, highWaterAt: START + HOUR_MS });
  });

  it("is not forgiven for a new start, however long it waits", () => {
    const machine = new Machine().jump(DAY_MS).stop(HOUR_MS);
    expect(machine.state).toBe("ahead");
    expect(machine.pass(10 * DAY_MS).state).toBe("ahead");
    expect(machine.stop(0).guard.mayDestroy(null)).toBe(false);
    expect(machine.stored.highWaterAt).toBeLessThan(START + DAY_MS);
  });

  it("is forgiven when it was set right while the service stood still", () => {
    const machine = new Machine().jump(DAY_MS);
    expect(machine.stop(HOUR_MS - DAY_MS).state).toBe("steady");
    expect(machine.stored.jumpedTo).toBe(0);
  });
});

describe("a clock that is put back", () => {
  it("opens nothing again and destroys nothing", () => {
    const machine = new Machine().pass(HOUR_MS).jump(-2 * DAY_MS);
    expect(machine.guard.read()).toEqual({
      state: "behind",
      wall: START + HOUR_MS - 2 * DAY_MS,
      earliest: START + HOUR_MS - 2 * DAY_MS,
      latest: START + HOUR_MS,
    });
    expect(machine.pass(HOUR_MS).guard.read().latest).toBe(START + 2 * HOUR_MS);
    expect(machine.guard.mayDestroy(null)).toBe(false);
  });

  it("opens nothing again after a new start either", () => {
    const machine = new Machine().pass(DAY_MS).stop(-30 * DAY_MS);
    expect(machine.state).toBe("behind");
    expect(machine.guard.read().latest).toBe(START + DAY_MS);
    expect(machine.pass(HOUR_MS).guard.read().latest).toBe(START + DAY_MS + HOUR_MS);
  });

  it("is believed again once it is past the high-water mark: a computer that began in 1970 and then asked the network", () => {
    const machine = new Machine().pass(DAY_MS).stop(-START);
    expect(machine.state).toBe("behind");
    machine.wall = START + 2 * DAY_MS;
    expect(machine.state).toBe("steady");
  });
});

describe("a stop", () => {
  it("of up to a week is nothing", () => {
    const machine = new Machine().pass(DAY_MS);
    expect(machine.stop(DOWNTIME_LIMIT_MS).state).toBe("steady");
  });

  it("of longer lets time destroy only after the clock ran evenly for hours, in one run", () => {
    const machine = new Machine().pass(DAY_MS).stop(DOWNTIME_LIMIT_MS + 1);
    expect(machine.state).toBe("settling");
    expect(machine.pass(SETTLING_MS - 1).state).toBe("settling");
    expect(machine.stop(0).state).toBe("settling");
    expect(machine.pass(SETTLING_MS - 1).state).toBe("settling");
    expect(machine.pass(1).state).toBe("steady");
    expect(machine.stop(HOUR_MS).state).toBe("steady");
  });
});

describe("the main ledger's checkpoint", () => {
  it.each([
    ["as old as it may be", -CHECKPOINT_AGE_LIMIT_MS, true],
    ["older", -CHECKPOINT_AGE_LIMIT_MS - 1, false],
    ["as far ahead as clocks may be", CLOCK_TOLERANCE_MS, true],
    ["farther ahead", CLOCK_TOLERANCE_MS + 1, false],
  ])("that is %s: time may destroy: %s", (_what, away, allowed) => {
    expect(new Machine().guard.mayDestroy(START + away)).toBe(allowed);
  });
});

describe("a reset", () => {
  it("takes the wall clock for the truth and the old mark back", () => {
    const machine = new Machine().pass(DAY_MS).stop(-DAY_MS * 30);
    const record = machine.guard.confirmed(machine.stored);
    expect(record).toEqual({ highWaterAt: machine.wall, jumpedTo: 0, resets: 1 });
    machine.stored = record;
    // Until the guard is told that it is durable, it writes nothing over it.
    expect(machine.guard.due(record)).toBeNull();
    machine.guard.reset(record);
    expect(machine.guard.read()).toMatchObject({ state: "steady", latest: machine.wall });
    expect(machine.stop(HOUR_MS).state).toBe("steady");
  });

  it("ends a jump ahead and a settling", () => {
    for (const machine of [new Machine().jump(DAY_MS), new Machine().pass(DAY_MS).stop(8 * DAY_MS)]) {
      expect(machine.state).not.toBe("steady");
      machine.stored = machine.guard.confirmed(machine.stored);
      machine.guard.reset(machine.stored);
      expect(machine.state).toBe("steady");
      expect(machine.stop(0).state).toBe("steady");
    }
  });
});
