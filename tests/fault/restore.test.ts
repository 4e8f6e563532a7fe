/**
 * Old copies of everything but the keys open nothing once a share is shredded: database, blobs, ledger and secrets may come back
 * from a backup, alone or together. What cannot be promised has its own test: a copy of the WHOLE old key folder, its master
 * included, opens again, which is why that folder belongs in no backup.
 */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  mailedCode,
  removeFolder,
  runCli,
  type RunningInstance,
  setUp,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { sendFromHere } from "../integration/api-sender.ts";

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";

let root: string;
let config: string;
/** Copies of the whole data folder of a stopped instance: before the revocation, and after it. */
let before: string;
let after: string;
let port: number;
let link: string;
let transfer: string;
let running: RunningInstance | null = null;

beforeAll(async () => {
  root = await temporaryFolder();
  config = join(root, "config");
  const home = join(root, "home");
  let instance = await startInstance({ home });
  await setUp(instance, config);
  ({ port } = instance);
  const sent = await sendFromHere({ config, content: new Uint8Array(randomBytes(50_000)), address: RECIPIENT });
  link = sent.links[0]?.link ?? "";
  ({ transfer } = sent);
  await instance.stop();
  before = await copy(home, "before");
  instance = await startInstance({ home, port });
  const revoked = await runCli(["revoke", transfer, "--json"], { config });
  if (revoked.json["state"] !== "destroyed") throw new Error(`not destroyed: ${revoked.errors}`);
  await instance.stop();
  after = await copy(home, "after");
});
afterEach(async () => {
  await running?.stop();
  running = null;
});
afterAll(() => removeFolder(root));

async function copy(from: string, name: string): Promise<string> {
  const to = join(root, name);
  await cp(from, to, { recursive: true, preserveTimestamps: true });
  return to;
}

/** A home that is `base`, but with `parts` as they are in `other`. */
async function mixed(name: string, base: string, { parts, from }: { parts: readonly string[]; from: string }) {
  const home = await copy(base, name);
  for (const part of parts) {
    await rm(join(home, part), { recursive: true, force: true });
    if (existsSync(join(from, part))) await cp(join(from, part), join(home, part), { recursive: true });
  }
  return home;
}

const oldAllButKeys = async (name: string) =>
  mixed(name, after, { parts: [...(await databaseOf(before)), "blobs", "ledger", "secrets"], from: before });

const checkpointOf = (home: string) => readFile(join(home, "ledger", "checkpoint"), "utf8");

/** Everything of the database: SQLite keeps a part of it beside the file, and a newer part beside an older file would count. */
const databaseOf = async (home: string) =>
  [...new Set([...(await readdir(home)), ...(await readdir(after))])].filter(
    (name) => name.startsWith("safeconduct.sqlite") && !name.includes("lock"),
  );

const receive = (name: string) =>
  runCli(["receive", link, "--out", join(root, `out-${name}`), "--json"], {
    config: join(root, "stranger"),
    answer: () => mailedCode({ ...(running as RunningInstance) }, RECIPIENT),
  });

/** What a recipient with link and mailbox gets. */
async function opened(name: string) {
  const { exitCode, json } = await receive(name);
  return { exitCode, json, files: await readdir(join(root, `out-${name}`)) };
}
const NOTHING = { exitCode: 3, json: { error: { code: "grant/unavailable" } }, files: [] };

describe("after a shred", () => {
  test("nothing opens, with nothing restored", async () => {
    running = await startInstance({ home: await copy(after, "as-it-is"), port });
    expect(await opened("as-it-is")).toMatchObject(NOTHING);
  });

  test("an older database beside the newer log is found out at the start", async () => {
    const parts = [...(await databaseOf(before)), "blobs"];
    const home = await mixed("old-database", after, { parts, from: before });
    await expect(startInstance({ home, port })).rejects.toThrow(/^exit 65: /);
  });

  test("an old database, old blobs, an old log and old secrets together are found out by the key service", async () => {
    const home = await oldAllButKeys("found-out");
    await expect(startInstance({ home, port })).rejects.toThrow(
      /^exit 65: .*"event":"keys\/ledger-rolled-back".*The key service has seen a newer audit ledger.*--new-ledger-origin/s,
    );
    // Nothing was signed meanwhile: the checkpoint is the one that was restored.
    expect(await checkpointOf(home)).toBe(await checkpointOf(before));
  });

  test("an old log alone is brought up to the newer database, as after a crash", async () => {
    const home = await mixed("old-log-alone", after, { parts: ["ledger"], from: before });
    running = await startInstance({ home, port });
    expect(await checkpointOf(home)).toBe(await checkpointOf(after));
  });

  test("a log of a new origin goes on where an operator asks for it, names the old one's end, and opens nothing", async () => {
    const home = await oldAllButKeys("new-origin");
    running = await startInstance({ home, port, args: ["--new-ledger-origin"] });
    const [origin] = (await checkpointOf(home)).split("\n");
    expect(origin).not.toBe((await checkpointOf(after)).split("\n")[0]);
    expect((await readdir(home)).filter((name) => name.startsWith("ledger-until-"))).toHaveLength(1);
    // The restored database believes that the link lives; the recipient confirms the address, and the key service has nothing.
    const about = await runCli(["status", transfer, "--json"], { config });
    expect(about.json).toMatchObject({ state: "active", grants: [{ state: "pending" }] });
    expect(await opened("new-origin")).toMatchObject(NOTHING);
    // A device that pinned the old log is told; one that is enrolled now follows the new one.
    const verified = await runCli(["log", "verify", "--json"], { config });
    expect(verified.exitCode).toBe(6);
    expect(verified.json).toMatchObject({ error: { code: "cli/not-verified" } });
    await running.stop();
    // The option once more changes nothing, and without it the new log simply goes on.
    for (const args of [["--new-ledger-origin"], []]) {
      running = await startInstance({ home, port, args });
      expect((await checkpointOf(home)).split("\n")[0]).toBe(origin);
      await running.stop();
    }
  });

  test("a newer log beside a database that has nothing of it can go on under a new origin too", async () => {
    const parts = [...(await databaseOf(before)), "blobs"];
    const home = await mixed("old-database-on", after, { parts, from: before });
    running = await startInstance({ home, port, args: ["--new-ledger-origin"] });
    expect((await checkpointOf(home)).split("\n")[0]).not.toBe((await checkpointOf(after)).split("\n")[0]);
  });

  test("an old ring with the masters of today is refused by the key service, and nothing starts", async () => {
    const rings = (await readdir(join(before, "keys"))).filter(
      (name) => name === "ring" || name.startsWith("journal-"),
    );
    expect(rings.length).toBeGreaterThanOrEqual(2);
    const parts = [...(await databaseOf(before)), "blobs", "ledger", "secrets", ...rings.map((name) => `keys/${name}`)];
    const home = await mixed("old-ring", after, { parts, from: before });
    await expect(startInstance({ home, port })).rejects.toThrow(/^exit 65: The key folder cannot be opened/);
  });

  test("NOT PROMISED: the whole old key folder with its old master, and all else old, opens again", async () => {
    running = await startInstance({ home: await copy(before, "everything-old"), port });
    const run = await receive("everything-old");
    expect(run.exitCode, run.errors).toBe(0);
    expect(await readdir(join(root, "out-everything-old"))).toEqual(["note.bin"]);
  });
});
