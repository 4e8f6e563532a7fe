/** Witnesses for tests: real ones as processes, and impostors that answer whatever a test wants. */
import { type ChildProcess, spawn } from "node:child_process";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { runCli } from "@safeconduct/testkit";

const CLI = fileURLToPath(new URL("../../apps/cli/src/main.ts", import.meta.url));

export interface WitnessProcess {
  readonly url: string;
  readonly verifierKey: string;
  /** Line of a policy file. */
  readonly line: string;
  said(): string;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** A key in `folder`, as `safeconduct witness key` makes it. Answers its file and verifier key. */
export async function makeWitnessKey(
  folder: string,
  name: string,
  fileName = name.replaceAll("/", "-"),
): Promise<{ file: string; verifierKey: string }> {
  const file = join(folder, `${fileName}.key`);
  const run = await runCli(["witness", "key", name, "--key", file, "--json"], { config: folder });
  if (run.exitCode !== 0) throw new Error(run.errors);
  return { file, verifierKey: String(run.json["verifierKey"]) };
}

/** Rejects with the exit code and words when it does not get ready. */
export async function startWitness(options: {
  name: string;
  key: { file: string; verifierKey: string };
  state: string;
  log: string;
  port?: number;
}): Promise<WitnessProcess> {
  const { name, key, state, log, port = 0 } = options;
  const args = ["--key", key.file, "--state", state, "--log", log, "--listen", `127.0.0.1:${port}`, "--json"];
  const child: ChildProcess = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", CLI, "witness", ...args],
    {
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said += chunk.toString("utf8");
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  const stdout = child.stdout;
  if (stdout === null) throw new Error("no standard output");
  const line = await Promise.race([
    new Promise<string>((resolve) => createInterface({ input: stdout }).once("line", resolve)),
    ended.then((code) => {
      throw new Error(`exit ${code}: ${said}`);
    }),
  ]);
  const ready = JSON.parse(line) as { url?: string; verifierKey: string };
  if (ready.url === undefined) throw new Error(`exit ${await ended}: ${said}`);
  return {
    url: ready.url,
    verifierKey: ready.verifierKey,
    line: `witness ${name} ${ready.verifierKey} ${ready.url}`,
    said: () => said,
    async stop(signal = "SIGINT") {
      child.kill(signal);
      return ended;
    },
  };
}

export interface Impostor {
  readonly url: string;
  readonly asked: () => number;
  close(): Promise<void>;
}

/** Answers every request with `answer`; null hangs. */
export async function startImpostor(
  answer: (body: string) => { status: number; body: string; location?: string } | null,
): Promise<Impostor> {
  let asked = 0;
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const pieces: Buffer[] = [];
    for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
    asked++;
    const given = answer(Buffer.concat(pieces).toString("utf8"));
    if (given === null) return;
    response.writeHead(given.status, given.location === undefined ? {} : { location: given.location }).end(given.body);
  };
  const server: Server = createServer((request, response) => void respond(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked: () => asked,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
