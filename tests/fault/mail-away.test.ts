/** The mail server away, slow to come back, and the server killed between decision and delivery: the code comes, once. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  removeFolder,
  runCli,
  type RunningInstance,
  setUp,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type MailServer, startMailServer } from "../../testkit/src/mail-server.ts";

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
const HTTP_ACCEPTED = 202;
/** Polls of a tenth of a second. */
const PATIENCE = 600;

let root: string;
let config: string;
let instance: RunningInstance;
let mail: MailServer;
const args = () => ["--config", join(root, "safeconduct.json")];
beforeAll(async () => {
  root = await temporaryFolder();
  config = join(root, "config");
  mail = await startMailServer();
  const configuration = { mail: { host: "127.0.0.1", port: mail.port, from: "no-reply@riverside.example" } };
  await writeFile(join(root, "safeconduct.json"), JSON.stringify(configuration));
  await writeFile(join(root, "note.txt"), "Seen on Tuesday.");
  instance = await startInstance({ home: join(root, "home"), args: args() });
  await setUp(instance, config);
});
afterEach(async () => {
  const { port } = mail;
  await mail.close();
  mail = await startMailServer(port);
});
afterAll(async () => {
  await instance.stop();
  await mail.close();
  await removeFolder(root);
});

async function send(): Promise<string> {
  const words = ["send", join(root, "note.txt"), "--to", RECIPIENT, "--purpose", "TREAT", "--public", "--json"];
  const run = await runCli(words, { config });
  expect(run.exitCode, run.errors).toBe(0);
  return (run.json as { links: { grant: string }[] }).links[0]?.grant ?? "";
}
const post = (path: string, body?: unknown) =>
  fetch(`${instance.portal}api/v1/grants/${path}`, {
    method: "POST",
    ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds() && tries < PATIENCE; tries++) await new Promise((resolve) => setTimeout(resolve, 100));
  expect(holds()).toBe(true);
}
const codeIn = (raw: string | undefined) => /^Your code: ([0-9]{6})/m.exec(raw ?? "")?.[1] ?? "";
/** What is mailed twice within the next two turns of the outbox would have come by then. */
const twoTurns = () => new Promise((resolve) => setTimeout(resolve, 2500));

test("a code is mailed by the mail server of the configuration, and there is no mailbox page", async () => {
  expect(instance.mailbox).toBeNull();
  expect((await fetch(`${instance.portal}api/v1/mailbox`)).status).toBe(404);
  const grant = await send();
  expect((await post(`${grant}/codes`)).status).toBe(HTTP_ACCEPTED);
  await until(() => mail.arrived.length > 0);
  expect(mail.arrived.map(({ to }) => to)).toEqual([RECIPIENT]);
  const code = codeIn(mail.arrived[0]?.raw);
  expect((await post(`${grant}/confirmations`, { code })).status).toBe(201);
});

test("a mail server that refuses for the moment costs the recipient nothing but time", async () => {
  const grant = await send();
  mail.setRefusing(true);
  expect((await post(`${grant}/codes`)).status).toBe(HTTP_ACCEPTED);
  await until(() => mail.sessions() >= 2);
  expect(mail.arrived).toEqual([]);
  mail.setRefusing(false);
  await until(() => mail.arrived.length > 0);
  await twoTurns();
  expect(mail.arrived).toHaveLength(1);
  const code = codeIn(mail.arrived[0]?.raw);
  expect((await post(`${grant}/confirmations`, { code })).status).toBe(201);
});

test("kill -9 between the decision and the delivery: the mail comes after the restart, once", async () => {
  const grant = await send();
  const { port } = mail;
  await mail.close();
  expect((await post(`${grant}/codes`)).status).toBe(HTTP_ACCEPTED);
  await until(() => instance.errors().includes("outbox/failed"));
  await instance.kill();
  mail = await startMailServer(port);
  instance = await startInstance({ home: instance.home, port: instance.port, args: args() });
  await until(() => mail.arrived.length > 0);
  await twoTurns();
  expect(mail.arrived.map(({ to }) => to)).toEqual([RECIPIENT]);
  const code = codeIn(mail.arrived[0]?.raw);
  expect((await post(`${grant}/confirmations`, { code })).status).toBe(201);
});

test("kill -9 right after the answer, four times at other moments: each code comes, and none is lost", async () => {
  for (const delay of [0, 3, 10, 40]) {
    const grant = await send();
    const before = mail.arrived.length;
    expect((await post(`${grant}/codes`)).status).toBe(HTTP_ACCEPTED);
    await new Promise((resolve) => setTimeout(resolve, delay));
    await instance.kill();
    instance = await startInstance({ home: instance.home, port: instance.port, args: args() });
    await until(() => mail.arrived.length > before);
    // At least once: a kill between the mail server's word and ours brings the same code a second time.
    const codes = new Set(mail.arrived.slice(before).map(({ raw }) => codeIn(raw)));
    expect(codes.size).toBe(1);
    expect((await post(`${grant}/confirmations`, { code: [...codes][0] })).status).toBe(201);
  }
});
