/**
 * Failures where they really happen: at a system call of a running process. strace(1) attaches to it and makes its n-th
 * call of a kind fail, or kills the process there, SQLite's calls included. The product knows nothing of it.
 */
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** What a disk can refuse. `rename` and `unlink` with what libuv may use in their place. */
const DISK_CALLS = {
  write: "write,pwrite64,pwritev",
  fsync: "fsync,fdatasync",
  rename: "rename,renameat,renameat2",
  unlink: "unlink,unlinkat",
  open: "openat",
} as const;
export type DiskCall = keyof typeof DISK_CALLS;

export interface Injection {
  readonly call: DiskCall;
  /** `kill`: SIGKILL as the call is made. Otherwise the call fails so, once or, `from`, ever after. */
  readonly effect: "kill" | { readonly error: "EIO" | "ENOSPC"; readonly lasts: "once" | "from" };
  /** From 1; counted for each thread by itself. */
  readonly position: number;
}

export interface Attached {
  /** Whether the call was made and met its effect. */
  fired(): boolean;
  /** Lets go of the process. Resolves when it runs free, or is gone. */
  detach(): Promise<void>;
}

/** Why calls cannot be made to fail here, or null when they can. For naming what is skipped. */
export function injectionMissing(): string | null {
  const { status, error } = spawnSync("strace", ["-o", "/dev/null", "-e", "trace=none", "true"]);
  if (error !== undefined) return "no strace";
  return status === 0 ? null : "this system forbids strace to trace";
}

/** Resolves once every thread of `pid` is watched. */
export async function attach(pid: number, { call, effect, position }: Injection): Promise<Attached> {
  const calls = DISK_CALLS[call];
  const what = effect === "kill" ? "signal=SIGKILL" : `error=${effect.error}`;
  const when = effect !== "kill" && effect.lasts === "from" ? `${position}+` : `${position}`;
  // Writes to sockets and pipes are the same system calls as writes to files: only those to files are meant.
  const rule = call === "write" ? calls.replace("write,", "") : calls;
  const tracer = spawn(
    "strace",
    ["-f", "-p", `${pid}`, "-e", `trace=${rule}`, "-e", `inject=${rule}:${what}:when=${when}`],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const ended = new Promise<void>((resolve) => {
    tracer.once("close", () => resolve());
    tracer.once("error", () => resolve());
  });
  let said = "";
  const ready = Promise.withResolvers<void>();
  tracer.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString("utf8");
    if (/attached/.test(said)) ready.resolve();
  });
  await Promise.race([ready.promise, ended]);
  return {
    fired: () => (effect === "kill" ? isDead(pid) : said.includes("(INJECTED)")),
    async detach() {
      tracer.kill("SIGINT");
      // A tracer can wait for ever for threads of a process that died; while it lives they are never cleared away.
      const force = setTimeout(() => tracer.kill("SIGKILL"), DETACH_WITHIN_MS);
      await ended;
      clearTimeout(force);
    },
  };
}

const DETACH_WITHIN_MS = 500;

/** Gone, or a zombie. */
export function isDead(pid: number): boolean {
  try {
    return /^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return true;
  }
}
