/**
 * What time the key service believes. A share that is shredded is gone for ever, and a wrong clock must not be what
 * decides it; a clock that is put back must not open again what had ended. So the wall clock is held against the time
 * that has passed by another clock and against a high-water mark that outlives the process.
 *
 * It cannot see a clock that is wrong from the first start on, nor one that was moved while the service stood still by
 * less than {@link DOWNTIME_LIMIT_MS}: docs/operations/key-service.md says so.
 */
import type { Clock } from "@safeconduct/foundation";
import type { ClockRecord } from "./ring.ts";

/** How far the wall clock and the time that has passed may be apart. */
export const CLOCK_TOLERANCE_MS = 2 * 60_000;
/** And more for every second since the start: what clocks are slewed by at most, so that no small steps add up to more. */
const DRIFT_LIMIT = 500 / 1_000_000;
/** The high-water mark is written when it has grown by this much. */
export const HIGH_WATER_STEP_MS = 60_000;
/** After a longer stop nothing is destroyed by time until the clock has run evenly for {@link SETTLING_MS}. */
export const DOWNTIME_LIMIT_MS = 7 * 86_400_000;
export const SETTLING_MS = 4 * 3_600_000;
/** The main ledger's last checkpoint must not be older than this, nor more than the tolerance ahead. */
export const CHECKPOINT_AGE_LIMIT_MS = 7 * 86_400_000;

/**
 * `steady`: all clocks agree. `ahead`, `behind`: the wall clock has jumped. `settling`: after a long stop.
 * Position + 1 is the stored code: append only.
 */
export const CLOCK_STATES = ["steady", "ahead", "behind", "settling"] as const;
export type ClockState = (typeof CLOCK_STATES)[number];

export interface ClockReading {
  readonly state: ClockState;
  /** The wall clock, milliseconds since the Unix epoch. */
  readonly wall: number;
  /** The earliest time that it may be: what has not begun by this has not begun. */
  readonly earliest: number;
  /** The latest: what has ended by this has ended. */
  readonly latest: number;
}

interface Anchor {
  readonly wall: number;
  readonly elapsed: number;
}

export class ClockGuard {
  private readonly clock: Clock;
  private readonly startedAt: number;
  /** Null as long as no wall clock was read that could follow on the high-water mark. */
  private anchor: Anchor | null = null;
  private settledAt = 0;
  private highWaterAt: number;
  private jumpedTo: number;
  private resets: number;

  /** `clock.monotonic` should go on while the machine sleeps: otherwise every sleep is a jump. */
  constructor(clock: Clock, stored: ClockRecord) {
    this.clock = clock;
    this.startedAt = clock.monotonic();
    this.highWaterAt = stored.highWaterAt;
    this.jumpedTo = stored.jumpedTo;
    this.resets = stored.resets;
  }

  read(): ClockReading {
    const wall = this.clock.now();
    const elapsed = this.clock.monotonic();
    const anchor = this.anchorAt(wall, elapsed);
    if (anchor === null) {
      const reached = this.highWaterAt + (elapsed - this.startedAt);
      const state = wall < this.highWaterAt - CLOCK_TOLERANCE_MS ? "behind" : "ahead";
      return { state, wall, earliest: Math.min(wall, reached), latest: Math.max(wall, reached) };
    }
    const passed = elapsed - anchor.elapsed;
    const expected = anchor.wall + passed;
    const tolerance = CLOCK_TOLERANCE_MS + passed * DRIFT_LIMIT;
    const isSteady = Math.abs(wall - expected) <= tolerance;
    if (isSteady) this.jumpedTo = 0;
    else if (wall > expected && this.jumpedTo === 0) this.jumpedTo = wall;
    this.highWaterAt = Math.max(this.highWaterAt, isSteady ? wall : expected);
    const latest = Math.max(wall, this.highWaterAt);
    if (!isSteady) {
      return { state: wall > expected ? "ahead" : "behind", wall, earliest: Math.min(wall, expected), latest };
    }
    return { state: elapsed < this.settledAt ? "settling" : "steady", wall, earliest: wall, latest };
  }

  /** Whether time alone may destroy now. `checkpointAt`: when the main ledger last grew, null where nobody said. */
  mayDestroy(checkpointAt: number | null): boolean {
    const { state, wall } = this.read();
    if (state !== "steady") return false;
    if (checkpointAt === null) return true;
    return checkpointAt <= wall + CLOCK_TOLERANCE_MS && checkpointAt >= wall - CHECKPOINT_AGE_LIMIT_MS;
  }

  /** What should be written, or null where `stored` is near enough. */
  due(stored: ClockRecord): ClockRecord | null {
    // A reset is on its way to the disk: what was believed before it must not be written over it.
    if (stored.resets !== this.resets) return null;
    const { state } = this.read();
    // While it settles, the old mark stays on the disk: a start in between must settle again.
    const highWaterAt =
      state === "settling" ? stored.highWaterAt : Math.max(stored.highWaterAt, Math.floor(this.highWaterAt));
    const jumpedTo = Math.floor(this.jumpedTo);
    const isNear = jumpedTo === stored.jumpedTo && highWaterAt - stored.highWaterAt < HIGH_WATER_STEP_MS;
    return isNear ? null : { ...stored, highWaterAt, jumpedTo };
  }

  /** The record after two people have said that the wall clock is right. Counts once {@link reset} follows. */
  confirmed(stored: ClockRecord): ClockRecord {
    return { highWaterAt: this.clock.now(), jumpedTo: 0, resets: stored.resets + 1 };
  }

  /** Takes `record`, which is durable now, for the truth. */
  reset(record: ClockRecord): void {
    this.highWaterAt = record.highWaterAt;
    this.jumpedTo = 0;
    this.resets = record.resets;
    this.settledAt = 0;
    this.anchor = { wall: this.clock.now(), elapsed: this.clock.monotonic() };
  }

  private anchorAt(wall: number, elapsed: number): Anchor | null {
    if (this.anchor !== null) return this.anchor;
    const isBehind = wall < this.highWaterAt - CLOCK_TOLERANCE_MS;
    // A jump that an earlier process saw is over when the clock has been put back from where it had jumped to.
    const isStillAhead = this.jumpedTo !== 0 && wall >= this.jumpedTo - CLOCK_TOLERANCE_MS;
    if (isBehind || isStillAhead) return null;
    const isLongStop = this.highWaterAt !== 0 && wall - this.highWaterAt > DOWNTIME_LIMIT_MS;
    if (isLongStop) this.settledAt = elapsed + SETTLING_MS;
    this.jumpedTo = 0;
    this.anchor = { wall: Math.max(wall, this.highWaterAt), elapsed };
    return this.anchor;
  }
}
