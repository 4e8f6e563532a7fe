/** The wall clock of a real instance jumps both ways: nothing that has ended opens again, and nothing is destroyed by a wrong time. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { isProblem } from "@safeconduct/foundation";
import {
  confirmedSession,
  type MovedClock,
  movedClock,
  movedClockMissing,
  removeFolder,
  type RunningInstance,
  setUp,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contentOf, openFromHere, sendFromHere } from "../integration/api-sender.ts";

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
const HOUR_S = 3600;
const missing = movedClockMissing();

let root: string;
let config: string;
let token: string;
let clock: MovedClock;
let instance: RunningInstance;
beforeAll(async () => {
  if (missing !== null) return;
  root = await temporaryFolder();
  config = join(root, "config");
  clock = await movedClock(root);
  const { environment } = clock;
  instance = await startInstance({ home: join(root, "home"), args: ["--expiry-grace", "1"], environment });
  ({ apiToken: token } = await setUp(instance, config));
});
afterAll(async () => {
  if (missing !== null) return;
  await instance.stop();
  await removeFolder(root);
});

interface Sealed {
  readonly transfer: string;
  readonly open: () => Promise<"opened" | "refused">;
}

async function sealed(lifeS: number): Promise<Sealed> {
  const content = new Uint8Array(randomBytes(1000));
  const { transfer, links } = await sendFromHere({ config, content, address: RECIPIENT, lifeMs: lifeS * 1000 });
  const { grant = "", link = "" } = links[0] ?? {};
  const session = await confirmedSession(instance, { grant, address: RECIPIENT });
  return {
    transfer,
    async open() {
      try {
        expect(await contentOf(await openFromHere({ link, session }))).toEqual(Buffer.from(content));
        return "opened";
      } catch (error) {
        if (isProblem(error) && error.code.startsWith("grant/")) return "refused";
        throw error;
      }
    },
  };
}

const asMember = (method: string, path: string) =>
  fetch(`${instance.portal}api/v1/transfers/${path}`, { method, headers: { authorization: `Bearer ${token}` } });
const state = async ({ transfer }: Sealed) =>
  ((await (await asMember("GET", transfer)).json()) as { state: string }).state;

/** Polls within a bound: the sweep runs by itself. */
async function becomes<Value>(read: () => Value | Promise<Value>, wanted: Value): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if ((await read()) === wanted) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(await read()).toBe(wanted);
}
const said = (what: string) => () => instance.errors().includes(what);

describe.skipIf(missing !== null)(`a wrong clock${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  test("that jumps ahead closes links, destroys nothing by time, and lets a revocation destroy", async () => {
    const [short, revoked] = [await sealed(2 * HOUR_S), await sealed(100 * HOUR_S)];
    expect(await short.open()).toBe("opened");
    await clock.move(24 * HOUR_S);
    await becomes(said('"state":"ahead"'), true);
    await becomes(() => state(short), "expired");
    expect(await short.open()).toBe("refused");
    await becomes(said("keys/clock-stopped"), true);
    expect(await state(short)).toBe("expired");

    expect((await asMember("POST", `${revoked.transfer}/revocation`)).status).toBe(200);
    await becomes(() => state(revoked), "destroyed");

    await clock.move(0);
    await becomes(said('"state":"steady"'), true);
    // It was ended, and what was ended stays so: a link that opens again would be believed by nobody.
    expect(await short.open()).toBe("refused");
  });

  test("that is put back opens nothing again", async () => {
    const ended = await sealed(3);
    expect(await ended.open()).toBe("opened");
    await becomes(() => ended.open(), "refused");
    await clock.move(-HOUR_S);
    expect(await ended.open()).toBe("refused");
    await clock.move(0);
    expect(await ended.open()).toBe("refused");
  });

  test("that goes right again lets work go on and destruction by time with it", async () => {
    const next = await sealed(4);
    expect(await next.open()).toBe("opened");
    await becomes(() => state(next), "destroyed");
  });
});
