/**
 * `safeconduct fsck` over what is neither ledger nor ciphertext: devices, recovery key and requests, holds, jobs, and the key
 * service's own log with its anchors. Each is spoiled in a copy of a real instance's folder and must be named.
 */
import { randomBytes } from "node:crypto";
import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { systemClock } from "@safeconduct/system";
import { removeFolder, runCli, setUp, startInstance, temporaryFolder } from "@safeconduct/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fsck } from "../../apps/server/src/fsck/fsck.ts";
import { parseFsckOptions } from "../../apps/server/src/fsck/options.ts";

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";

let root: string;
/** Stopped, with a recovery key, a sent transfer that is held, a request to bring it back, and an anchor. */
let finished: string;
/** Its key folder before the transfer was sent and anchored. */
let olderKeys: string;
let held: string;

beforeAll(async () => {
  root = await temporaryFolder();
  const config = join(root, "config");
  finished = join(root, "home");
  let instance = await startInstance({ home: finished });
  const { port } = instance;
  await setUp(instance, config);
  await instance.stop();
  olderKeys = join(root, "older-keys");
  await cp(join(finished, "keys"), olderKeys, { recursive: true });

  instance = await startInstance({ home: finished, port });
  const cli = async (...words: readonly string[]) => {
    const run = await runCli([...words, "--json"], { config });
    expect(run.exitCode, run.errors).toBe(0);
    return run.json;
  };
  await cli("recovery-cards", "--out", join(root, "cards"));
  const note = join(root, "note.txt");
  await writeFile(note, "Seen on Tuesday.");
  held = (await cli("send", note, "--to", RECIPIENT, "--purpose", "TREAT", "--public"))["transfer"] as string;
  await cli("recover", held);
  await cli("hold", held, "--reason-code", "audit");
  await instance.stop();
  // The anchor is written in the first second of a run.
  instance = await startInstance({ home: finished, port });
  await anchored();
  await instance.stop();
});
afterAll(() => removeFolder(root));

async function anchored(): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (rows(finished, "select 1 from instance where key_log_checkpoint is not null").length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("the key service's log was not anchored");
}

function rows(home: string, sql: string) {
  const database = new DatabaseSync(join(home, "safeconduct.sqlite"), { readOnly: true });
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}
function change(home: string, sql: string, ...values: readonly SQLInputValue[]): void {
  const database = new DatabaseSync(join(home, "safeconduct.sqlite"));
  database.prepare(sql).run(...values);
  database.close();
}

let copies = 0;
async function copyOf(home: string): Promise<string> {
  const to = join(root, `copy-${copies++}`);
  await cp(home, to, { recursive: true, preserveTimestamps: true });
  return to;
}
async function check(home: string, ...args: readonly string[]) {
  const ports = { clock: systemClock(), log: () => undefined, say: () => undefined };
  const { result, findings, repairs } = await fsck(ports, parseFsckOptions(["--home", home, "--quick", ...args]));
  return { result, codes: [...new Set(findings.map(({ code }) => code))].sort(), repairs };
}
const CLEAN = { result: "clean", codes: [], repairs: [] };

test("nothing is wrong with what nobody touched, and an anchor is among it", async () => {
  expect(await check(await copyOf(finished), "--repair")).toEqual(CLEAN);
  expect(rows(finished, "select 1 from events where type = 'keys/anchored'").length).toBeGreaterThan(0);
});

describe("what was changed in the database is named:", () => {
  test.for([
    ["the signature of a statement", "device/chain-broken", "update member_statements set signature = zeroblob(64)"],
    ["the last statement", "device/chain-broken", "delete from member_statements where position = 1"],
    ["all statements", "device/chain-broken", "delete from member_statements"],
    ["the key of a device", "device/differs", "update devices set hpke_public_key = zeroblob(1249)"],
    ["a device that was taken out", "device/differs", "update devices set removed_at = 1"],
    [
      "a device that nobody let in",
      "device/differs",
      `insert into devices (id, member, organisation, name, signing_public_key, hpke_public_key, created_at, kind)
        select 'dev_${"a".repeat(26)}', member, organisation, name, signing_public_key, hpke_public_key, created_at, kind
        from devices`,
    ],
    ["the sealed copy of the member key", "device/key-missing", "delete from member_key_wraps"],
    ["the signature of the recovery key", "recovery/key-broken", "update recovery_keys set signature = zeroblob(64)"],
    ["the generation of the recovery key", "recovery/key-broken", "update recovery_keys set generation = 7"],
    ["the signature of a request", "recovery/request-broken", "update recoveries set signature = zeroblob(64)"],
    [
      "an approval that nobody gave",
      "recovery/request-broken",
      "update recoveries set approved_at = 1, approved_by = device",
    ],
    ["the anchor", "keys/anchor-differs", "update instance set key_log_checkpoint = null"],
  ] as const)("%s", async ([, code, sql]) => {
    const home = await copyOf(finished);
    change(home, sql);
    const found = await check(home);
    expect(found).toMatchObject({ result: "damaged" });
    expect(found.codes).toEqual([code]);
  });

  test("a statement, and a recovery key, whose entry is not in the ledger", async () => {
    const home = await copyOf(finished);
    change(
      home,
      "update events set type = 'member/signed-in' where type in ('device/enrolled', 'organisation/recovery-key-set')",
    );
    const { codes } = await check(home);
    expect(codes).toEqual(["device/without-entry", "event/differs", "recovery/key-without-entry"]);
  });
});

describe("a hold", () => {
  test("that the key service was not told of is told by a repair; one that was lifted is lifted there", async () => {
    const home = await copyOf(finished);
    change(home, "update holds set lifted_at = 5");
    expect(await check(home)).toMatchObject({ result: "leftovers", codes: ["keys/hold-left"] });
    expect(await check(home, "--repair")).toMatchObject({ result: "repaired", codes: [] });
    // The same hold stands again, and the key service does not have it.
    change(home, "update holds set lifted_at = null, told_at = null");
    expect(await check(home)).toMatchObject({ result: "leftovers", codes: ["hold/untold"] });
    expect(await check(home, "--repair")).toMatchObject({
      result: "repaired",
      repairs: [{ finding: { transfer: held }, done: "told to the key service" }],
    });
    expect(await check(home)).toEqual(CLEAN);
    change(home, "update holds set lifted_at = 5");
    await check(home, "--repair");
    change(home, "update holds set lifted_at = null");
    expect(await check(home)).toMatchObject({ result: "damaged", codes: ["keys/hold-missing"] });
  });

  test("that no record names is told and left: what it keeps is not destroyed", async () => {
    const home = await copyOf(finished);
    change(home, "delete from holds");
    expect(await check(home, "--repair")).toEqual({ result: "clean", codes: ["keys/hold-unknown"], repairs: [] });
  });
});

describe("a job", () => {
  const job = "insert into jobs (id, kind, key, payload, created_at, due_at, expires_at, attempts) values";
  const payload = (grant: string) => JSON.stringify({ grant, salt: randomBytes(16).toString("base64url") });
  const add = (home: string, name: string, content: string) =>
    change(home, `${job} (?, 'code-mail', ?, ?, 1, 1, 9e15, 0)`, `job_${name.repeat(26)}`, name, content);

  test("that nobody needs any more while it waits for its next try is nothing to tell of", async () => {
    const home = await copyOf(finished);
    const [{ id = "" } = {}] = rows(home, "select id from grants where kind = 'recipient'");
    const waiting = `${job} (?, 'code-mail', ?, ?, 1, 8e15, 9e15, 1)`;
    change(home, waiting, `job_${"e".repeat(26)}`, "e", payload(String(id)));
    expect(await check(home)).toMatchObject({ result: "clean", codes: [] });
  });

  test("that nobody needs, of a link that is not there, or that cannot be read is removed by a repair", async () => {
    const home = await copyOf(finished);
    const [{ id = "" } = {}] = rows(home, "select id from grants where kind = 'recipient'");
    // A code that the link does not have.
    add(home, "a", payload(String(id)));
    expect(await check(home)).toMatchObject({ result: "leftovers", codes: ["job/idle"] });
    add(home, "b", payload(`grt_${"b".repeat(26)}`));
    add(home, "c", "not JSON");
    add(home, "d", '{"grant":7,"salt":null}');
    expect(await check(home)).toMatchObject({ result: "leftovers", codes: ["job/idle", "job/without-record"] });
    const { result, repairs } = await check(home, "--repair");
    expect(result).toBe("repaired");
    expect(repairs.map(({ done }) => done)).toEqual(Array(4).fill("removed"));
    expect(await check(home)).toEqual(CLEAN);
    expect(rows(home, "select 1 from jobs")).toEqual([]);
  });
});

describe("the key service's own log", () => {
  test("of an older key folder does not continue what the ledger has of it", async () => {
    const home = await copyOf(finished);
    await rm(join(home, "keys"), { recursive: true });
    await cp(olderKeys, join(home, "keys"), { recursive: true });
    const { result, codes } = await check(home);
    expect(result).toBe("damaged");
    expect(codes).toContain("keys/log-forked");
  });

  test("with a changed byte is named, even where the key service does not start", async () => {
    const home = await copyOf(finished);
    const log = join(home, "keys", "log");
    const entries = await readdir(log, { recursive: true, withFileTypes: true });
    const bundle = entries.find((entry) => entry.isFile() && entry.parentPath.includes("entries"));
    const path = join(bundle?.parentPath ?? "", bundle?.name ?? "");
    const bytes = await readFile(path);
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
    await writeFile(path, bytes);
    await rm(join(home, "keys", "ring"));
    const { result, codes } = await check(home);
    expect(result).toBe("damaged");
    expect(codes).toEqual(["keys/log-damaged", "keys/unavailable"]);
  });
});
