/** Starting and stopping, as an operator does it: what is printed, what a second start finds, and what a failed one leaves (nothing). */
import { spawn, spawnSync } from "node:child_process";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  ensurePortal,
  mailedCode,
  peakMemoryBytes,
  processesNaming,
  processFactsMissing,
  removeFolder,
  runCli,
  type ServerProcess,
  serverProcess,
  setUp,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));
const missing = processFactsMissing();

let root: string;
let homes = 0;
const newHome = () => join(root, `home-${++homes}`);
const started: ServerProcess[] = [];

beforeAll(async () => {
  root = await temporaryFolder();
  await ensurePortal();
});
afterEach(async () => {
  for (const server of started.splice(0)) {
    server.process.kill("SIGKILL");
    await server.ended;
  }
});
afterAll(() => removeFolder(root));

function start(...args: string[]): ServerProcess {
  const server = serverProcess(args);
  started.push(server);
  return server;
}

/** Polls within a bound: processes end by themselves. */
async function until<Value>(read: () => Value | Promise<Value>, holds: (value: Value) => boolean): Promise<Value> {
  for (let tries = 0; ; tries++) {
    const value = await read();
    if (holds(value) || tries > 300) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Processes of this data folder that do not end by themselves; none where that cannot be seen. */
const processesLeft = (home: string) =>
  until(
    () => (missing === null ? processesNaming(home) : []),
    (pids) => pids.length === 0,
  );

const sendSample = async (config: string, name = "note.txt") => {
  const sample = join(root, name);
  await writeFile(sample, "Seen on Tuesday.");
  const run = await runCli(["send", sample, "--to", RECIPIENT, "--purpose", "TREAT", "--public", "--json"], { config });
  expect(run.exitCode, run.errors).toBe(0);
  return run.json as { transfer: string; links: { link: string; grant: string }[] };
};

describe("a first start", () => {
  test("prints one JSON line with exactly portal, setup, mailbox and checkpoint, and nothing else", async () => {
    const server = start("--json", "--port", "0", "--home", newHome());
    const line = JSON.parse((await server.firstLine) ?? "null") as Record<string, string>;
    expect(Object.keys(line)).toEqual(["portal", "setup", "mailbox", "checkpoint"]);
    const { origin, port } = new URL(line["portal"] ?? "");
    expect(origin).toBe(`http://localhost:${port}`);
    expect(line["setup"]).toMatch(new RegExp(`^${origin}/setup#token=[\\w-]{43}$`));
    expect(line["mailbox"]).toBe(`${origin}/mailbox`);
    expect(line["checkpoint"]).toBe(`${origin}/ledger/checkpoint`);
    for (const url of [line["portal"], line["mailbox"], line["checkpoint"]]) {
      expect((await fetch(url ?? "")).status, url).toBe(200);
    }
    expect(server.output().trim().split("\n")).toHaveLength(1);
  });

  test("tells a person where to go, and that this is an evaluation instance", async () => {
    const home = newHome();
    const server = start("--port", "0", "--home", home);
    const words = await until(server.output, (text) => text.includes("Ctrl-C"));
    expect(words).toContain("EVALUATION INSTANCE");
    expect(words).toMatch(/Portal +http:\/\/localhost:[0-9]+\/\n/);
    expect(words).toMatch(/Set up +http:\/\/localhost:[0-9]+\/setup#token=[\w-]{43} +\(works once\)\n/);
    expect(words).toMatch(/Mailbox +http:\/\/localhost:[0-9]+\/mailbox\n/);
    expect(words).toContain(home);
  });
});

describe("a second start", () => {
  test("keeps the organisation, needs no set-up, and its transfers open", async () => {
    const home = newHome();
    const config = join(root, "config-second");
    const first = await startInstance({ home });
    await setUp(first, config);
    const sent = await sendSample(config);
    expect(await first.stop()).toBe(0);

    const second = await startInstance({ home, port: first.port });
    expect(second.setup).toBeNull();
    const about = await (await fetch(`${second.portal}api/v1/instance`)).json();
    expect(about).toMatchObject({ setUp: true, organisation: { name: "Riverside Clinic" } });
    const status = await runCli(["status", sent.transfer, "--json"], { config });
    expect(status.json).toMatchObject({ state: "active", grants: [{ state: "pending" }] });
    const out = join(root, "out-second");
    const run = await runCli(["receive", sent.links[0]?.link ?? "", "--out", out, "--json"], {
      config: join(root, "stranger"),
      answer: () => mailedCode(second, RECIPIENT),
    });
    expect(run.exitCode, run.errors).toBe(0);
    expect(await readFile(join(out, "note.txt"), "utf8")).toBe("Seen on Tuesday.");
    expect((await runCli(["log", "verify", "--json"], { config })).json).toMatchObject({ valid: true });
    expect(await second.stop()).toBe(0);
  });

  test("makes a new set-up link, and the one before is dead", async () => {
    const home = newHome();
    const first = await startInstance({ home });
    expect(await first.stop()).toBe(0);
    const second = await startInstance({ home, port: first.port });
    expect(second.setup).not.toBe(first.setup);
    await expect(setUp(first, join(root, "config-dead"))).rejects.toThrow(/set-up/);
    await setUp(second, join(root, "config-living"));
    await expect(setUp(second, join(root, "config-twice"))).rejects.toThrow(/set-up/);
    expect(await second.stop()).toBe(0);
  });
});

describe("a start that cannot go on", () => {
  /** Ends with `exitCode` and one plain line; nothing of the home runs or is locked afterwards. */
  async function refused(server: ServerProcess, exitCode: number, words: RegExp): Promise<void> {
    expect(await server.ended, server.errors()).toBe(exitCode);
    expect(server.output()).toBe("");
    const lines = server.errors().trim().split("\n");
    const plain = lines.filter((line) => !line.startsWith("{"));
    expect(plain).toHaveLength(1);
    expect(plain[0]).toMatch(words);
    expect(plain[0]).not.toMatch(/ at .*\.ts:|Error:/);
  }
  const nothingRuns = async (home: string) => expect(await processesLeft(home)).toEqual([]);

  test("because the port is taken says so and leaves nothing running or locked", async () => {
    const other = await occupiedPort();
    const home = newHome();
    const { port } = other.address() as AddressInfo;
    await refused(start("--json", "--port", `${port}`, "--home", home), 69, /^safeconduct: Port [0-9]+ is taken\./);
    await nothingRuns(home);
    const next = await startInstance({ home });
    expect(next.setup).not.toBeNull();
    expect(await next.stop()).toBe(0);
    other.close();
  });

  test("because the data folder lies below a file says that it cannot be written", async () => {
    const file = join(root, "a-file");
    await writeFile(file, "");
    const home = join(file, "home");
    await refused(
      start("--json", "--port", "0", "--home", home),
      73,
      /^safeconduct: The data folder .* cannot be written/,
    );
    await nothingRuns(home);
  });

  test("because another Safeconduct has the folder open says so and leaves that one alone", async () => {
    const home = newHome();
    const first = await startInstance({ home });
    await refused(start("--json", "--port", "0", "--home", home), 75, /already open in another Safeconduct/);
    expect((await fetch(first.checkpoint)).status).toBe(200);
    const about = await (await fetch(`${first.portal}api/v1/instance`)).json();
    expect(about).toMatchObject({ setUp: false });
    expect(await first.stop()).toBe(0);
  });

  test("because the key service's folder is damaged says so and lets go of the data folder", async () => {
    const home = newHome();
    const first = await startInstance({ home });
    expect(await first.stop()).toBe(0);
    const ring = join(home, "keys", "ring");
    const bytes = await readFile(ring);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await writeFile(ring, bytes);
    const server = start("--json", "--port", "0", "--home", home);
    expect(await server.ended).toBe(65);
    expect(server.errors()).toMatch(/^The key folder cannot be opened: .* Nothing was changed\.$/m);
    await nothingRuns(home);
    expect(await readFile(ring)).toEqual(bytes);
  });

  test("because its own secret is damaged says which, and makes no new one", async () => {
    const home = newHome();
    const first = await startInstance({ home });
    expect(await first.stop()).toBe(0);
    const file = join(home, "secrets", "ledger-signing.key");
    await writeFile(file, "PRIVATE+KEY+gone");
    await refused(start("--json", "--port", "0", "--home", home), 65, /The secret .* is damaged/);
    expect(await readFile(file, "utf8")).toBe("PRIVATE+KEY+gone");
  });

  test.for<[string, string[], RegExp]>([
    ["an unknown option", ["--prot", "0"], /^safeconduct: Unknown option '--prot'/],
    ["a port that is no number", ["--port", "eighty"], /--port takes a whole number from 0 to 65535/],
    ["a port above the last", ["--port", "65536"], /--port takes a whole number from 0 to 65535/],
    ["a negative port", ["--port=-1"], /--port takes a whole number/],
    ["an empty data folder", ["--home", ""], /--home takes a folder/],
    ["a grace that is no number", ["--expiry-grace", "soon"], /--expiry-grace takes a whole number/],
    ["a word too many", ["now"], /^safeconduct: Unexpected argument 'now'/],
    [
      "a configuration that is not there",
      ["--config", "/nonexistent/safeconduct.json"],
      /^safeconduct: The configuration .* has a problem: the file itself: .* is not there$/,
    ],
  ])("because of %s ends with 64", async ([, args, words]) => {
    const home = newHome();
    await refused(start("--json", "--port", "0", "--home", home, ...args), 64, words);
    await nothingRuns(home);
  });
});

describe("ending", () => {
  test.for(["SIGINT", "SIGTERM"] as const)("%s ends with 0, at once and without a child left", async (signal) => {
    const home = newHome();
    const server = start("--json", "--port", "0", "--home", home);
    expect(await server.firstLine).not.toBeNull();
    server.process.kill(signal);
    expect(await server.ended).toBe(0);
    expect(await processesLeft(home)).toEqual([]);
  });

  test("Ctrl-C, which reaches server and key service at once, ends both without complaint", async () => {
    const home = newHome();
    const server = start("--json", "--port", "0", "--home", home);
    expect(await server.firstLine).not.toBeNull();
    process.kill(-(server.process.pid ?? 0), "SIGINT");
    expect(await server.ended).toBe(0);
    expect(server.errors()).not.toContain("keys/restarted");
    const next = await startInstance({ home });
    expect(await next.stop()).toBe(0);
  });

  test("SIGTERM to npm start, which tells only a shell, ends everything all the same", async () => {
    const home = newHome();
    const npm = spawn("npm", ["start", "--silent", "--", "--json", "--port", "0", "--home", home], {
      cwd: REPOSITORY,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const line = await new Promise<string>((resolve) => createInterface({ input: npm.stdout }).once("line", resolve));
    const { portal } = JSON.parse(line) as { portal: string };
    expect((await fetch(portal)).status).toBe(200);
    npm.kill("SIGTERM");
    expect(await processesLeft(home)).toEqual([]);
    await expect(fetch(portal)).rejects.toThrow("fetch failed");
    const next = await startInstance({ home });
    expect(await next.stop()).toBe(0);
  });

  test("Ctrl-C during the start leaves nothing behind", async () => {
    const home = newHome();
    const server = start("--json", "--port", "0", "--home", home);
    // The key service is on its way up when the folder of keys appears.
    await until(
      () => (missing === null ? processesNaming(join(home, "keys")) : [1]),
      (pids) => pids.length > 0,
    );
    server.process.kill("SIGINT");
    expect([0, 130]).toContain(await server.ended);
    expect(await processesLeft(home)).toEqual([]);
    const next = await startInstance({ home });
    expect(await next.stop()).toBe(0);
  });

  test("Ctrl-C does not wait for ever for a sender who stopped in the middle of a part", async () => {
    const home = newHome();
    const instance = await startInstance({ home });
    const { port } = instance;
    const request = await halfARequest(port);
    process.kill(instance.process.pid ?? 0, "SIGINT");
    const ended = new Promise<number | null>((resolve) => instance.process.once("close", resolve));
    const code = await Promise.race([
      ended,
      new Promise((resolve) => setTimeout(() => resolve("still running"), 20_000)),
    ]);
    request.destroy();
    expect(code).toBe(0);
  });
});

describe.skipIf(missing !== null)(`the key service${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  test("ends by itself when the server is killed, and the next start has its folder", async () => {
    const home = newHome();
    const first = await startInstance({ home });
    const keys = first.keyService();
    expect(keys).toBeGreaterThan(0);
    expect(peakMemoryBytes(keys)).toBeGreaterThan(0);
    await first.kill();
    // At once, as a supervisor would: the old key service may still be on its way out.
    const second = await startInstance({ home });
    expect(
      await until(
        () => peakMemoryBytes(keys),
        (bytes) => bytes === 0,
      ),
    ).toBe(0);
    expect(await second.stop()).toBe(0);
  });

  test("is started again when it is killed, and releases again", async () => {
    const home = newHome();
    const config = join(root, "config-keys");
    const instance = await startInstance({ home });
    await setUp(instance, config);
    const sent = await sendSample(config);
    const before = instance.keyService();
    process.kill(before, "SIGKILL");
    const after = await until(instance.keyService, (pid) => pid !== 0 && pid !== before);
    expect(after).not.toBe(before);
    expect(instance.errors()).toContain('"keys/restarted"');
    const out = join(root, "out-keys");
    const run = await runCli(["receive", sent.links[0]?.link ?? "", "--out", out, "--json"], {
      config: join(root, "stranger"),
      answer: () => mailedCode(instance, RECIPIENT),
    });
    expect(run.exitCode, run.errors).toBe(0);
    expect(await instance.stop()).toBe(0);
  });

  test("listens, like the server, on this computer only", async () => {
    const home = newHome();
    const instance = await startInstance({ home });
    const listening = spawnSync("ss", ["-ltnpH"], { encoding: "utf8" });
    const pids = [instance.process.pid, instance.keyService()];
    const ours = listening.stdout.split("\n").filter((line) => pids.some((pid) => line.includes(`pid=${pid},`)));
    expect(ours.length).toBeGreaterThanOrEqual(2);
    for (const line of ours) expect(line.split(/\s+/u)[3]).toMatch(/^(127\.0\.0\.1|\[::1\]):[0-9]+$/);
    expect(await instance.stop()).toBe(0);
  });
});

describe("another Node", () => {
  const asNode20 = [
    "--import",
    `data:text/javascript,${encodeURIComponent('Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.11.0" } })')}`,
  ];
  const run = (script: string, ...args: string[]) =>
    spawnSync(process.execPath, [...asNode20, script, ...args], { encoding: "utf8" });

  test("is refused by the server itself with one line", () => {
    const { status, stderr, stdout } = run(
      fileURLToPath(new URL("../../apps/server/src/main.ts", import.meta.url)),
      "--home",
      newHome(),
    );
    expect(status).toBe(64);
    expect(stdout).toBe("");
    expect(stderr.trim().split("\n")).toEqual([
      'safeconduct: Safeconduct runs on Node 24, this is 20.11.0. Start it with "npm start".',
    ]);
  });

  test("without the pinned one installed is told to install it", async () => {
    const alone = join(root, "alone", "tools");
    await mkdir(alone, { recursive: true });
    await cp(new URL("../../tools/with-pinned-node.mjs", import.meta.url), join(alone, "with-pinned-node.mjs"));
    const { status, stderr } = run(join(alone, "with-pinned-node.mjs"), "x.ts");
    expect(status).toBe(78);
    expect(stderr.trim().split("\n")).toEqual([
      'Safeconduct runs on Node 24. This is Node 20.11.0, and the pinned one is not installed: run "npm ci" first.',
    ]);
  });
});

/** A port of this computer that somebody else listens on. */
function occupiedPort(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "localhost", () => resolve(server));
  });
}

/** A connection that has announced a body and sent half of it. */
function halfARequest(port: number): Promise<{ destroy(): void }> {
  const source = `
    const socket = require("node:net").connect(${port}, "localhost", () => {
      socket.write("POST /api/v1/sessions HTTP/1.1\\r\\nHost: localhost:${port}\\r\\nContent-Type: application/json\\r\\nContent-Length: 100\\r\\n\\r\\n{");
      process.stdout.write("sent\\n");
    });
    socket.on("error", () => undefined);
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ["-e", source], { stdio: ["ignore", "pipe", "ignore"] });
  return new Promise((resolve) => child.stdout.once("data", () => resolve({ destroy: () => child.kill("SIGKILL") })));
}
