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

/** Memory that the process has resident for itself alone, in bytes: no file that others map too; 0 once it is gone. */
export function ownMemoryBytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const kibibytes = [/^RssAnon:\s+([0-9]+) kB$/m, /^RssShmem:\s+([0-9]+) kB$/m].map((row) =>
      Number(row.exec(status)?.[1] ?? 0),
    );
    return kibibytes.reduce((sum, part) => sum + part, 0) * 1024;
  } catch {
    return 0;
  }
}

/** Ticks of the times in proc(5)'s `stat`; Linux has told 100 to programs on every platform for decades. */
const TICKS_PER_SECOND = 100;

/** Processor time of the process so far, all its threads, user and system, in seconds; 0 once it is gone. */
export function cpuSeconds(pid: number): number {
  try {
    // The name in parentheses may hold anything; the fields that count come after it.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
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
