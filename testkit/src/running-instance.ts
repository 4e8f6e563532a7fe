/** A real Safeconduct in a temporary folder: server and key service as processes, the command line against them. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { authenticatorCode } from "./authenticator.ts";
import { childProcesses } from "./process-facts.ts";

const SERVER = fileURLToPath(new URL("../../apps/server/src/main.ts", import.meta.url));
const CLI = fileURLToPath(new URL("../../apps/cli/src/main.ts", import.meta.url));
const PORTAL_BUILD = fileURLToPath(new URL("../../tools/start.mjs", import.meta.url));

/** As tools/with-pinned-node.mjs starts everything. */
const NODE_FLAGS = ["--disable-warning=ExperimentalWarning", "--max-semi-space-size=2"];

export interface ReadyLine {
  readonly portal: string;
  readonly setup: string | null;
  /** Null where real mail is sent. */
  readonly mailbox: string | null;
  readonly checkpoint: string;
}

export interface RunningInstance extends ReadyLine {
  readonly home: string;
  readonly port: number;
  readonly process: ChildProcess;
  /** What it wrote to standard error so far. */
  readonly errors: () => string;
  /** Process id of its key service at this moment; 0 when there is none. Linux only. */
  keyService(): number;
  /** Ends it as Ctrl-C does; answers the exit code. */
  stop(): Promise<number | null>;
  /** kill -9, as a power cut would; the key service must end by itself. */
  kill(): Promise<void>;
}

/** The code that a mailed message to `address` carries, newest first. */
export async function mailedCode(instance: ReadyLine, address: string): Promise<string> {
  const response = await fetch(`${instance.portal}api/v1/mailbox?to=${encodeURIComponent(address)}`);
  const { messages } = (await response.json()) as { messages: { text: string; at: number }[] };
  const newest = [...messages].sort((a, b) => b.at - a.at)[0];
  const code = /^Your code: ([0-9]{6})$/m.exec(newest?.text ?? "")?.[1];
  if (code === undefined) throw new Error("no code was mailed");
  return code;
}

export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "safeconduct-test-"));
}

/** Builds the portal when its sources changed, as `npm start` does. */
export async function ensurePortal(): Promise<void> {
  const { ensurePortal: build } = (await import(PORTAL_BUILD)) as { ensurePortal: () => void };
  build();
}

export interface ServerProcess {
  readonly process: ChildProcess;
  output(): string;
  readonly errors: () => string;
  /** The first line of standard output, or null when it ended without one. */
  readonly firstLine: Promise<string | null>;
  /** The exit code, once standard output and error are complete; null after a signal. */
  readonly ended: Promise<number | null>;
}

/** The server with exactly these arguments, in a process group of its own, as a shell with job control starts it. */
export function serverProcess(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): ServerProcess {
  const child = spawn(process.execPath, [...NODE_FLAGS, SERVER, ...args], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  // Its own group does not get our Ctrl-C: it must not outlive a test run that is interrupted.
  const endWithUs = () => child.kill("SIGKILL");
  process.once("exit", endWithUs);
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString("utf8");
  });
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString("utf8");
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  void ended.then(() => process.off("exit", endWithUs));
  const line = new Promise<string>((resolve) => createInterface({ input: child.stdout }).once("line", resolve));
  return {
    process: child,
    output: () => output,
    errors: () => errors,
    firstLine: Promise.race([line, ended.then(() => null)]),
    ended,
  };
}

/** Starts with `--json`, on a free port unless one is given. Rejects with its exit code and words when it does not get ready. */
export async function startInstance({
  home,
  port = 0,
  args = [],
  environment = {},
}: {
  home: string;
  port?: number;
  args?: readonly string[];
  environment?: Readonly<Record<string, string>>;
}): Promise<RunningInstance> {
  await ensurePortal();
  const server = serverProcess(["--json", "--port", `${port}`, "--home", home, ...args], environment);
  const line = await server.firstLine;
  if (line === null) throw new Error(`exit ${await server.ended}: ${server.errors()}`);
  const ready = JSON.parse(line) as ReadyLine;
  return {
    ...ready,
    home,
    port: Number(new URL(ready.portal).port),
    process: server.process,
    errors: server.errors,
    keyService: () => childProcesses(server.process.pid ?? 0)[0] ?? 0,
    async stop() {
      server.process.kill("SIGINT");
      return server.ended;
    },
    async kill() {
      server.process.kill("SIGKILL");
      await server.ended;
    },
  };
}

export interface CliRun {
  readonly exitCode: number | null;
  readonly output: string;
  readonly errors: string;
  /** The JSON line, where there was one. */
  readonly json: Record<string, unknown>;
}

/**
 * Runs the command line with its own configuration folder. `answer` is asked once for each prompt (a line end without newline
 * on standard error) and gives what a person would type.
 */
export async function runCli(
  args: readonly string[],
  {
    config,
    answer,
    signal,
    onStart,
    environment = {},
  }: {
    config: string;
    environment?: Readonly<Record<string, string>>;
    answer?: (prompt: string, errors: string) => Promise<string>;
    signal?: AbortSignal;
    onStart?: (process: ChildProcess) => void;
  },
): Promise<CliRun> {
  const child = spawn(process.execPath, [...NODE_FLAGS, CLI, ...args], {
    env: { ...process.env, ...environment, SAFECONDUCT_CONFIG: config, SAFECONDUCT_DEBUG: "1" },
    stdio: ["pipe", "pipe", "pipe"],
    ...(signal === undefined ? {} : { signal, killSignal: "SIGINT" }),
  });
  onStart?.(child);
  let output = "";
  let errors = "";
  let answered = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString("utf8");
  });
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString("utf8");
    const prompts = errors.match(/[^\n]*: $/);
    if (prompts !== null && errors.length > answered && answer !== undefined) {
      answered = errors.length;
      void answer(prompts[0], errors).then((line) => child.stdin.write(`${line}\n`));
    }
  });
  child.on("error", () => undefined);
  if (answer === undefined) child.stdin.end();
  const exitCode = await new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  const lastLine = output.trim().split("\n").at(-1) ?? "";
  return {
    exitCode,
    output,
    errors,
    json: lastLine.startsWith("{") ? (JSON.parse(lastLine) as Record<string, unknown>) : {},
  };
}

/** Confirms the address of `grant` as a recipient's page does, with the mailed code; answers the verification session. */
export async function confirmedSession(
  instance: ReadyLine,
  { grant, address }: { grant: string; address: string },
): Promise<string> {
  const post = (path: string, body?: unknown) =>
    fetch(`${instance.portal}api/v1/grants/${grant}/${path}`, {
      method: "POST",
      ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
  const sent = await post("codes");
  if (sent.status !== 202) throw new Error(`no code was sent: ${sent.status}`);
  const confirmed = await post("confirmations", { code: await mailedCode(instance, address) });
  if (confirmed.status !== 201) throw new Error(`the code was refused: ${confirmed.status}`);
  return ((await confirmed.json()) as { session: string }).session;
}

export const TEST_PASSWORD = "a lamp, a river and 9 stones";

/** Sets the instance up through the command line and enrols `config` as its first device. */
export async function setUp(instance: ReadyLine, config: string): Promise<{ apiToken: string; secret: string }> {
  let secret = "";
  const run = await runCli(
    [
      "setup",
      instance.setup ?? "",
      "--organisation",
      "Riverside Clinic",
      "--name",
      "M. Okafor",
      "--address",
      "m.okafor@riverside.example",
      "--json",
    ],
    {
      config,
      answer: async (prompt, errors) => {
        if (prompt.startsWith("Password")) return TEST_PASSWORD;
        secret = /authenticator app: (\S+)/.exec(errors)?.[1] ?? "";
        return authenticatorCode(secret, Date.now());
      },
    },
  );
  if (run.exitCode !== 0) throw new Error(`set-up failed: ${run.errors}`);
  return { apiToken: String(run.json["apiToken"]), secret };
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}
