/** What Linux tells about running processes (proc(5)). Elsewhere there is nothing to read: {@link processFactsMissing} says so. */
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** Why these facts cannot be read here, or null when they can. For naming a skipped suite. */
export function processFactsMissing(): string | null {
  return existsSync("/proc/self/status") ? null : "no /proc on this system";
}

/** Ids of the processes that `pid` has started and that still run. */
export function childProcesses(pid: number): readonly number[] {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    const lists = tasks.map((task) => readFileSync(`/proc/${pid}/task/${task}/children`, "utf8"));
    return lists.flatMap((list) =>
      list
        .split(" ")
        .filter((id) => id !== "")
        .map(Number),
    );
  } catch {
    return [];
  }
}

/** Most memory that the process ever had resident, in bytes; 0 once it is gone. */
export function peakMemoryBytes(pid: number): number {
  try {
    const kibibytes = /^VmHWM:\s+([0-9]+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return Number(kibibytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** Ids of all running processes with `text` in their command line, such as the data folder of a test. Zombies do not count. */
export function processesNaming(text: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^[0-9]+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(text);
      } catch {
        return false;
      }
    })
    .map(Number);
}
