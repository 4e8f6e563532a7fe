/** Where secrets must not be after a whole life of a transfer: not on the disk, not in a log, not in a process list. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  childProcesses,
  confirmedSession,
  processFactsMissing,
  removeFolder,
  runCli,
  type RunningInstance,
  setUp,
  startInstance,
  temporaryFolder,
  TEST_PASSWORD,
} from "@safeconduct/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

const RECIPIENT = "unmistakable.recipient@northlake-cardiology.example";
const missing = processFactsMissing();

let root: string;
let instance: RunningInstance;
/** Name of each secret and what it looks like. */
const secrets = new Map<string, string>();
beforeAll(async () => {
  root = await temporaryFolder();
  const config = join(root, "config");
  instance = await startInstance({ home: join(root, "home") });
  const { apiToken, secret } = await setUp(instance, config);
  await writeFile(join(root, "note.txt"), "Seen on Tuesday.");
  const words = ["send", join(root, "note.txt"), "--to", RECIPIENT, "--purpose", "TREAT", "--public", "--json"];
  const sent = await runCli(words, { config });
  const [first] = (sent.json as { links: { link: string; grant: string }[] }).links;
  const session = await confirmedSession(instance, { grant: first?.grant ?? "", address: RECIPIENT });
  await fetch(`${instance.portal}api/v1/grants/${first?.grant}/blob`, {
    method: "POST",
    headers: { authorization: `Bearer ${session}` },
  });
  secrets.set("password", TEST_PASSWORD);
  secrets.set("authenticator key", secret);
  secrets.set("API token", apiToken.slice(4));
  secrets.set("recipient's session", session.slice(4));
  secrets.set("link", new URL(first?.link ?? "").hash.slice(3));
  secrets.set("set-up token", new URL(instance.setup ?? "").hash.slice("#token=".length));
});
afterAll(async () => {
  await instance.stop();
  await removeFolder(root);
});

const found = (bytes: Buffer): string[] =>
  [...secrets].filter(([, text]) => bytes.includes(text)).map(([name]) => name);

test("the secrets are such as could be found", () => {
  for (const [name, text] of secrets) expect(text.length, name).toBeGreaterThan(15);
});

test("no file of the data folder holds one, and the ledger's files no address", async () => {
  const entries = await readdir(instance.home, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  expect(files.length).toBeGreaterThan(5);
  for (const file of files) {
    const bytes = await readFile(file);
    expect(found(bytes), file).toEqual([]);
    const isOutsideDatabase = !file.includes(".sqlite");
    expect(isOutsideDatabase && bytes.includes("unmistakable"), file).toBe(false);
  }
});

test("no log line holds one, nor an address, a name or a file's name", () => {
  expect(found(Buffer.from(instance.errors()))).toEqual([]);
  expect(instance.errors()).not.toMatch(/unmistakable|okafor|note\.txt|Riverside/i);
});

test.skipIf(missing !== null)(
  `no command line or environment of server and key service holds one${missing === null ? "" : ` (skipped: ${missing})`}`,
  async () => {
    const server = instance.process.pid ?? 0;
    const pids = [server, ...childProcesses(server)];
    expect(pids).toHaveLength(2);
    for (const pid of pids) {
      for (const fact of ["cmdline", "environ"]) {
        const bytes = await readFile(`/proc/${pid}/${fact}`);
        expect(bytes.length).toBeGreaterThan(0);
        expect(found(bytes), fact).toEqual([]);
        expect(bytes.includes("unmistakable")).toBe(false);
      }
    }
  },
);
