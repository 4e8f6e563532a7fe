/** A recipient's authenticator with the processes that users run: added after a passcode, demanded later, taken away. */
import { join } from "node:path";
import { writeFile } from "node:fs/promises";
import {
  authenticatorCode,
  confirmedSession,
  known,
  mailedCode,
  removeFolder,
  runCli,
  type RunningInstance,
  setUp,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
const STEP_MS = 30_000;

let root: string;
let config: string;
let instance: RunningInstance;
beforeAll(async () => {
  root = await temporaryFolder();
  config = join(root, "config");
  instance = await startInstance({ home: join(root, "home") });
  await setUp(instance, config);
  await writeFile(join(root, "note.txt"), "Seen on Tuesday.");
});
afterAll(async () => {
  await instance.stop();
  await removeFolder(root);
});

const cli = (...words: string[]) => runCli([...words, "--json"], { config });
const send = (...args: string[]) =>
  cli("send", join(root, "note.txt"), "--to", RECIPIENT, "--purpose", "TREAT", ...args);
const linkOf = ({ json }: Awaited<ReturnType<typeof send>>) =>
  known((json as unknown as { links: { link: string; grant: string; passcode?: string }[] }).links[0]);
/** `codeOf` gives what the app shows, from what was said so far. */
const receive = (
  link: string,
  {
    passcode,
    codeOf,
    args = [],
  }: {
    passcode?: string | undefined;
    codeOf: (said: string) => string;
    args?: readonly string[];
  },
) =>
  runCli(["receive", link, "--out", join(root, "out"), "--json", ...args], {
    config: join(root, "stranger"),
    answer: async (prompt, said) => {
      if (prompt.startsWith("Passcode")) return passcode ?? "";
      return /authenticator code/i.test(prompt) ? codeOf(said) : mailedCode(instance, RECIPIENT);
    },
  });

test("is added after a passcode, opens a later transfer once for each code, and is taken away", async () => {
  const before = await send("--factor", "authenticator");
  expect([before.exitCode, before.errors]).toEqual([2, expect.stringContaining("has not enrolled an authenticator")]);

  let secret = "";
  // The clock of this process and the server's are the same; a code one step ahead is accepted.
  const codeAt = (stepsAhead: number) => authenticatorCode(secret, Date.now() + stepsAhead * STEP_MS);
  const first = linkOf(await send());
  const enrolled = await receive(first.link, {
    passcode: first.passcode,
    args: ["--add-authenticator"],
    codeOf(said) {
      secret = known(/^  ([A-Z2-7]{32})$/m.exec(said)?.[1]);
      return codeAt(0);
    },
  });
  expect(enrolled.exitCode, enrolled.errors).toBe(0);
  expect((await cli("factor", "show", RECIPIENT)).json).toMatchObject({ enrolled: ["authenticator"] });

  const later = await send("--factor", "authenticator");
  expect(later.exitCode, later.errors).toBe(0);
  const { link, passcode } = linkOf(later);
  expect(passcode).toBeUndefined();
  const used = codeAt(1);
  const opened = await receive(link, { codeOf: () => used });
  expect(opened.exitCode, opened.errors).toBe(0);

  // The same code again, straight at the API, in a session of another grant.
  const other = linkOf(await send("--factor", "authenticator")).grant;
  const session = await confirmedSession(instance, { grant: other, address: RECIPIENT });
  const post = async (act: string, body: unknown) =>
    (
      await fetch(`${instance.portal}api/v1/grants/${other}/${act}`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${session}` },
        body: JSON.stringify(body),
      })
    ).json() as Promise<unknown>;
  expect(await post("authenticator", { code: used })).toMatchObject({ status: 403, code: "grant/factor-refused" });
  expect(await post("receipt", { files: 1, verified: true })).toMatchObject({ code: "grant/factor-required" });
  expect(await post("authenticator/enrolment", {})).toMatchObject({ code: "grant/factor-required" });

  const removed = await cli("factor", "remove", RECIPIENT);
  expect(removed.exitCode, removed.errors).toBe(0);
  expect((await cli("factor", "show", RECIPIENT)).json).toMatchObject({ enrolled: [] });
  expect((await cli("factor", "remove", RECIPIENT)).errors).toContain("has not enrolled that");
});
