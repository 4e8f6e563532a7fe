/**
 * One changed byte in each kind of file of a real instance: the start or `fsck` names it in a plain sentence. Parts, tiles and
 * the checkpoint are in fsck.test.ts; the harness changes bytes anywhere.
 */
import { randomBytes } from "node:crypto";
import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { removeFolder, setUp, startInstance, temporaryFolder } from "@safeconduct/testkit";
import { systemClock } from "@safeconduct/system";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fsck } from "../../apps/server/src/fsck/fsck.ts";
import { parseFsckOptions } from "../../apps/server/src/fsck/options.ts";
import { sendFromHere } from "../integration/api-sender.ts";

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";

let root: string;
let port: number;
/** Ended as Ctrl-C ends it, and as a power cut does: the one has no WAL, the other has. */
let stopped: string;
let cut: string;

beforeAll(async () => {
  root = await temporaryFolder();
  const config = join(root, "config");
  stopped = join(root, "stopped");
  cut = join(root, "cut");
  let instance = await startInstance({ home: stopped });
  ({ port } = instance);
  await setUp(instance, config);
  await sendFromHere({ config, content: new Uint8Array(randomBytes(10_000)), address: RECIPIENT });
  await instance.stop();
  await cp(stopped, cut, { recursive: true });
  instance = await startInstance({ home: cut, port });
  await sendFromHere({ config, content: new Uint8Array(randomBytes(10_000)), address: RECIPIENT });
  await instance.kill();
});
afterAll(() => removeFolder(root));

let copies = 0;
async function copyOf(home: string): Promise<string> {
  const to = join(root, `copy-${copies++}`);
  await cp(home, to, { recursive: true });
  return to;
}

/** Changes one bit at a share of the file's length. */
async function flip(path: string, share = 0.5): Promise<void> {
  const bytes = await readFile(path);
  const place = Math.floor(bytes.length * share);
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

const theOnly = async (folder: string, name: RegExp) =>
  join(folder, (await readdir(folder)).find((each) => name.test(each)) ?? "none");

/** How a start ends: its exit code and what it says. It is stopped again when it comes up. */
async function start(home: string): Promise<string> {
  try {
    const instance = await startInstance({ home, port });
    await instance.stop();
    return "started";
  } catch (error) {
    return (error as Error).message;
  }
}

describe("a changed byte stops the start with a sentence", () => {
  test.for([
    [
      "the database's first page",
      (home) => flip(join(home, "safeconduct.sqlite"), 0),
      /The database is damaged\. Stop/,
    ],
    ["the ring", (home) => flip(join(home, "keys/ring")), /The key folder cannot be opened/],
    [
      "the journal of the ring",
      async (home) => flip(await theOnly(join(home, "keys"), /^journal-/), 0.3),
      /The key folder cannot be opened/,
    ],
    [
      "the ring's master",
      async (home) => flip(await theOnly(join(home, "keys/masters"), /./)),
      /The key folder cannot be opened/,
    ],
    [
      "the key service's private keys",
      (home) => flip(join(home, "keys/identity"), 0.7),
      /The key folder cannot be opened|holds another key service/,
    ],
    [
      "the key service's signing key",
      (home) => flip(join(home, "keys/identity"), 0.999),
      /The key folder cannot be opened|holds another key service/,
    ],
    [
      "the pin of the key service",
      (home) => flip(join(home, "secrets/key-service.pin"), 0.01),
      /another key service than this instance began with/,
    ],
    [
      "the API's signing key",
      (home) => flip(join(home, "secrets/api-signing.key"), 0.3),
      /api-signing\.key is damaged\. Restore it/,
    ],
    [
      "the ledger's signing key",
      (home) => flip(join(home, "secrets/ledger-signing.key"), 0.3),
      /ledger-signing\.key is damaged\. Restore it/,
    ],
    [
      "the key of passwords",
      (home) => flip(join(home, "secrets/identity.key"), 0.3),
      /identity\.key .*(damaged|does not fit).*Restore/,
    ],
    [
      "the key of mailed codes",
      (home) => flip(join(home, "secrets/mailed-codes.key"), 0.3),
      /mailed-codes\.key .*(damaged|does not fit).*Restore/,
    ],
    ["the checksums", (home) => flip(join(home, "secrets/checksums"), 0.01), /checksums.*Restore both/],
    ["the checkpoint", (home) => flip(join(home, "ledger/checkpoint"), 0.3), /ledger|checkpoint/i],
  ] satisfies [string, (home: string) => Promise<void>, RegExp][])("in %s", async ([, spoil, words]) => {
    const home = await copyOf(stopped);
    await spoil(home);
    const ended = await start(home);
    expect(ended).toMatch(/^exit (65|77): /);
    expect(ended).toMatch(words);
    expect(ended).not.toMatch(/could not start/);
  });
});

describe("a changed byte in the database's log after a power cut", () => {
  test.for([0.05, 0.35, 0.65, 0.95])(
    "at %f of it: nothing wrong is served, and what is lost is named",
    async (share) => {
      const home = await copyOf(cut);
      await flip(join(home, "safeconduct.sqlite-wal"), share);
      const ports = { clock: systemClock(), log: () => undefined, say: () => undefined };
      const { result, findings } = await fsck(ports, parseFsckOptions(["--home", home]));
      const ended = await start(home);
      // SQLite drops a frame that does not match its checksum and all behind it: the ledger knows that more was there.
      const told = findings.some(({ code }) => code === "ledger/database-behind");
      const expected = result === "damaged" ? told && ended.startsWith("exit 65: ") : ended === "started";
      expect({ result, ended, expected }).toMatchObject({ expected: true });
    },
  );
});
