/** A stranger before links that do not open, against a running server: no answer tells which of them there ever were. */
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
import { afterAll, beforeAll, expect, test } from "vitest";

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
let root: string;
let instance: RunningInstance;
beforeAll(async () => {
  root = await temporaryFolder();
  instance = await startInstance({ home: join(root, "home") });
  await setUp(instance, join(root, "config"));
  await writeFile(join(root, "note.txt"), "Seen on Tuesday.");
});
afterAll(async () => {
  await instance.stop();
  await removeFolder(root);
});

const post = async (path: string, body: unknown) => {
  const answer = await fetch(`${instance.portal}api/v1/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  // The date of the answer is the only thing that may differ.
  const headers = [...answer.headers].filter(([name]) => name !== "date");
  return JSON.stringify({ status: answer.status, headers, text: await answer.text() });
};

test("codes to confirm a deletion are asked for and refused alike for a revoked, an open and an unknown link", async () => {
  const config = join(root, "config");
  const words = ["--to", RECIPIENT, "--purpose", "TREAT", "--public", "--delete-within", "14", "--json"];
  const send = async () => {
    const run = await runCli(["send", join(root, "note.txt"), ...words], { config });
    expect(run.exitCode, run.errors).toBe(0);
    return run.json as { transfer: string; links: { grant: string }[] };
  };
  const [revoked, open] = [await send(), await send()];
  expect((await runCli(["revoke", revoked.transfer, "--json"], { config })).exitCode).toBe(0);
  const known = open.links[0]?.grant ?? "";
  const grants = [revoked.links[0]?.grant ?? "", known, `${known.slice(0, 10)}${"b".repeat(19)}a`];
  for (const address of [RECIPIENT, "somebody@else.example"]) {
    const asked = await Promise.all(grants.map((grant) => post(`grants/${grant}/deletion/codes`, { address })));
    expect(new Set(asked).size, asked.join("\n")).toBe(1);
    expect(asked[0]).toContain('"status":202');
    const guessed = await Promise.all(
      grants.map((grant) => post(`grants/${grant}/deletion/confirmations`, { address, code: "000000" })),
    );
    expect(new Set(guessed).size, guessed.join("\n")).toBe(1);
    expect(guessed[0]).toContain("grant/code-refused");
  }
});

test.each([
  [{}],
  [{ address: "" }],
  [{ address: 7 }],
  [{ address: `${"a".repeat(65)}@x.example` }],
  [{ address: RECIPIENT, more: 1 }],
  [{ address: `${RECIPIENT}\r\nBcc: x@y.example` }],
])("%j asks for nothing", async (body) => {
  expect(await post(`grants/grt_${"b".repeat(25)}a/deletion/codes`, body)).toContain('"status":422');
});
