/** kill -9 at seeded moments of a seal, a release and a revocation: what was acknowledged holds, and nothing is half true. */
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
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addressOf, contentOf, openFromHere, sendFromHere } from "../integration/api-sender.ts";
import { seededNumbers } from "./server-seed.ts";

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
/** The whole act takes some tens of milliseconds, so kills fall before, into and after it. */
const LONGEST_DELAY_MS = 60;
const kills = (name: string) => seededNumbers(name, 4, LONGEST_DELAY_MS).map((delay, at) => [at + 1, delay] as const);

let root: string;
let config: string;
let token: string;
let instance: RunningInstance;
beforeAll(async () => {
  root = await temporaryFolder();
  config = join(root, "config");
  instance = await startInstance({ home: join(root, "home") });
  ({ apiToken: token } = await setUp(instance, config));
});
afterAll(async () => {
  await instance.stop();
  await removeFolder(root);
});

const content = () => new Uint8Array(randomBytes(50_000));
const restart = async () => {
  instance = await startInstance({ home: instance.home, port: instance.port });
};
/** Kills the server `delay` milliseconds after the first call to a URL that ends so; a client that asks again goes on. */
function killing(end: string, delay: number): { fetch: typeof globalThis.fetch; dead: Promise<void> } {
  const dead = Promise.withResolvers<void>();
  let begun = false;
  return {
    dead: dead.promise,
    fetch: async (input, init) => {
      if (!begun && addressOf(input).endsWith(end)) {
        begun = true;
        setTimeout(() => void instance.kill().then(dead.resolve), delay);
      }
      return fetch(input, init);
    },
  };
}
const member = (method: string, path: string) =>
  fetch(`${instance.portal}api/v1/transfers/${path}`, { method, headers: { authorization: `Bearer ${token}` } });
const state = async (transfer: string) =>
  (await (await member("GET", transfer)).json()) as {
    state: string;
    grants: { state: string; releases: number }[];
  };
const logHolds = async () =>
  expect((await runCli(["log", "verify", "--json"], { config })).json).toMatchObject({ valid: true });

describe("kill -9 while a transfer is sealed", () => {
  test.for(kills("seal"))("number %i, %i ms in: the sender gets one working link", async ([, delay]) => {
    const bytes = content();
    const { fetch: fatal, dead } = killing("/seal", delay);
    const sending = sendFromHere({ config, content: bytes, address: RECIPIENT, fetch: fatal });
    await dead;
    await restart();
    const { transfer, links } = await sending;
    const { grant = "", link = "" } = links[0] ?? {};
    expect(await state(transfer)).toMatchObject({ state: "active", grants: [{ state: "pending" }] });
    const session = await confirmedSession(instance, { grant, address: RECIPIENT });
    expect(await contentOf(await openFromHere({ link, session }))).toEqual(Buffer.from(bytes));
    await logHolds();
  });
});

describe("kill -9 while shares are released", () => {
  test.for(kills("release"))(
    "number %i, %i ms in: the one permitted release reaches the device that asked, and no other",
    async ([, delay]) => {
      const bytes = content();
      const { transfer, links } = await sendFromHere({ config, content: bytes, address: RECIPIENT, releaseCap: 1 });
      const { grant = "", link = "" } = links[0] ?? {};
      const session = await confirmedSession(instance, { grant, address: RECIPIENT });
      const { fetch: fatal, dead } = killing("/release", delay);
      const opening = openFromHere({ link, session, fetch: fatal });
      await dead;
      await restart();
      expect(await contentOf(await opening)).toEqual(Buffer.from(bytes));
      await expect(openFromHere({ link, session })).rejects.toMatchObject({ code: "grant/unavailable" });
      expect(await state(transfer)).toMatchObject({ grants: [{ state: "capped", releases: 1 }] });
      await logHolds();
    },
  );
});

describe("kill -9 while a transfer is revoked", () => {
  test.for(kills("revoke"))(
    "number %i, %i ms in: it is revoked or it is not, and once it is nothing opens it again",
    async ([, delay]) => {
      const { transfer, links } = await sendFromHere({ config, content: content(), address: RECIPIENT });
      const { grant = "", link = "" } = links[0] ?? {};
      const session = await confirmedSession(instance, { grant, address: RECIPIENT });
      const dead = new Promise<void>((resolve) => setTimeout(() => void instance.kill().then(resolve), delay));
      const acknowledged = await member("POST", `${transfer}/revocation`).then(
        ({ status }) => status === 200,
        () => false,
      );
      await dead;
      await restart();
      const found = await until(
        () => state(transfer),
        (each) => each.state !== "revoked",
      );
      expect(acknowledged ? ["destroyed"] : ["active", "destroyed"]).toContain(found.state);
      // A second revocation of a revoked transfer is refused; either way it is over then.
      await member("POST", `${transfer}/revocation`);
      expect(await state(transfer)).toMatchObject({ state: "destroyed", grants: [{ state: "revoked" }] });
      await expect(openFromHere({ link, session })).rejects.toMatchObject({
        code: expect.stringMatching(/^grant\/(session-required|unavailable)$/) as string,
      });
      const blobs = await readdir(join(instance.home, "blobs"), { recursive: true });
      expect(blobs.filter((path) => path.includes(transfer))).toEqual([]);
      const file = join(root, `${transfer}.json`);
      expect((await runCli(["certificate", transfer, "--out", file], { config })).exitCode).toBe(0);
      const { json } = await runCli(["certificate", "verify", file, "--json"], { config });
      const types = (json["entries"] as { event: { type: string } }[]).map(({ event }) => event.type);
      for (const once of ["grant/revoked", "transfer/revoked", "transfer/destroyed"]) {
        expect(types.filter((type) => type === once)).toEqual([once]);
      }
      await logHolds();
    },
  );
});

/** Polls within a bound: the sweep runs by itself. */
async function until<Value>(read: () => Promise<Value>, holds: (value: Value) => boolean): Promise<Value> {
  for (let tries = 0; ; tries++) {
    const value = await read();
    if (holds(value) || tries > 200) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
