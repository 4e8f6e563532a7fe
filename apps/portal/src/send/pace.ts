/** How fast an upload goes and how long it will still take, told from the last while so that a pause or a stall shows soon. */

const WINDOW_MS = 20_000;
/** Before this the first pieces, which fill buffers, would promise too much. */
const LEAST_MS = 2_000;

export interface Pace {
  readonly bytesPerSecond: number;
  readonly secondsLeft: number;
}

export class PaceMeter {
  private marks: readonly { readonly at: number; readonly doneBytes: number }[] = [];

  /** Forgets what was: after a pause, or when bytes began to count from elsewhere. */
  restart(): void {
    this.marks = [];
  }

  /** Null while it is too early to say. `at` in milliseconds. */
  note({ at, doneBytes, totalBytes }: { at: number; doneBytes: number; totalBytes: number }): Pace | null {
    const inWindow = this.marks.filter((mark) => at - mark.at <= WINDOW_MS);
    // One mark before the window stays, so that slow parts of 8 MiB still have something to be held against.
    const before = this.marks.findLast((mark) => at - mark.at > WINDOW_MS);
    this.marks = [...(before === undefined ? [] : [before]), ...inWindow, { at, doneBytes }];
    const [first] = this.marks;
    if (first === undefined || at - first.at < LEAST_MS || doneBytes <= first.doneBytes) return null;
    const bytesPerSecond = ((doneBytes - first.doneBytes) * 1000) / (at - first.at);
    return { bytesPerSecond, secondsLeft: (totalBytes - doneBytes) / bytesPerSecond };
  }
}
