/** The races that decide about access, on a real PostgreSQL, where transactions truly run side by side. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseLink, provePasscode } from "@safeconduct/client";
import { apiClient } from "@safeconduct/contract";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { base64UrlBytes, base64UrlText } from "@safeconduct/foundation";
import {
  confirmedSession,
  known,
  mailedCode,
  removeFolder,
  runCli,
  type RunningInstance,
  setUp,
  SoftwarePasskey,
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
    const file = join(root, "safeconduct.json");
    await writeFile(file, JSON.stringify({ postgres: database.connection }));
    instance = await startInstance({ home: join(root, "home"), args: ["--config", file] });
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

  test("what a passkey signs counts once, in the session that asked, however many come with it at once", async () => {
    const origin = new URL(instance.portal).origin;
    const passkey = new SoftwarePasskey({ origin, rpId: "localhost" });
    const open = async (...args: string[]) => {
      const words = ["send", join(root, "note.txt"), "--to", RECIPIENT, "--purpose", "TREAT", "--json", ...args];
      const { json } = await runCli(words, { config });
      const { link, passcode = "" } = known((json as { links: { link: string; passcode?: string }[] }).links[0]);
      const { grant, fragment } = known(parseLink(link) ?? undefined);
      const stranger = apiClient({ origin, fetch });
      await stranger.call("sendCode", { path: { grant } });
      const code = await mailedCode(instance, RECIPIENT);
      const { session, terms } = await stranger.call("confirm", { path: { grant }, body: { code } });
      const api = apiClient({ origin, fetch, bearer: session });
      return { api, path: { grant }, session, passcode, terms, linkSecret: fragment.linkSecret };
    };
    const wire = (fields: object) =>
      Object.fromEntries(Object.entries(fields).map(([name, bytes]) => [name, base64UrlText(bytes as Uint8Array)]));
    const challengeOf = ({ challenge }: { challenge: string }) => known(base64UrlBytes(challenge) ?? undefined);
    const first = await open();
    const ports = { crypto: nodeCrypto(), api: first.api, fetch, wait: async () => undefined };
    await provePasscode(ports, { ...first, ...first.path });
    const registration = passkey.register(challengeOf(await first.api.call("beginPasskey", { path: first.path })));
    await first.api.call("confirmPasskey", { path: first.path, body: wire(registration) as never });

    const [mine, other] = [await open("--factor", "passkey"), await open("--factor", "passkey")];
    const answer = ({ path: { grant }, session }: typeof mine, body: object) =>
      fetch(`${instance.portal}api/v1/grants/${grant}/passkey`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${session}` },
        body: JSON.stringify(wire(body)),
      });
    const challenge = async ({ api, path }: typeof mine) => challengeOf(await api.call("askPasskey", { path }));
    const wrong = passkey.assert(await challenge(mine), { isVerified: false });
    let before = await refusals();
    expect(new Set(await statuses(20, () => answer(mine, wrong)))).toEqual(new Set([403]));
    expect((await refusals()) - before).toBe(1);

    const right = passkey.assert(await challenge(mine));
    await challenge(other);
    expect((await answer(other, right)).status).toBe(403);
    before = await refusals();
    expect(new Set(await statuses(20, () => answer(mine, right)))).toEqual(new Set([204]));
    expect((await refusals()) - before).toBe(1);
  });
});
