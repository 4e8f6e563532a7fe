/**
 * Whether somebody is at this page. Only what a person does counts as use; two minutes before the page would lock it asks, and from
 * then on only an answer counts, not a passing hand. Time is the wall clock's, because others stand still while a computer sleeps.
 */

/** As the server's own limit (packages/exchange, SESSION_IDLE_MS), which holds also where this page does not run. */
export const LOCK_AFTER_MS = 15 * 60_000;
export const WARN_BEFORE_MS = 2 * 60_000;
/** Use is told to the server at most this often, and at the latest this long after it happened. */
export const REPORT_EVERY_MS = 30_000;
/** And to the other pages of this browser. */
const NOTE_EVERY_MS = 1_000;

/** `warned`: the page asks whether somebody is there. `absent`: it locks. */
export type Phase = "present" | "warned" | "absent";

export interface PresencePorts {
  readonly now: () => number;
  readonly after: (milliseconds: number, act: () => void) => () => void;
  /** Tells the server that somebody is here. */
  readonly report: () => void;
  /** Tells the other pages. */
  readonly note: (usedAt: number) => void;
}

export class Presence {
  private readonly ports: PresencePorts;
  private usedAt: number;
  private reportedAt = Number.NEGATIVE_INFINITY;
  private notedAt = Number.NEGATIVE_INFINITY;
  private callOff: (() => void) | null = null;

  constructor(ports: PresencePorts) {
    this.ports = ports;
    this.usedAt = ports.now();
  }

  phase(): Phase {
    const left = this.leftMs();
    return left <= 0 ? "absent" : left <= WARN_BEFORE_MS ? "warned" : "present";
  }

  /** Until the page locks. */
  leftMs(): number {
    const now = this.ports.now();
    // A clock that was set back must not make the wait longer than it is.
    this.usedAt = Math.min(this.usedAt, now);
    return this.usedAt + LOCK_AFTER_MS - now;
  }

  /** A hand or a key. Too late where the page has asked, or should have: a computer that wakes up is not in use by that. */
  used(): void {
    if (this.phase() === "present") this.mark();
  }

  /** The answer to the question. */
  stay(): void {
    if (this.phase() !== "absent") this.mark();
  }

  /** Somebody has just proved who is there. */
  begin(): void {
    this.mark();
  }

  /** Another page was used, or the server knows better. What comes from the future is of now. */
  heard(usedAt: number): void {
    if (usedAt > this.usedAt) this.usedAt = Math.min(usedAt, this.ports.now());
  }

  stop(): void {
    this.callOff?.();
    this.callOff = null;
  }

  private mark(): void {
    const now = this.ports.now();
    this.usedAt = now;
    if (now < this.notedAt || now >= this.notedAt + NOTE_EVERY_MS) {
      this.notedAt = now;
      this.ports.note(now);
    }
    if (now < this.reportedAt || now >= this.reportedAt + REPORT_EVERY_MS) this.report();
    else this.callOff ??= this.ports.after(this.reportedAt + REPORT_EVERY_MS - now, () => this.report());
  }

  private report(): void {
    this.stop();
    this.reportedAt = this.ports.now();
    this.ports.report();
  }
}
