/** The language of mails from the command line, the API and the configuration through a true server to the mailbox. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  joinMember,
  removeFolder,
  runCli,
  type RunningInstance,
  setUp,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

const ENGLISH = "ellen@hospital.example";
const SILENT = "silvia@hospital.example";
const NOAH = "noah@clinic.example";

let root: string;
let config: string;
let instance: RunningInstance;
let token: string;
let transfer: string;

beforeAll(async () => {
  root = await temporaryFolder();
  config = join(root, "config");
  await writeFile(join(root, "safeconduct.json"), JSON.stringify({ language: "es" }));
  instance = await startInstance({ home: join(root, "home"), args: ["--config", join(root, "safeconduct.json")] });
  ({ apiToken: token } = await setUp(instance, config));
  await writeFile(join(root, "note.txt"), "Seen on Tuesday.");
});
afterAll(async () => {
  await instance.stop();
  await removeFolder(root);
});

const api = (path: string, { body, bearer = token }: { body?: unknown; bearer?: string } = {}) =>
  fetch(`${instance.portal}api/v1/${path}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${bearer}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
/** Newest first. */
async function subjects(to: string): Promise<readonly string[]> {
  const answer = await fetch(`${instance.portal}api/v1/mailbox?to=${encodeURIComponent(to)}`);
  const { messages } = (await answer.json()) as { messages: { subject: string; at: number }[] };
  return messages.toSorted((a, b) => b.at - a.at).map(({ subject }) => subject);
}
async function sentTo(address: string, ...words: string[]): Promise<{ transfer: string; grant: string }> {
  const sent = await runCli(
    ["send", join(root, "note.txt"), "--to", address, "--purpose", "TREAT", "--json", ...words],
    { config },
  );
  expect(sent.errors).toBe("");
  const { transfer: id, links } = sent.json as { transfer: string; links: { grant: string }[] };
  return { transfer: id, grant: links[0]?.grant ?? "" };
}
async function codeFor(grant: string): Promise<void> {
  expect((await api(`grants/${grant}/codes`)).ok).toBe(true);
}
const invitation = async (grant: string) =>
  (await (await fetch(`${instance.portal}api/v1/grants/${grant}`)).json()) as { language: string | null };

test("a code comes in the language that was said for its link, else in the organisation's", async () => {
  const english = await sentTo(ENGLISH, "--language", "en");
  const silent = await sentTo(SILENT);
  transfer = english.transfer;
  await codeFor(english.grant);
  await codeFor(silent.grant);
  expect((await subjects(ENGLISH))[0]).toMatch(/^Your code for files from /);
  expect((await subjects(SILENT))[0]).toMatch(/^Su código para los archivos de /);
  expect([await invitation(english.grant), await invitation(silent.grant)]).toMatchObject([
    { language: "en" },
    { language: null },
  ]);
});

test("a fresh link keeps the language of the one before, unless another is said", async () => {
  const relinked = async (...words: string[]) => {
    const run = await runCli(["relink", transfer, ENGLISH, "--json", ...words], { config });
    expect(run.errors).toBe("");
    return invitation((run.json as { grant: string }).grant);
  };
  expect(await relinked()).toMatchObject({ language: "en" });
  expect(await relinked("--language", "es")).toMatchObject({ language: "es" });
});

test("a member gets mails in the organisation's language, then in the one that they chose", async () => {
  const address = ((await (await api("me/test-mail")).json()) as { address: string }).address;
  expect((await subjects(address))[0]).toBe("Mensaje de prueba de Safeconduct");
  expect((await api("me/language", { body: { language: "en" } })).status).toBe(204);
  await api("me/test-mail");
  expect(await subjects(address)).toContain("A test mail of Safeconduct");
});

test("an invitation comes in the organisation's language, and who joins on an English page gets English mails", async () => {
  const who = { address: NOAH, name: "Noah Berg", roles: ["sender"], language: "en" } as const;
  const joined = await joinMember(instance, { administrator: token, ...who });
  expect((await subjects(NOAH))[0]).toMatch(/ le invita a Safeconduct$/);
  await api("me/test-mail", { bearer: joined.apiToken });
  expect(await subjects(NOAH)).toContain("A test mail of Safeconduct");
});

test.each(["de", "ES", "es-MX", "", "../en", "constructor", null, ["es"], { en: 1 }])(
  "a language that there is not is refused: %j",
  async (language) => {
    expect((await api("me/language", { body: { language } })).status).toBe(422);
  },
);
