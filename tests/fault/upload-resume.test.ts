/** The sender's command is ended in the middle of an upload, as a power cut ends it: another one goes on with it. */
import type { ChildProcess } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { appendFile, cp, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type CliRun,
  known,
  mailedCode,
  removeFolder,
  runCli,
  type RunningInstance,
  setUp,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { storedParts } from "./stored-parts.ts";

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
const SIZE_BYTES = 60 * 10 ** 6;
/** Well before the end. */
const STOP_AFTER_PARTS = 2;

let root: string;
let config: string;
let instance: RunningInstance;
let count = 0;
beforeAll(async () => {
  root = await temporaryFolder();
  config = join(root, "config");
  instance = await startInstance({ home: join(root, "home") });
  await setUp(instance, config);
});
afterAll(async () => {
  await instance.stop();
  await removeFolder(root);
});

const cli = (args: readonly string[], onStart?: (child: ChildProcess) => void): Promise<CliRun> =>
  runCli([...args, "--json"], { config, ...(onStart ? { onStart } : {}) });
const codeOf = ({ json }: CliRun): unknown => (json["error"] as { code?: unknown } | undefined)?.code;
const unfinished = (): Promise<string[]> => readdir(join(config, "unfinished")).catch(() => []);
const stateFile = (transfer: string): string => join(config, "unfinished", transfer, "sending.jsonl");

async function freshFile(): Promise<string> {
  const path = join(root, `study-${++count}.bin`);
  await writeFile(path, randomFillSync(Buffer.alloc(SIZE_BYTES)));
  return path;
}

const notedParts = async (transfer: string): Promise<number[]> =>
  (await readFile(stateFile(transfer), "utf8").catch(() => ""))
    .split("\n")
    .flatMap((line) =>
      line.startsWith('{"part"') ? [(JSON.parse(line) as { part: { number: number } }).part.number] : [],
    );

/** Begins to send and ends the command with `signal` once some parts are acknowledged; answers the transfer. */
async function interrupted(path: string, options: readonly string[], signal: NodeJS.Signals = "SIGKILL") {
  const before = await unfinished();
  let child: ChildProcess | null = null;
  const sending = cli(["send", path, "--to", RECIPIENT, "--purpose", "TREAT", ...options], (started) => {
    child = started;
  });
  let transfer = "";
  for (let tries = 0; tries < 20_000; tries++) {
    transfer = (await unfinished()).find((name) => !before.includes(name)) ?? transfer;
    if (transfer !== "" && (await notedParts(transfer)).length >= STOP_AFTER_PARTS) break;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  known<ChildProcess | null>(child)?.kill(signal);
  return { transfer, run: await sending };
}

async function receives(run: CliRun, path: string, passcode?: string): Promise<void> {
  const { links } = run.json as { links: { link: string }[] };
  const out = join(root, `out-${++count}`);
  const received = await runCli(["receive", known(links[0]).link, "--out", out, "--json"], {
    config: join(root, "stranger"),
    answer: async (prompt) => (/passcode/i.test(prompt) ? (passcode ?? "") : mailedCode(instance, RECIPIENT)),
  });
  expect(received.exitCode, received.errors).toBe(0);
  const [name = ""] = await readdir(out);
  expect((await readFile(join(out, name))).equals(await readFile(path))).toBe(true);
}

describe("a sending whose command was killed", () => {
  test("is gone on with by another: the link opens to the same bytes, acknowledged parts are not sent again", async () => {
    const path = await freshFile();
    const { transfer, run } = await interrupted(path, ["--public"]);
    expect(run.exitCode).toBeNull();
    const noted = await notedParts(transfer);
    const before = await storedParts(instance.home, transfer);
    expect(noted.length).toBeGreaterThanOrEqual(STOP_AFTER_PARTS);
    expect((await stat(stateFile(transfer))).mode & 0o777).toBe(0o600);
    expect((await stat(join(config, "unfinished", transfer))).mode & 0o777).toBe(0o700);

    // Whoever sends the same again hears that it can be gone on with.
    const again = await cli(["send", path, "--to", RECIPIENT, "--purpose", "TREAT", "--public"]);
    expect([again.exitCode, codeOf(again)]).toEqual([7, "cli/unfinished-sending"]);
    expect(again.output).toContain(transfer);

    const resumed = await cli(["send", "--resume"]);
    expect(resumed.exitCode, resumed.errors).toBe(0);
    expect(resumed.json["transfer"]).toBe(transfer);
    const after = await storedParts(instance.home, transfer);
    expect(after.size).toBeGreaterThan(before.size);
    const kept = [...before].filter(([name, fingerprint]) => after.get(name) === fingerprint);
    expect(kept.length).toBeGreaterThanOrEqual(noted.length);
    expect(await unfinished()).toEqual([]);
    await receives(resumed, path);
    expect((await cli(["log", "verify"])).json).toMatchObject({ valid: true });
  });

  test("keeps its passcode, which is shown at the end; two that go on at once are one", async () => {
    const path = await freshFile();
    const { transfer } = await interrupted(path, []);
    const both = await Promise.all([cli(["send", "--resume", transfer]), cli(["send", "--resume", transfer])]);
    const done = known(both.find(({ exitCode }) => exitCode === 0));
    const other = known(both.find((run) => run !== done));
    // The later one finds it locked, or gone.
    expect(["cli/sending-runs", "cli/nothing-to-resume"]).toContain(codeOf(other));
    const { links } = done.json as { links: { passcode: string }[] };
    await receives(done, path, known(links[0]).passcode);
  });

  test("is killed twice and still ends", async () => {
    const path = await freshFile();
    const { transfer } = await interrupted(path, ["--public"]);
    const noted = (await notedParts(transfer)).length;
    let child: ChildProcess | null = null;
    const second = cli(["send", "--resume", transfer], (started) => {
      child = started;
    });
    for (let tries = 0; tries < 20_000 && (await notedParts(transfer)).length <= noted; tries++)
      await new Promise((resolve) => setTimeout(resolve, 2));
    known<ChildProcess | null>(child)?.kill("SIGKILL");
    await second;
    // A power cut tears the line that is being written.
    if ((await unfinished()).includes(transfer)) await appendFile(stateFile(transfer), '{"part":{"num');
    const third = await cli(["send", "--resume", transfer]);
    expect(third.exitCode, third.errors).toBe(0);
    await receives(third, path);
  });

  test("does not go on with a file that was changed; forgotten, nothing of it is left", async () => {
    const path = await freshFile();
    const { transfer } = await interrupted(path, ["--public"]);
    const { atime, mtime } = await stat(path);
    await utimes(path, atime, new Date(mtime.getTime() + 5000));
    const refused = await cli(["send", "--resume", transfer]);
    expect([refused.exitCode, codeOf(refused)]).toEqual([7, "cli/source-changed"]);
    expect(await unfinished()).toEqual([transfer]);

    const forgotten = await cli(["send", "--forget", transfer]);
    expect(forgotten.exitCode, forgotten.errors).toBe(0);
    expect(await unfinished()).toEqual([]);
    expect((await cli(["status", transfer])).json).toMatchObject({
      state: expect.stringMatching(/abandoned|destroyed/),
    });
    expect(codeOf(await cli(["send", "--resume", transfer]))).toBe("cli/nothing-to-resume");
  });

  test("that was given up in the meantime says so and leaves no keys", async () => {
    const path = await freshFile();
    const { transfer } = await interrupted(path, ["--public"]);
    const place = join(config, "unfinished", transfer);
    await cp(place, join(root, "copy"), { recursive: true });
    expect((await cli(["send", "--forget"])).exitCode).toBe(0);
    await cp(join(root, "copy"), place, { recursive: true });
    const refused = await cli(["send", "--resume"]);
    expect([refused.exitCode, codeOf(refused)]).toEqual([3, "client/sending-over"]);
    expect(await unfinished()).toEqual([]);
  });
});

test("Ctrl-C gives the draft up and leaves neither process nor keys", async () => {
  const path = await freshFile();
  const { transfer, run } = await interrupted(path, ["--public"], "SIGINT");
  expect(run.exitCode).toBe(130);
  expect(run.errors).toContain("Nothing of it is open to anybody.");
  expect(await unfinished()).toEqual([]);
  expect((await cli(["status", transfer])).json).toMatchObject({ state: expect.stringMatching(/abandoned|destroyed/) });
});

test("two commands send at once with one account, each its own", async () => {
  const paths = [await freshFile(), await freshFile()];
  const runs = await Promise.all(
    paths.map((path) => cli(["send", path, "--to", RECIPIENT, "--purpose", "TREAT", "--public"])),
  );
  for (const [at, run] of runs.entries()) {
    expect(run.exitCode, run.errors).toBe(0);
    await receives(run, known(paths[at]));
  }
  expect(await unfinished()).toEqual([]);
});

test.each(["--to", "--purpose", "--forget", "--public"])(
  "--resume with %s is refused: all is as it was begun",
  async (option) => {
    const refused = await cli([
      "send",
      "--resume",
      option,
      ...(option === "--to" ? [RECIPIENT] : option === "--purpose" ? ["TREAT"] : []),
    ]);
    expect([refused.exitCode, codeOf(refused)]).toEqual([2, "cli/usage"]);
  },
);
