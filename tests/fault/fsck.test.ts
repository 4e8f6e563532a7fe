/** `safeconduct fsck` over the folder of a real instance: clean when it is, and each thing that is wrong by its name. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cp, mkdir, readdir, readFile, rm, truncate, unlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import {
  confirmedSession,
  removeFolder,
  runCli,
  type RunningInstance,
  setUp,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "@safeconduct/system";
import { fsck } from "../../apps/server/src/fsck/fsck.ts";
import { parseFsckOptions } from "../../apps/server/src/fsck/options.ts";
import type { FsckOutcome } from "../../apps/server/src/fsck/report.ts";
import { contentOf, openFromHere, sendFromHere } from "../integration/api-sender.ts";

const COMMAND = fileURLToPath(new URL("../../tools/safeconduct.mjs", import.meta.url));
const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
const CONTENT = new Uint8Array(randomBytes(300_000));

let root: string;
let config: string;
/** A stopped instance with a live, a revoked and an unfinished transfer. */
let finished: string;
let port: number;
let live: { transfer: string; link: string; grant: string };
let destroyed: string;
let whileRunning: Checked;

beforeAll(async () => {
  root = await temporaryFolder();
  config = join(root, "config");
  finished = join(root, "home");
  const instance = await startInstance({ home: finished });
  ({ port } = instance);
  await setUp(instance, config);
  const sent = await sendFromHere({ config, content: CONTENT, address: RECIPIENT });
  const link = sent.links[0]?.link ?? "";
  live = { transfer: sent.transfer, link, grant: /grt_[a-z2-7]{26}/.exec(link)?.[0] ?? "" };
  destroyed = (await sendFromHere({ config, content: CONTENT, address: RECIPIENT })).transfer;
  await runCli(["revoke", destroyed, "--json"], { config });
  await sendFromHere({ config, content: CONTENT, address: RECIPIENT, fetch: withoutSeal }).catch(() => undefined);
  whileRunning = await check(finished);
  await instance.stop();
});
afterAll(() => removeFolder(root));

/** A server that refuses the seal and does not hear that the draft is given up: every part stays, and so does the draft. */
const withoutSeal: typeof globalThis.fetch = async (target, init) => {
  const url = target instanceof Request ? target.url : String(target);
  if (!/\/(seal|abandonment)$/.test(url)) return globalThis.fetch(target, init);
  const problem = { type: "about:blank", title: "No.", status: 409, code: "transfer/seal-mismatch" };
  return new Response(JSON.stringify(problem), {
    status: 409,
    headers: { "content-type": "application/problem+json" },
  });
};

interface Checked {
  readonly exitCode: number | null;
  readonly errors: string;
  readonly result?: string;
  readonly findings?: readonly { code: string; [name: string]: unknown }[];
  readonly [name: string]: unknown;
}

async function check(home: string, ...args: readonly string[]): Promise<Checked> {
  const child = spawn(process.execPath, [COMMAND, "fsck", "--home", home, "--json", ...args]);
  let [output, errors] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString("utf8");
  });
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString("utf8");
  });
  const exitCode = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { exitCode, errors, ...(output.startsWith("{") ? (JSON.parse(output) as object) : {}) };
}

/** The same without a process of its own, for the long table. */
function checkHere(home: string, ...args: readonly string[]): Promise<FsckOutcome> {
  const ports = { clock: systemClock(), log: () => undefined, say: () => undefined };
  return fsck(ports, parseFsckOptions(["--home", home, ...args]));
}

const codesOf = ({ findings = [] }: Checked) => [...new Set(findings.map(({ code }) => code))].sort();

let copies = 0;
/** A copy of the finished instance, to be spoiled. */
async function copyOf(home: string): Promise<string> {
  const to = join(root, `copy-${copies++}`);
  await cp(home, to, { recursive: true, preserveTimestamps: true });
  return to;
}

/** The files of a transfer's parts. */
async function partsOf(home: string, transfer: string): Promise<readonly string[]> {
  const folder = join(home, "blobs", transfer.slice(4, 6), transfer);
  return (await readdir(folder)).map((name) => join(folder, name));
}

async function flip(path: string, at?: number): Promise<void> {
  const bytes = await readFile(path);
  const place = at ?? bytes.length >> 1;
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

function change(home: string, sql: string): void {
  const database = new DatabaseSync(join(home, "safeconduct.sqlite"));
  database.exec(sql);
  database.close();
}

describe("an instance that was stopped", () => {
  test("is clean, and its live transfer has all that opening needs", async () => {
    const checked = await check(finished);
    expect(checked).toMatchObject({ exitCode: 0, result: "clean", transfers: 3, whole: 1, damageCount: 0 });
    expect(checked["states"]).toEqual({ active: 1, destroyed: 1, draft: 1 });
    expect(checked["entries"]).toBe(checked["treeSize"]);
    expect(checked.errors).toBe("");
  });

  test("opens as before after it was checked and repaired", async () => {
    const home = await copyOf(finished);
    expect(await check(home, "--repair")).toMatchObject({ exitCode: 0, result: "clean", repairs: [] });
    const instance: RunningInstance = await startInstance({ home, port });
    const session = await confirmedSession(instance, { grant: live.grant, address: RECIPIENT });
    const opened = await openFromHere({ link: live.link, session });
    expect((await contentOf(opened)).equals(CONTENT)).toBe(true);
    await instance.stop();
    expect(await check(home)).toMatchObject({ exitCode: 0, result: "clean" });
  });

  test("says in plain words what it looked at", async () => {
    const child = spawn(process.execPath, [COMMAND, "fsck", "--home", finished, "--quick"]);
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
    });
    await new Promise((resolve) => child.once("close", resolve));
    expect(output).toContain("1 of 1 active transfers have all that opening needs");
    expect(output).toContain("looked at by name and length");
    expect(output).toMatch(/\nClean\. [^\n]+\n$/);
  });
});

describe("what was lost or changed", () => {
  const only = (code: string) => ({ result: "damaged", codes: [code] });
  const spoilt = async (spoil: (home: string) => Promise<unknown> | void, ...args: readonly string[]) => {
    const home = await copyOf(finished);
    await spoil(home);
    const { result, findings } = await checkHere(home, ...args);
    return { result, findings, codes: [...new Set(findings.map(({ code }) => code))] };
  };

  test.for([
    ["a byte of a part", "part/damaged", async (home) => flip((await partsOf(home, live.transfer))[0] ?? "")],
    ["the end of a part", "part/missing", async (home) => truncate((await partsOf(home, live.transfer))[0] ?? "", 99)],
    ["a part", "part/missing", async (home) => unlink((await partsOf(home, live.transfer))[0] ?? "")],
    ["all ciphertext", "part/missing", async (home) => rm(join(home, "blobs"), { recursive: true })],
    ["a byte of the ledger", "ledger/damaged", async (home) => flip(join(home, "ledger", await anEntryBundle(home)))],
    [
      "the checkpoint's signature",
      "ledger/checkpoint-refused",
      async (home) => flip(join(home, "ledger/checkpoint"), 20),
    ],
    ["the checkpoint", "ledger/checkpoint-refused", async (home) => unlink(join(home, "ledger/checkpoint"))],
    ["the key service's ring", "keys/unavailable", async (home) => flip(join(home, "keys/ring"))],
    ["the key service's folder", "keys/unavailable", async (home) => rm(join(home, "keys"), { recursive: true })],
    ["the pin of the key service", "keys/unavailable", async (home) => unlink(join(home, "secrets/key-service.pin"))],
    [
      "a readable event",
      "event/differs",
      (home) => change(home, "update events set body = replace(body, 'TREAT', 'HMARKT')"),
    ],
    [
      "a state without its entry",
      "transfer/without-entry",
      (home) => change(home, "update transfers set state = 'expired' where state = 'active'"),
    ],
    [
      "the seal",
      "transfer/seal-wrong",
      (home) => change(home, "update transfers set seal_signature = zeroblob(64) where state = 'active'"),
    ],
    [
      "the record of a part",
      "transfer/seal-wrong",
      (home) => change(home, `delete from parts where transfer = '${live.transfer}'`),
    ],
    [
      "a slot",
      "grant/damaged",
      (home) => change(home, "update grants set slot = zeroblob(3) where kind = 'recipient' and state = 'pending'"),
    ],
    [
      "a recipient's address",
      "grant/other-recipient",
      (home) =>
        change(home, "update grants set address = 'a@b.example' where state = 'pending' and kind = 'recipient'"),
    ],
    [
      "the terms of a link",
      "grant/damaged",
      (home) =>
        change(home, "update grants set not_after = not_after + 1 where state = 'pending' and kind = 'recipient'"),
    ],
  ] satisfies [string, string, (home: string) => Promise<unknown> | void][])(
    "%s is named as %s",
    async ([, code, spoil]) => {
      const found = await spoilt(spoil);
      // A part without its record is a stray body beside the wrong seal.
      expect({ ...found, codes: found.codes.filter((each) => each !== "blob/stray") }).toMatchObject(only(code));
    },
  );

  test("a damaged part is named by transfer and number, and its neighbour is not", async () => {
    const { findings } = await spoilt(async (home) => flip((await partsOf(home, live.transfer))[0] ?? ""));
    expect(findings).toEqual([{ code: "part/damaged", transfer: live.transfer, part: 1 }]);
  });

  test("a look at names and lengths alone does not see a changed byte, and says that it did not read", async () => {
    const found = await spoilt(async (home) => flip((await partsOf(home, live.transfer))[0] ?? ""), "--quick");
    expect(found).toMatchObject({ result: "clean", codes: [] });
  });

  test("an older database beside the ledger is named, and nothing is removed that only it does not know", async () => {
    const home = await copyOf(finished);
    const late = await startInstance({ home, port });
    const { transfer } = await sendFromHere({ config, content: CONTENT, address: RECIPIENT });
    await late.stop();
    await cp(join(finished, "safeconduct.sqlite"), join(home, "safeconduct.sqlite"));
    const checked = await check(home, "--repair");
    expect(checked).toMatchObject({ exitCode: 65, repairs: [] });
    expect(codesOf(checked)).toEqual(["blob/kept", "keys/share-unknown", "ledger/database-behind"]);
    expect(await partsOf(home, transfer)).toHaveLength(1);
    // The ledger from the same backup makes a consistent older instance, and the key service was shown nothing newer: its
    // ciphertext still has a key and is kept.
    await rm(join(home, "ledger"), { recursive: true });
    await cp(join(finished, "ledger"), join(home, "ledger"), { recursive: true });
    const older = await check(home, "--repair");
    expect(older).toMatchObject({ exitCode: 0, repairs: [] });
    expect(codesOf(older)).toEqual(["blob/kept", "keys/share-unknown"]);
    expect(await partsOf(home, transfer)).toHaveLength(1);
  });

  test("an old key folder brings a destroyed share back: it is named, and a repair destroys it again", async () => {
    const home = await copyOf(finished);
    const instance = await startInstance({ home, port });
    const { transfer } = await sendFromHere({ config, content: CONTENT, address: RECIPIENT });
    await instance.stop();
    const keys = join(root, "old-keys");
    await cp(join(home, "keys"), keys, { recursive: true });
    const again = await startInstance({ home, port });
    await runCli(["revoke", transfer, "--json"], { config });
    await again.stop();
    await rm(join(home, "keys"), { recursive: true });
    await cp(keys, join(home, "keys"), { recursive: true });
    const found = await check(home);
    expect(found).toMatchObject({ exitCode: 65 });
    // Whether the ledger has an anchor from after the copy is a matter of moments; then it tells of the older log as well.
    const ofShares = (run: Checked) => codesOf(run).filter((code) => code !== "keys/log-forked");
    expect(ofShares(found)).toEqual(["keys/share-left"]);
    const mended = await check(home, "--repair");
    expect(mended["repairs"]).toContainEqual(
      expect.objectContaining({
        done: "destroyed again",
        finding: expect.objectContaining({ code: "keys/share-left" }),
      }),
    );
    expect(ofShares(mended)).toEqual([]);
    expect(ofShares(await check(home))).toEqual([]);
  });
});

describe("what is left over", () => {
  test("is told without harm, removed by a repair, and then gone", async () => {
    const home = await copyOf(finished);
    const [part = ""] = await partsOf(home, live.transfer);
    await writeFile(join(dirname(part), `1-${"ab".repeat(32)}.part`), "an earlier body");
    const gone = join(home, "blobs", destroyed.slice(4, 6), destroyed);
    await mkdir(gone, { recursive: true });
    await cp(part, join(gone, `1-${"cd".repeat(32)}.part`));
    const stranger = join(home, "blobs", "zz", `trf_zz${"a".repeat(24)}`);
    await mkdir(stranger, { recursive: true });
    await writeFile(join(stranger, `1-${"ef".repeat(32)}.part`), "nobody's");
    await writeFile(join(home, "blobs", "unfinished", "left"), "half");
    const codes = ["blob/of-destroyed", "blob/stray", "blob/unfinished", "blob/without-record"];
    const found = await check(home);
    expect(found).toMatchObject({ exitCode: 11, result: "leftovers", damageCount: 0 });
    expect(codesOf(found)).toEqual(codes);
    const mended = await check(home, "--repair");
    expect(mended).toMatchObject({ exitCode: 10, result: "repaired", findings: [] });
    expect((mended["repairs"] as { finding: { code: string } }[]).map(({ finding }) => finding.code).sort()).toEqual(
      codes,
    );
    expect(await check(home)).toMatchObject({ exitCode: 0, result: "clean", whole: 1 });
    expect(await partsOf(home, live.transfer)).toEqual([part]);
  });

  test("another body of a part whose right one is damaged is kept: it may be all there is", async () => {
    const home = await copyOf(finished);
    const [part = ""] = await partsOf(home, live.transfer);
    const other = join(dirname(part), `1-${"ab".repeat(32)}.part`);
    await writeFile(other, "another body");
    await flip(part);
    expect(await check(home, "--repair")).toMatchObject({ exitCode: 65, repairs: [] });
    expect((await readFile(other)).toString()).toBe("another body");
  });

  test("entries that wait for the ledger after a crash are added to it by a repair", async () => {
    const home = await copyOf(finished);
    change(home, "update events set ledger_index = null where ledger_index = (select max(ledger_index) from events)");
    // The tree is one entry longer than what the database has sequenced, as no crash leaves it.
    expect(await check(home)).toMatchObject({ exitCode: 65 });

    const crashed = await copyOf(finished);
    const instance = await startInstance({ home: crashed, port });
    await rm(join(root, "ledger-before"), { recursive: true, force: true });
    await cp(join(crashed, "ledger"), join(root, "ledger-before"), { recursive: true });
    await sendFromHere({ config, content: CONTENT, address: RECIPIENT });
    await instance.stop();
    await rm(join(crashed, "ledger"), { recursive: true });
    await cp(join(root, "ledger-before"), join(crashed, "ledger"), { recursive: true });
    const found = await check(crashed);
    expect(found).toMatchObject({ exitCode: 11 });
    expect(codesOf(found)).toEqual(["ledger/waiting"]);
    expect(await check(crashed, "--repair")).toMatchObject({ exitCode: 10, findings: [] });
    const clean = await check(crashed);
    expect(clean).toMatchObject({ exitCode: 0, result: "clean", whole: 2 });
    expect(clean["entries"]).toBe(clean["treeSize"]);
  });
});

describe("what cannot be checked", () => {
  test("an instance that is running is left alone", () => {
    expect(whileRunning).toMatchObject({ exitCode: 75, errors: expect.stringContaining("already open") });
  });

  test.for([
    ["a folder that is not there", ["--home", "/nonexistent/safeconduct"], 69, "There is no instance in"],
    ["an unknown option", ["--force"], 64, "--force"],
  ] as const)("%s has its own exit code and a plain line", async ([, args, exitCode, words]) => {
    const checked = await check(join(root, "nothing"), ...args);
    expect(checked.exitCode).toBe(exitCode);
    expect(checked.errors).toContain(words);
  });

  test("a missing or damaged secret is named", async () => {
    const home = await copyOf(finished);
    await unlink(join(home, "secrets", "identity.key"));
    const checked = await check(home);
    expect(checked.exitCode).toBe(65);
    expect(checked.errors).toContain("identity.key is missing. Restore it from your backup.");
  });
});

/** The path of the newest bundle of entries. */
async function anEntryBundle(home: string): Promise<string> {
  const entries = await readdir(join(home, "ledger", "tile", "entries"), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const widest = files.sort((a, b) => Number(/[0-9]+$/.exec(a)?.[0]) - Number(/[0-9]+$/.exec(b)?.[0])).at(-1) ?? "";
  return widest.slice(join(home, "ledger").length + 1);
}
