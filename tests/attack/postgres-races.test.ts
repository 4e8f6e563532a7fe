/** The races that decide about access, on a real PostgreSQL, where transactions truly run side by side. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  confirmedSession,
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
  beforeAll(async () => {
    root = await temporaryFolder();
    config = join(root, "config");
    database = await startPostgres();
    const file = join(root, "postgres.json");
    await writeFile(file, JSON.stringify(database.connection));
    instance = await startInstance({ home: join(root, "home"), args: ["--postgres-file", file] });
    await setUp(instance, config);
    await writeFile(join(root, "note.txt"), "Seen on Tuesday.");
  });
  afterAll(async () => {
    await instance.stop();
    await database.stop();
    await removeFolder(root);
  });

  const sentGrant = async (...args: string[]) => {
    const words = ["send", join(root, "note.txt"), "--to", RECIPIENT, "--purpose", "TREAT", "--public", "--json"];
    const run = await runCli([...words, ...args], { config });
    expect(run.exitCode, run.errors).toBe(0);
    return (run.json as { links: { grant: string }[] }).links[0]?.grant ?? "";
  };
  const post = (path: string, body?: unknown) =>
    fetch(`${instance.portal}api/v1/${path}`, {
      method: "POST",
      ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
  const statuses = async (count: number, ask: () => Promise<Response>) =>
    (await Promise.all(Array.from({ length: count }, ask))).map(({ status }) => status).sort((a, b) => a - b);
  const refusals = async () => {
    const text = await (await fetch(instance.checkpoint)).text();
    return Number(text.split("\n")[1]);
  };

  test("fifty guesses at once are five, and then even the right code waits", async () => {
    const grant = await sentGrant();
    await post(`grants/${grant}/codes`);
    const code = await mailedCode(instance, RECIPIENT);
    const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, "0");
    const before = await refusals();
    const answers = await statuses(50, () => post(`grants/${grant}/confirmations`, { code: wrong }));
    expect(answers.filter((status) => status === 201)).toEqual([]);
    expect((await refusals()) - before).toBe(5);
    expect((await post(`grants/${grant}/confirmations`, { code })).status).toBe(403);
  });

  test("fifty guesses of a passcode at once are five", async () => {
    const words = ["send", join(root, "note.txt"), "--to", RECIPIENT, "--purpose", "TREAT", "--json"];
    const run = await runCli(words, { config });
    const grant = (run.json as { links: { grant: string }[] }).links[0]?.grant ?? "";
    const session = await confirmedSession(instance, { grant, address: RECIPIENT });
    const before = await refusals();
    const guess = () => {
      const verifier = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
      return fetch(`${instance.portal}api/v1/grants/${grant}/passcode`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${session}` },
        body: JSON.stringify({ verifier }),
      });
    };
    expect((await statuses(50, guess)).filter((status) => status < 400)).toEqual([]);
    expect((await refusals()) - before).toBe(5);
  });

  test("one code opens one session, however many come with it at once", async () => {
    const grant = await sentGrant();
    await post(`grants/${grant}/codes`);
    const code = await mailedCode(instance, RECIPIENT);
    const answers = await statuses(4, () => post(`grants/${grant}/confirmations`, { code }));
    expect(answers).toEqual([201, 403, 403, 403]);
  });
});
