/** Erasing the person with real processes: every file of the data folder is read for what must be gone. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type RunningInstance,
  removeFolder,
  runCli,
  setUp,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

const ADDRESS = "q.unmistakable-recipient@northlake.example";
const OTHER = "r.someone-who-stays@northlake.example";
let root: string;
let config: string;
let instance: RunningInstance;

beforeAll(async () => {
  root = await temporaryFolder();
  config = join(root, "config");
  instance = await startInstance({ home: join(root, "home"), args: ["--expiry-grace", "0"] });
  await setUp(instance, config);
});
afterAll(async () => {
  await instance.stop();
  await removeFolder(root);
});

const cli = (...args: string[]) => runCli([...args, "--json"], { config });
const send = async (to: string) => {
  const sample = join(root, "sample.txt");
  await writeFile(sample, "sample");
  return String((await cli("send", sample, "--to", to, "--purpose", "TREAT")).json["transfer"]);
};
const filesWith = async (content: string | Buffer) => {
  const found: string[] = [];
  for (const entry of await readdir(instance.home, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = await readFile(join(entry.parentPath, entry.name));
    if (bytes.includes(content)) found.push(entry.name);
  }
  return found;
};

test("who was involved stands nowhere any more, and every proof holds", async () => {
  const transfer = await send(ADDRESS);
  const staying = await send(OTHER);
  const before = join(root, "before.json");
  expect((await cli("erase", transfer, "--yes")).json).toMatchObject({ error: { code: "transfer/not-destroyed" } });
  expect((await cli("revoke", transfer)).json).toMatchObject({ state: "destroyed" });
  await cli("certificate", transfer, "--out", before);
  expect(await filesWith(ADDRESS)).not.toEqual([]);
  const salts = JSON.parse(await readFile(before, "utf8")) as { subjectSalt: string; entries: { salt: string }[] };
  expect((await cli("erase", transfer)).exitCode).toBe(2);
  expect(await filesWith(ADDRESS)).not.toEqual([]);

  expect((await cli("erase", transfer, "--yes")).exitCode).toBe(0);
  expect(await filesWith(ADDRESS)).toEqual([]);
  expect(await filesWith(OTHER)).not.toEqual([]);
  for (const salt of [salts.subjectSalt, ...salts.entries.map((entry) => entry.salt)])
    expect(await filesWith(Buffer.from(salt, "base64"))).toEqual([]);

  const page = join(root, "after.html");
  await cli("certificate", transfer, "--html", page);
  expect((await cli("certificate", "verify", page)).json).toMatchObject({ valid: true, transferProven: false });
  const html = await readFile(page, "utf8");
  await writeFile(page, html.replace("Keys and ciphertext were destroyed", "Nothing was destroyed"));
  expect(await cli("certificate", "verify", page)).toMatchObject({ exitCode: 6 });

  const after = join(root, "after.json");
  await cli("certificate", transfer, "--out", after);
  expect(await readFile(after, "utf8")).not.toContain(ADDRESS);
  expect((await cli("certificate", "verify", after)).json).toMatchObject({ valid: true, transferProven: false });
  expect((await cli("certificate", "verify", before)).json).toMatchObject({ valid: true, transferProven: true });
  expect((await cli("log", "verify")).json).toMatchObject({ valid: true });
  expect((await cli("status", transfer)).output).not.toContain(ADDRESS);
  expect((await cli("erase", transfer, "--yes")).exitCode).toBe(0);

  await instance.stop();
  instance = await startInstance({ home: instance.home, port: instance.port });
  expect(await filesWith(ADDRESS)).toEqual([]);
  expect((await cli("log", "verify")).json).toMatchObject({ valid: true });
  expect((await cli("status", staying)).output).toContain(OTHER);
});
