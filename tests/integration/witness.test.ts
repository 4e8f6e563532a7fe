/** Witnesses with real processes: a server that asks, witnesses that judge, impostors, and what a verifier makes of it. */
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type RunningInstance,
  removeFolder,
  runCli,
  setUp,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeWitnessKey, startImpostor, startWitness, type WitnessProcess } from "./witness-process.ts";

let root: string;
let config: string;
let logKey: string;
let instance: RunningInstance;
let first: WitnessProcess;
const NAME = "witness.example/w1";
let key: { file: string; verifierKey: string };
const policyFile = () => join(root, "policy");
const home = () => join(root, "home");

/** Polls within a bound: the server asks its witnesses by itself. */
async function until<Value>(read: () => Promise<Value>, holds: (value: Value) => boolean): Promise<Value> {
  for (let tries = 0; ; tries++) {
    const value = await read();
    if (holds(value)) return value;
    if (tries > 600) throw new Error("it did not come to pass");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
/** Always on the same port: devices know it. */
async function start(folder = home(), policy = policyFile()): Promise<void> {
  instance = await startInstance({ home: folder, port: instance.port, args: ["--witnesses", policy] });
}
const getText = async (path: string) => {
  const response = await fetch(new URL(path, instance.portal));
  return response.ok ? response.text() : null;
};
const sizeOf = (note: string | null) => Number(note?.split("\n")[1] ?? -1);
/** Asked for in this order: a newest that was read before may have been cosigned since. */
const witnessedNewest = () =>
  until(
    async () => {
      const witnessed = await getText("ledger/checkpoint.witnessed");
      return [await getText("ledger/checkpoint"), witnessed] as const;
    },
    ([newest, witnessed]) => witnessed !== null && sizeOf(newest) === sizeOf(witnessed),
  );
/** One more entry in the log. */
const act = async () => {
  const session = await fetch(new URL("api/v1/sessions", instance.portal), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ address: "nobody@riverside.example", password: "wrong wrong wrong", code: "000000" }),
  });
  expect(session.status).toBe(401);
};

beforeAll(async () => {
  root = await temporaryFolder();
  config = join(root, "config");
  // The key of the log is drawn at the first start; the witness must know it before it can be asked.
  instance = await startInstance({ home: home() });
  await setUp(instance, config);
  logKey = String((JSON.parse(await readFile(join(config, "account.json"), "utf8")) as never)["ledgerVerifierKey"]);
  await instance.stop();
  key = await makeWitnessKey(root, NAME);
  first = await startWitness({ name: NAME, key, state: join(root, "w1"), log: logKey });
  await writeFile(policyFile(), `${first.line}\nquorum ${NAME}\n`);
  await start();
});

afterAll(async () => {
  await instance.stop();
  await first.stop();
  await removeFolder(root);
});

const verify = (...args: string[]) => runCli(["log", "verify", "--json", ...args], { config });

describe("an honest witness", () => {
  test("cosigns what the log shows, and a verifier can demand it", async () => {
    await witnessedNewest();
    await act();
    const [newest] = await witnessedNewest();
    expect(newest).toContain(`— ${NAME} `);
    const run = await verify("--witness", key.verifierKey);
    // The server may have written an entry of its own since.
    expect(run.json).toMatchObject({ valid: true, witnesses: [{ name: NAME }] });
    const [seen] = run.json["witnesses"] as { size: number }[];
    expect(seen?.size).toBeGreaterThanOrEqual(sizeOf(newest));
    expect((await verify("--policy", policyFile())).exitCode).toBe(0);
    expect(first.said()).toContain("cosigned");
  });

  test("another one cannot be claimed", async () => {
    const stranger = await makeWitnessKey(root, "stranger.example");
    const run = await verify("--witness", key.verifierKey, "--witness", stranger.verifierKey);
    expect(run.exitCode).toBe(6);
    expect(run.errors).toContain("witnesses-missing");
  });

  test("stands on the certificate of custody", async () => {
    const sample = join(root, "sample.txt");
    await writeFile(sample, "sample");
    const sent = await runCli(["send", sample, "--to", "a@b.example", "--purpose", "TREAT", "--public", "--json"], {
      config,
    });
    const file = join(root, "certificate.json");
    expect((await runCli(["certificate", String(sent.json["transfer"]), "--out", file], { config })).exitCode).toBe(0);
    const held = await runCli(["certificate", "verify", file, "--witness", key.verifierKey, "--json"], { config });
    expect(held.json).toMatchObject({ valid: true, witnesses: [{ name: NAME }] });
    const stranger = await makeWitnessKey(root, "stranger2.example");
    const missed = await runCli(["certificate", "verify", file, "--witness", stranger.verifierKey], { config });
    expect(missed.exitCode).toBe(6);
  });

  test("that was away is caught up, and nothing waited for it", async () => {
    const port = Number(new URL(first.url).port);
    await first.stop("SIGKILL");
    await act();
    await act();
    expect(sizeOf(await getText("ledger/checkpoint"))).toBeGreaterThan(
      sizeOf(await getText("ledger/checkpoint.witnessed")),
    );
    expect((await verify("--witness", key.verifierKey)).exitCode).toBe(0);
    first = await startWitness({ name: NAME, key, state: join(root, "w1"), log: logKey, port });
    await witnessedNewest();
    expect(instance.errors()).toContain('"witness/failed"');
  });

  test("two of them cannot share one memory", async () => {
    await expect(startWitness({ name: NAME, key, state: join(root, "w1"), log: logKey })).rejects.toThrow(
      "Another Safeconduct has this data folder open",
    );
  });

  test("is remembered over a restart of the server", async () => {
    const [newest] = await witnessedNewest();
    await instance.stop();
    await start();
    expect(sizeOf(await getText("ledger/checkpoint.witnessed"))).toBeGreaterThanOrEqual(sizeOf(newest));
  });

  test("speaks as the specification says", async () => {
    const [newest] = await witnessedNewest();
    const post = (body: string, path = "add-checkpoint", method = "POST") =>
      fetch(first.url + path, { method, ...(method === "GET" ? {} : { body }) });
    const conflict = await post(`old 0\n\n${newest}`);
    expect([conflict.status, conflict.headers.get("content-type"), await conflict.text()]).toEqual([
      409,
      "text/x.tlog.size",
      `${sizeOf(newest)}\n`,
    ]);
    const again = await post(`old ${sizeOf(newest)}\n\n${newest}`);
    expect(again.status).toBe(200);
    expect(await again.text()).toMatch(/^— witness\.example\/w1 [A-Za-z0-9+/=]+\n$/);
    const forged = newest?.replace(
      /(— safeconduct\S+ .{10})(.)/,
      (_, before, sign) => before + (sign === "A" ? "B" : "A"),
    );
    expect((await post(`old 0\n\n${forged}`)).status).toBe(403);
    const otherKey = newest?.replace(
      /(— safeconduct\S+ )(.)/,
      (_, before, sign) => before + (sign === "A" ? "B" : "A"),
    );
    expect((await post(`old 0\n\n${otherKey}`)).status).toBe(403);
    expect((await post(`old 0\n\n${newest?.replace("safeconduct/", "other/")}`)).status).toBe(404);
    expect((await post("hello")).status).toBe(400);
    expect((await post("x".repeat(2_000_000)).catch(() => ({ status: 400 }))).status).toBe(400);
    expect((await post("", "add-checkpoint", "GET")).status).toBe(405);
    expect((await post("", "metrics")).status).toBe(404);
    expect((await post(`old ${sizeOf(newest)}\n\n${newest}`)).status).toBe(200);
  });
});

describe("a split view", () => {
  test("is refused by the witness, and so by everyone who demands it", async () => {
    await witnessedNewest();
    await instance.stop();
    // The operator keeps two copies of the same log, both signed with the log's own key.
    const double = join(root, "double");
    await cp(home(), double, { recursive: true });
    await start();
    await act();
    await witnessedNewest();
    await instance.stop();
    await start(double);
    await act();
    await until(
      async () => instance.errors(),
      (text) => text.includes('"failure":"disagrees"'),
    );
    expect(sizeOf(await getText("ledger/checkpoint.witnessed"))).toBeLessThan(
      sizeOf(await getText("ledger/checkpoint")),
    );
    expect(first.said()).toContain("TWO HISTORIES");
    await instance.stop();
    await start();
    await witnessedNewest();
    const conflicts = (await readdir(join(root, "w1"))).filter((name) => name.endsWith(".conflict"));
    expect(conflicts).toHaveLength(1);
  });

  test("an older copy does not start over what was witnessed", async () => {
    await instance.stop();
    const older = join(root, "older");
    await cp(join(root, "double"), older, { recursive: true });
    await cp(join(home(), "ledger", "checkpoint.witnessed"), join(older, "ledger", "checkpoint.witnessed"));
    await act().catch(() => undefined);
    await start();
    await act();
    await act();
    await witnessedNewest();
    await cp(join(home(), "ledger", "checkpoint.witnessed"), join(older, "ledger", "checkpoint.witnessed"));
    await expect(startInstance({ home: older, args: ["--witnesses", policyFile()] })).rejects.toThrow("exit 65");
  });
});

describe("witnesses that are none", () => {
  const impostors = {
    garbage: [{ status: 200, body: "— — —\n" }, "not-genuine"],
    page: [{ status: 200, body: "<html>".repeat(100_000) }, "unreachable"],
    forger: [{ status: 200, body: `— ${NAME} ${"A".repeat(104)}\n` }, "not-genuine"],
    endless: [{ status: 409, body: "9007199254740991\n" }, "ahead"],
    elsewhere: [{ status: 307, body: "", location: "http://127.0.0.1:1/" }, "unreachable"],
    broken: [{ status: 500, body: "" }, "unreachable"],
    silent: [null, null],
  } as const;

  test("add nothing, and stop nothing", async () => {
    await instance.stop();
    const running = [];
    const lines = [];
    for (const [name, [answer]] of Object.entries(impostors)) {
      const impostor = await startImpostor(() => answer);
      running.push(impostor);
      const { verifierKey } = await makeWitnessKey(root, name === "forger" ? NAME : `${name}.example`, name);
      lines.push(`witness ${name} ${verifierKey} ${impostor.url}`);
    }
    const file = join(root, "bad-policy");
    await writeFile(file, `${lines.join("\n")}\ngroup g any ${Object.keys(impostors).join(" ")}\nquorum g\n`);
    await start(home(), file);
    for (const [name, [, failure]] of Object.entries(impostors)) {
      const said = JSON.stringify({ event: "witness/failed", witness: name, failure }).slice(1);
      if (failure !== null)
        await until(
          async () => instance.errors(),
          (text) => text.includes(said),
        );
    }
    // While the silent one still keeps its connection open.
    await act();
    expect(await getText("ledger/checkpoint.witnessed")).toBeNull();
    expect(await getText("ledger/checkpoint")).not.toContain(`— ${NAME} `);
    for (const impostor of running) expect(impostor.asked()).toBeGreaterThan(0);
    expect(await instance.stop()).toBe(0);
    for (const impostor of running) await impostor.close();
    await start();
  });
});

describe("a copy of the log", () => {
  test("is made, grows, and verifies without the server; one byte off is found and named", async () => {
    const folder = join(root, "mirror");
    const mirror = () => runCli(["log", "mirror", folder, "--json"], { config });
    await witnessedNewest();
    const made = await mirror();
    expect(made.exitCode).toBe(0);
    await act();
    await witnessedNewest();
    expect((await mirror()).json).toMatchObject({ added: 1 });
    const offline = (...args: string[]) => runCli(["log", "verify", folder, "--json", ...args], { config });
    expect((await offline("--witness", key.verifierKey)).json).toMatchObject({
      valid: true,
      witnesses: [{ name: NAME }],
    });
    const size = sizeOf(await readFile(join(folder, "checkpoint"), "utf8"));
    const tile = join(folder, `tile/entries/000.p/${size}`);
    const bytes = await readFile(tile);
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    await writeFile(tile, bytes);
    const damaged = await offline();
    expect(damaged.exitCode).toBe(6);
    expect(damaged.errors).toContain(`tile/0/000.p/${size}`);
    expect((await mirror()).exitCode).toBe(0);
  });

  test("of nothing is none", async () => {
    await mkdir(join(root, "empty"));
    expect((await runCli(["log", "verify", join(root, "empty")], { config })).exitCode).toBe(7);
  });
});
