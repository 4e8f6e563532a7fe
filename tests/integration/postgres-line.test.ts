/** The main job on PostgreSQL instead of SQLite: send, receive, revoke, prove; and a second start on the same database. */
import { readFile, writeFile } from "node:fs/promises";
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
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { postgresMissing, type PostgresServer, startPostgres } from "../../testkit/src/postgres-server.ts";

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
const missing = postgresMissing();

describe.skipIf(missing !== null)(`on PostgreSQL${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  let root: string;
  let config: string;
  let database: PostgresServer;
  let instance: RunningInstance;
  let args: string[];
  beforeAll(async () => {
    root = await temporaryFolder();
    config = join(root, "config");
    database = await startPostgres();
    const file = join(root, "safeconduct.json");
    await writeFile(file, JSON.stringify({ postgres: database.connection }));
    args = ["--config", file];
    instance = await startInstance({ home: join(root, "home"), args });
    await setUp(instance, config);
  });
  afterAll(async () => {
    await instance?.stop();
    await database?.stop();
    await removeFolder(root);
  });

  const receive = (link: string, out: string) =>
    runCli(["receive", link, "--out", out, "--json"], {
      config: join(root, "stranger"),
      answer: () => mailedCode(instance, RECIPIENT),
    });

  test("a file is sent, received, proven and destroyed", async () => {
    const sample = join(root, "note.txt");
    await writeFile(sample, "Seen on Tuesday.");
    const sent = await runCli(["send", sample, "--to", RECIPIENT, "--purpose", "TREAT", "--public", "--json"], {
      config,
    });
    expect(sent.exitCode, sent.errors).toBe(0);
    const { transfer, links } = sent.json as { transfer: string; links: { link: string }[] };
    const link = links[0]?.link ?? "";

    // A second start goes on where the first was.
    expect(await instance.stop()).toBe(0);
    instance = await startInstance({ home: instance.home, port: instance.port, args });
    expect(instance.setup).toBeNull();

    const out = join(root, "out");
    const received = await receive(link, out);
    expect(received.exitCode, received.errors).toBe(0);
    expect(await readFile(join(out, "note.txt"), "utf8")).toBe("Seen on Tuesday.");

    const revoked = await runCli(["revoke", transfer, "--json"], { config });
    expect(revoked.json).toMatchObject({ state: "destroyed", grants: [{ state: "revoked", releases: 1 }] });
    expect((await receive(link, join(root, "out-none"))).json).toMatchObject({ error: { code: "grant/unavailable" } });

    const file = join(root, "certificate.json");
    expect((await runCli(["certificate", transfer, "--out", file], { config })).exitCode).toBe(0);
    const verified = await runCli(["certificate", "verify", file, "--json"], { config });
    const types = (verified.json["entries"] as { event: { type: string } }[]).map(({ event }) => event.type);
    expect(types).toEqual([
      "transfer/drafted",
      "transfer/sealed",
      "grant/added",
      "grant/code-sent",
      "grant/confirmed",
      "grant/released",
      "grant/receipt",
      "grant/revoked",
      "transfer/revoked",
      "transfer/destroyed",
    ]);
    expect((await runCli(["log", "verify", "--json"], { config })).json).toMatchObject({ valid: true });
  });
});

test("a PostgreSQL that is not there stops the start with one line, and the folder stays free", async () => {
  const root = await temporaryFolder();
  const file = join(root, "safeconduct.json");
  const postgres = { host: join(root, "no-socket"), user: "nobody", database: "none" };
  await writeFile(file, JSON.stringify({ postgres }));
  const home = join(root, "home");
  await expect(startInstance({ home, args: ["--config", file] })).rejects.toThrow(
    /^exit 69: safeconduct: [^\n]*PostgreSQL[^\n]*\n$/,
  );
  const instance = await startInstance({ home });
  expect(await instance.stop()).toBe(0);
  await removeFolder(root);
});
