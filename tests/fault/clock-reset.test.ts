/** Two people and their computers set a real instance's clock right; one, or a computer with another clock, does not. */
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeLeaf } from "@safeconduct/ledger";
import {
  type MovedClock,
  movedClock,
  movedClockMissing,
  removeFolder,
  runCli,
  type RunningInstance,
  setUp,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sendFromHere } from "../integration/api-sender.ts";

const HOUR_S = 3600;
const missing = movedClockMissing();
const STOPPED_SWEEP = '"event":"sweep/failed","failure":"Problem:keys/clock-stopped';

let root: string;
let token: string;
let clock: MovedClock;
let instance: RunningInstance;
const folder = (name: string) => join(root, name);
const start = (port = 0) =>
  startInstance({ home: folder("home"), port, args: ["--expiry-grace", "1"], environment: clock.environment });
beforeAll(async () => {
  if (missing !== null) return;
  root = await temporaryFolder();
  clock = await movedClock(root);
  instance = await start();
  ({ apiToken: token } = await setUp(instance, folder("anna")));
  await done(cli("anna", ["recovery-key", "--out", folder("paper")]));
  const origin = new URL(instance.portal).origin;
  await done(cli("ben", ["login", origin, "--recovery-key-file", folder("paper")]));
});
afterAll(async () => {
  if (missing !== null) return;
  await instance.stop();
  await removeFolder(root);
});

/** With the instance's clock, where no other environment is given. */
const cli = (
  config: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = clock.environment,
) => runCli([...args, "--json"], { config: folder(config), answer: async () => token, environment });
const done = async (run: ReturnType<typeof cli>) => {
  const { exitCode, errors, json } = await run;
  expect(exitCode, errors).toBe(0);
  return json;
};
const confirm = async (config: string, environment?: Readonly<Record<string, string>>) => {
  const { exitCode, json } = await cli(config, ["clock", "confirm"], environment);
  return exitCode === 0 ? json["missing"] : [exitCode, (json["error"] as { code: string }).code];
};
const state = async (transfer: string) => (await done(cli("anna", ["status", transfer])))["state"];
const said = (what: string) => instance.errors().split(what).length - 1;

/** Polls within a bound: the sweep and the key service look by themselves. */
async function becomes<Value>(read: () => Value | Promise<Value>, wanted: Value): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if ((await read()) === wanted) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(await read()).toBe(wanted);
}

async function resetsInLedger(): Promise<number> {
  const [, size] = (await (await fetch(instance.checkpoint)).text()).split("\n");
  const tile = new URL(`tile/entries/000.p/${size}`, instance.checkpoint);
  const entries = Buffer.from(await (await fetch(tile)).arrayBuffer());
  let count = 0;
  for (let at = 0; at < entries.length; at += 2 + entries.readUInt16BE(at)) {
    const leaf = decodeLeaf(entries.subarray(at + 2, at + 2 + entries.readUInt16BE(at)));
    if (leaf.type === "keys/clock-reset") count += 1;
  }
  return count;
}

describe.skipIf(missing !== null)(`custodians${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  test("two of them make a clock steady that has truly jumped, over a restart; one does not", async () => {
    const content = new Uint8Array(randomBytes(1000));
    const sending = { config: folder("anna"), content, address: "a.lindqvist@northlake-cardiology.example" };
    const { transfer } = await sendFromHere({ ...sending, lifeMs: 2 * HOUR_S * 1000 });
    expect(await confirm("anna")).toEqual([3, "keys/clock-agrees"]);

    await clock.move(24 * HOUR_S);
    await becomes(() => said('"state":"ahead"') > 0, true);
    expect(await confirm("anna")).toEqual([4, "keys/not-a-custodian"]);
    const keys = await Promise.all(
      ["anna", "ben"].map(async (who) => (await done(cli(who, ["device", "key"])))["publicKey"]),
    );
    expect(await instance.stop()).toBe(0);
    await writeFile(
      join(folder("home"), "keys", "custodians"),
      keys.map((key, at) => `${String(key)}  # ${at}\n`).join(""),
    );

    instance = await start(instance.port);
    await becomes(() => state(transfer), "expired");
    await becomes(() => said(STOPPED_SWEEP), 1);
    expect(await done(cli("ben", ["clock"]))).toMatchObject({ state: "ahead", custodians: 2, confirmed: 0, resets: 0 });
    expect(await confirm("anna", {})).toEqual([3, "keys/clocks-differ"]);
    expect([await confirm("anna"), await confirm("anna")]).toEqual([1, 1]);
    expect(await done(cli("ben", ["clock"]))).toMatchObject({ state: "ahead", confirmed: 1 });
    expect([await state(transfer), await resetsInLedger()]).toEqual(["expired", 0]);

    expect(await confirm("ben")).toBe(0);
    expect(await done(cli("anna", ["clock"]))).toMatchObject({ state: "steady", confirmed: 0, resets: 1 });
    await becomes(() => state(transfer), "destroyed");
    expect([await resetsInLedger(), said(STOPPED_SWEEP)]).toEqual([1, 1]);
    expect(await confirm("ben")).toEqual([3, "keys/clock-agrees"]);
    await done(cli("anna", ["log", "verify"]));

    expect(await instance.stop()).toBe(0);
    instance = await start(instance.port);
    expect(await done(cli("ben", ["clock"]))).toMatchObject({ state: "steady", resets: 1 });
  });
});
