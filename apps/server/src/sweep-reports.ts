/** Tells of failures of the sweep. That the clock stops it is a state and not news: it is told once, until a sweep goes through. */
import { isProblem } from "@safeconduct/foundation";
import { failureKind, type Log } from "./log.ts";

export interface SweepReports {
  readonly failed: (error: unknown) => void;
  /** A sweep went through. */
  readonly done: () => void;
}

export function sweepReports(log: Log): SweepReports {
  let isStopped = false;
  return {
    failed(error) {
      const isClock = isProblem(error) && error.code === "keys/clock-stopped";
      if (!isClock || !isStopped) log({ event: "sweep/failed", failure: failureKind(error) });
      isStopped ||= isClock;
    },
    done() {
      isStopped = false;
    },
  };
}
