/** What ends while nobody is there to end it. */
import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  confirmedSession,
  removeFolder,
  runCli,
  type RunningInstance,
  setUp,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openFromHere, sendFromHere } from "../integration/api-sender.ts";

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
const LIFE_MS = 4_000;
const NO_GRACE = ["--expiry-grace", "0"];

let root: string;
let config: string;
let token: string;
let instance: RunningInstance;
beforeAll(async () => {
  root = await temporaryFolder();
  config = join(root, "config");
  instance = await startInstance({ home: join(root, "home"), args: NO_GRACE });
  ({ apiToken: token } = await setUp(instance, config));
});
afterAll(async () => {
  await instance.stop();
  await removeFolder(root);
});

const state = async (transfer: string) =>
  (await (
    await fetch(`${instance.portal}api/v1/transfers/${transfer}`, { headers: { authorization: `Bearer ${token}` } })
  ).json()) as { state: string; destroyedAt: number | null };

test("a link that expires while the server is down never opens again and is destroyed at the next start", async () => {
  const content = new Uint8Array(randomBytes(50_000));
  const { transfer, links, notAfter } = await sendFromHere({ config, content, address: RECIPIENT, lifeMs: LIFE_MS });
  const { grant = "", link = "" } = links[0] ?? {};
  // Confirmed while it lived: only the release is missing, so nothing but the end can refuse it.
  const session = await confirmedSession(instance, { grant, address: RECIPIENT });
  expect(Date.now()).toBeLessThan(notAfter);
  expect(await instance.stop()).toBe(0);
  await until(
    async () => Date.now(),
    (now) => now > notAfter,
  );
  instance = await startInstance({ home: instance.home, port: instance.port, args: NO_GRACE });

  // At once, whether or not the sweep has come to it.
  await expect(openFromHere({ link, session })).rejects.toMatchObject({
    code: expect.stringMatching(/^grant\/(session-required|unavailable)$/) as string,
  });
  const found = await until(
    () => state(transfer),
    (each) => each.state === "destroyed",
  );
  expect(found).toMatchObject({ state: "destroyed", grants: [{ state: "expired", releases: 0 }] });
  const blobs = await readdir(join(instance.home, "blobs"), { recursive: true });
  expect(blobs.filter((path) => path.includes(transfer))).toEqual([]);

  const file = join(root, "certificate.json");
  expect((await runCli(["certificate", transfer, "--out", file], { config })).exitCode).toBe(0);
  const { json } = await runCli(["certificate", "verify", file, "--json"], { config });
  const types = (json["entries"] as { event: { type: string } }[]).map(({ event }) => event.type);
  expect(types.slice(-3)).toEqual(["grant/expired", "transfer/expired", "transfer/destroyed"]);
  expect((await runCli(["log", "verify", "--json"], { config })).json).toMatchObject({ valid: true });
});

/** Polls within a bound: clock and sweep go on by themselves. */
async function until<Value>(read: () => Promise<Value>, holds: (value: Value) => boolean): Promise<Value> {
  for (let tries = 0; ; tries++) {
    const value = await read();
    if (holds(value) || tries > 400) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
