/** The key service as a process of its own: started beside the server, ended with it, started again when it dies. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { base64UrlBytes, type Bytes, hexText } from "@safeconduct/foundation";
import { z } from "zod";
import { EXIT, StartFailure } from "./exit.ts";
import { secretText } from "./home-folder.ts";
import type { Log } from "./log.ts";

const MAIN = fileURLToPath(new URL("../../keys/src/main.ts", import.meta.url));
const RESTART_AFTER_MS = 500;
const STOP_WITHIN_MS = 10_000;

const readyLine = z.object({ port: z.int(), signingPublicKey: z.string() });

export interface KeyProcess {
  /** Where it listens; a restart takes the same port. */
  readonly url: string;
  readonly signingPublicKey: Bytes;
  stop(): Promise<void>;
}

/**
 * `pinFile` remembers which key service this instance began with. Another one holds none of our shares, and every client that
 * pinned the first would seal to keys that nobody has: the start stops instead, and a restart does not count.
 */
export async function startKeyProcess({
  folder,
  pinFile,
  apiPublicKey,
  ledgerKey,
  master,
  log,
  say = (line) => process.stderr.write(line),
}: {
  folder: string;
  pinFile: string;
  apiPublicKey: Bytes;
  /** Of the main ledger, in its text form. A key service that has seen a ledger before keeps to that one. */
  ledgerKey: string;
  /** Where its master keys are, in its own words; null: files in its folder. */
  master: string | null;
  log: Log;
  /** Where its own lines go. */
  say?: (line: string) => void;
}): Promise<KeyProcess> {
  let current = await launch({ folder, apiPublicKey, ledgerKey, master, port: 0, say });
  const { port, signingPublicKey } = current;
  const pinned = await secretText(pinFile, () => pinText(current));
  if (pinned !== pinText(current)) {
    await end(current.child);
    throw new StartFailure(
      EXIT.damaged,
      `The folder ${folder} holds another key service than this instance began with. Put the right one back. If it is lost for ever, so is everything sent until now: then remove ${pinFile} and start again.`,
    );
  }
  let stopping = false;

  const watch = (child: ChildProcess) => {
    child.once("exit", (code) => {
      if (stopping) return;
      log({ event: "keys/restarted", exitCode: code ?? -1 });
      setTimeout(() => void restart(), RESTART_AFTER_MS);
    });
  };
  const restart = async () => {
    if (stopping) return;
    try {
      current = await launch({ folder, apiPublicKey, ledgerKey, master, port, say });
      if (pinText(current) === pinned) {
        watch(current.child);
        return;
      }
      await end(current.child);
      log({ event: "keys/not-ours" });
      setTimeout(() => void restart(), RESTART_AFTER_MS * 4);
    } catch {
      setTimeout(() => void restart(), RESTART_AFTER_MS * 4);
    }
  };
  watch(current.child);

  return {
    url: `http://127.0.0.1:${port}`,
    signingPublicKey,
    async stop() {
      stopping = true;
      await end(current.child);
    },
  };
}

const pinText = ({ signingPublicKey }: Pick<Launched, "signingPublicKey">): string => `${hexText(signingPublicKey)}\n`;

interface Launched {
  readonly child: ChildProcess;
  readonly port: number;
  readonly signingPublicKey: Bytes;
}

async function launch({
  folder,
  apiPublicKey,
  ledgerKey,
  master,
  port,
  say,
}: {
  folder: string;
  apiPublicKey: Bytes;
  ledgerKey: string;
  master: string | null;
  port: number;
  say: (line: string) => void;
}): Promise<Launched> {
  const args = [
    MAIN,
    "--home",
    folder,
    "--port",
    `${port}`,
    "--api-public-key",
    hexText(apiPublicKey),
    "--ledger-key",
    ledgerKey,
    ...(master === null ? [] : ["--master", master]),
    "--with-parent",
  ];
  // Its standard input is the leash: when this process dies, however it dies, the pipe closes and the child ends.
  // In a process group of its own: a terminal's Ctrl-C would end it before the requests that still need it.
  const child = spawn(process.execPath, [...process.execArgv, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  createInterface({ input: child.stderr }).on("line", (text) => say(`${text}\n`));
  const line = await new Promise<string | null>((resolve) => {
    const lines = createInterface({ input: child.stdout });
    lines.once("line", resolve);
    child.once("exit", () => resolve(null));
    child.once("error", () => resolve(null));
  });
  const ready = line === null ? null : readyLine.safeParse(parseJson(line));
  const signingPublicKey = base64UrlBytes(ready?.data?.signingPublicKey ?? "-");
  if (!ready?.success || signingPublicKey === null) {
    child.kill("SIGKILL");
    throw new StartFailure(
      child.exitCode ?? EXIT.unavailable,
      "The key service did not start; its own line above says why.",
    );
  }
  return { child, port: ready.data.port, signingPublicKey };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const force = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
  child.kill("SIGTERM");
  await gone;
  clearTimeout(force);
}
