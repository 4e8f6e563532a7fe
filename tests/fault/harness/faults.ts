/** What breaks. Each fault is done to a running clinic from outside and is over when its promise resolves. */
import { setTimeout as sleep } from "node:timers/promises";
import { serverProcess } from "@safeconduct/testkit";
import type { Chance } from "./chance.ts";
import type { Clinic } from "./clinic.ts";
import { attach, type Attached, type DiskCall } from "./system-calls.ts";

/** What can break, and how often it does beside the others: kills most, a second opening is the same each time. */
export const FAULT_WEIGHTS = {
  kill: 6,
  "kill-at-call": 8,
  "fail-call": 6,
  "disk-full": 3,
  "cut-off": 3,
  "open-twice": 1,
} as const;
export type Fault = keyof typeof FAULT_WEIGHTS;

/** A fault that stands ready and strikes once the act has begun. */
export interface Armed {
  /** In words that repeat it. */
  readonly words: string;
  /** False when its moment never came: the call was not made, or the process was gone. `acted` resolves when the act is over. */
  strike(acted: Promise<unknown>): Promise<boolean>;
}

const LONGEST_DELAY_MS = 80;
/** A call that never comes would be waited for in vain. */
const INJECTION_MS = 1_500;
/** Nor is it waited for long when the act is over: what it left to the sweep may still meet it. */
const AFTER_ACT_MS = 300;
const KILLED: readonly ("server" | "key service" | "both")[] = ["server", "key service", "both"];
/** How many calls of a kind one thread makes in most acts: a fault behind them would strike nothing. */
const CALLS_MADE = {
  server: { fsync: 4, write: 5, open: 3, rename: 2, unlink: 1 },
  "key service": { fsync: 2, write: 2, open: 1, rename: 1, unlink: 1 },
} as const satisfies Record<string, Record<DiskCall, number>>;
/** Most often what a commit is made of. */
const CALLS: readonly DiskCall[] = ["fsync", "fsync", "fsync", "write", "write", "rename", "open", "unlink"];

export async function arm(fault: Fault, clinic: Clinic, chance: Chance): Promise<Armed> {
  switch (fault) {
    case "kill":
      return killing(clinic, chance);
    case "kill-at-call":
    case "fail-call":
    case "disk-full":
      return injecting(fault, clinic, chance);
    case "cut-off":
      return cuttingOff(clinic, chance);
    case "open-twice":
      return openingTwice(clinic);
  }
}

function killing(clinic: Clinic, chance: Chance): Armed {
  const who = chance.pick(KILLED);
  const delay = chance.between(0, LONGEST_DELAY_MS);
  return {
    words: `kill -9 of ${who} after ${delay} ms`,
    async strike() {
      await sleep(delay);
      if (who !== "server") end(clinic.instance.keyService());
      if (who !== "key service") await clinic.instance.kill();
      return true;
    },
  };
}

async function injecting(
  fault: "kill-at-call" | "fail-call" | "disk-full",
  clinic: Clinic,
  chance: Chance,
): Promise<Armed> {
  const who = chance.pick(["server", "key service"] as const);
  const pid = who === "server" ? clinic.instance.process.pid : clinic.instance.keyService();
  const call = fault === "disk-full" ? "write" : chance.pick(CALLS);
  const position = chance.between(1, CALLS_MADE[who][call]);
  const effect =
    fault === "kill-at-call"
      ? ("kill" as const)
      : fault === "disk-full"
        ? ({ error: "ENOSPC", lasts: "from" } as const)
        : ({ error: chance.pick(["EIO", "ENOSPC"] as const), lasts: "once" } as const);
  const attached: Attached | null =
    pid === undefined || pid === 0 ? null : await attach(pid, { call, effect, position });
  return {
    words: `${fault === "kill-at-call" ? "kill -9" : effect === "kill" ? "" : effect.error} at ${call} number ${position}${fault === "disk-full" ? " and after" : ""} of ${who}`,
    async strike(acted) {
      if (attached === null) return false;
      let until = Date.now() + INJECTION_MS;
      void acted.then(() => {
        until = Math.min(until, Date.now() + AFTER_ACT_MS);
      });
      while (Date.now() < until && !attached.fired()) await sleep(10);
      // A full disk stays full for a while: what fails then fails more than once.
      if (fault === "disk-full") await sleep(chance.between(0, 300));
      const struck = attached.fired();
      await attached.detach();
      return struck;
    },
  };
}

function cuttingOff(clinic: Clinic, chance: Chance): Armed {
  const milliseconds = chance.between(200, 2_000);
  return {
    words: `key service stopped for ${milliseconds} ms`,
    async strike() {
      const pid = clinic.instance.keyService();
      if (pid === 0) return false;
      process.kill(pid, "SIGSTOP");
      await sleep(milliseconds);
      process.kill(pid, "SIGCONT");
      return true;
    },
  };
}

function openingTwice(clinic: Clinic): Armed {
  return {
    words: "a second server on the same folder",
    async strike() {
      const second = serverProcess(["--json", "--port", "0", "--home", clinic.home]);
      const code = await second.ended;
      if (code !== ALREADY_OPEN) throw new Error(`a second server on one folder ended with ${code}`);
      return true;
    },
  };
}

const ALREADY_OPEN = 75;

function end(pid: number): void {
  if (pid !== 0) process.kill(pid, "SIGKILL");
}
