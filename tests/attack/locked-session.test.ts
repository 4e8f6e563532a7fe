/** A portal session that is locked, over HTTP: every route, an upload that was running, and whoever stands before the screen. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { API_BASE, type Route, type RouteName, routes } from "@safeconduct/contract";
import {
  authenticatorCode,
  known,
  removeFolder,
  runCli,
  type RunningInstance,
  startInstance,
  temporaryFolder,
  TEST_PASSWORD,
} from "@safeconduct/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addressOf, sendFromHere } from "../integration/api-sender.ts";

const ADDRESS = "m.okafor@riverside.example";
const STEP_MS = 30_000;
const UNKNOWN: Readonly<Record<string, string>> = {
  transfer: `trf_${"a".repeat(26)}`,
  grant: `grt_${"a".repeat(26)}`,
  token: `tok_${"a".repeat(26)}`,
  session: `ses_${"a".repeat(26)}`,
  recovery: `rcv_${"a".repeat(26)}`,
};
const memberRoutes = (Object.entries(routes) as [RouteName, Route][]).filter(([, { auth }]) => auth === "member");

let root: string;
let config: string;
let instance: RunningInstance;
let origin: string;
/** Cookies of two sessions of one member. */
let here: string;
let there: string;
/** A code is good once; the step before, this one and the next are accepted (RFC 6238 §5.2). */
let codes: string[];

beforeAll(async () => {
  root = await temporaryFolder();
  config = join(root, "config");
  instance = await startInstance({ home: join(root, "home") });
  origin = new URL(instance.portal).origin;
  const setupToken = new URL(instance.setup ?? "").hash.replace("#token=", "");
  const enrolled = await ask("POST", "/setup/enrolment", {
    body: {
      setupToken,
      organisation: { name: "Riverside Clinic" },
      member: { name: "M. Okafor", address: ADDRESS },
      password: TEST_PASSWORD,
    },
  });
  const { secret } = (await enrolled.json()) as { secret: string };
  const now = Date.now();
  codes = [-1, 0, 1].map((step) => authenticatorCode(secret, now + step * STEP_MS));
  const done = await ask("POST", "/setup/completion", { body: { setupToken, code: codes.shift() } });
  here = cookieOf(done);
  const { apiToken } = (await done.json()) as { apiToken: string };
  await runCli(["login", origin], { config, answer: async () => apiToken });
  there = cookieOf(
    await ask("POST", "/sessions", { body: { address: ADDRESS, password: TEST_PASSWORD, code: codes.shift() } }),
  );
});
afterAll(async () => {
  await instance.stop();
  await removeFolder(root);
});

const cookieOf = (response: Response): string => known(response.headers.get("set-cookie")?.split(";")[0]);
function ask(method: string, path: string, { cookie, body }: { cookie?: string; body?: unknown } = {}) {
  return fetch(`${origin}${API_BASE}${path}`, {
    method,
    headers: {
      origin,
      ...(cookie === undefined ? {} : { cookie }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}
const codeOf = async (response: Response) => {
  const text = await response.text();
  return text === "" ? "done" : ((JSON.parse(text) as { code?: string }).code ?? "done");
};
const standing = async (cookie: string) =>
  (await (await ask("GET", "/sessions/current", { cookie })).json()) as Record<string, unknown>;
const ledgerSize = async () => Number((await (await fetch(instance.checkpoint)).text()).split("\n")[1]);

test("an upload that is running when its session is locked goes on to its end", async () => {
  let isLocked = false;
  const asked: string[] = [];
  // The client's own code, with the cookie in place of the token.
  const asPage: typeof globalThis.fetch = async (input, init) => {
    const url = addressOf(input);
    const headers = new Headers(init?.headers);
    headers.delete("authorization");
    headers.set("cookie", here);
    headers.set("origin", origin);
    const response = await fetch(url, { ...init, headers });
    if (isLocked) asked.push(`${init?.method} ${new URL(url).pathname.replace(/trf_\w+/u, "{transfer}")}`);
    if (url.endsWith("/parts") && !isLocked) {
      isLocked = true;
      await ask("POST", "/sessions/current/lock", { cookie: here });
    }
    return response;
  };
  const content = new Uint8Array(randomBytes(100_000));
  const sent = await sendFromHere({ config, content, address: "a@northlake.example", fetch: asPage });
  expect(sent.links).toHaveLength(1);
  expect(asked).toContain("POST /api/v1/transfers/{transfer}/seal");
  expect(await standing(here)).toMatchObject({ locked: true, locksInMs: 0 });
});

describe("while it is locked", () => {
  test.each(memberRoutes.filter(([name]) => name !== "signOut"))(
    "%s does no more than it may",
    async (_name, route) => {
      const size = await ledgerSize();
      const path = route.path.replaceAll(/\{(\w+)\}/gu, (_, field: string) => UNKNOWN[field] ?? "any");
      const code = await codeOf(await ask(route.method, path, { cookie: here, body: route.request && {} }));
      expect(code === "sign-in/locked").toBe(route.whenLocked !== "open");
      expect(await standing(here)).toMatchObject({ locked: true });
      expect(await ledgerSize()).toBe(size);
    },
  );

  test("it lists nothing of what its member sent, begins nothing, and names its member only", async () => {
    expect(await standing(here)).toEqual({
      name: "M. Okafor",
      locked: true,
      hasPasskey: false,
      locksInMs: 0,
      endsInMs: expect.any(Number) as number,
    });
    const { transfers } = (await (await ask("GET", "/transfers", { cookie: there })).json()) as {
      transfers: { id: string; grants: { id: string }[] }[];
    };
    const { id, grants } = known(transfers[0]);
    for (const path of [`/transfers/${id}/revocation`, `/transfers/${id}/grants/${known(grants[0]).id}/revocation`])
      expect(await codeOf(await ask("POST", path, { cookie: here }))).toBe("sign-in/locked");
    expect(await codeOf(await ask("GET", `/transfers/${id}`, { cookie: here }))).toBe("sign-in/locked");
  });

  test("it is not unlocked by another page of the web, by a use, or by twenty guesses at once", async () => {
    const foreign = await fetch(`${origin}${API_BASE}/sessions/current/use`, {
      method: "POST",
      headers: { cookie: here, origin: "http://evil.example" },
    });
    expect(await codeOf(foreign)).toBe("request/wrong-origin");
    const guess = { cookie: here, body: { password: "not the password at all", code: "000000" } };
    const guesses = await Promise.all(
      Array.from({ length: 20 }, async () => codeOf(await ask("POST", "/sessions/current/proof", guess))),
    );
    expect(new Set(guesses)).toEqual(new Set(["sign-in/proof-refused"]));
    expect(await standing(here)).toMatchObject({ locked: true });
    // The account waits now, and says nothing of it: the right words are not taken either.
    const right = { cookie: here, body: { password: TEST_PASSWORD, code: codes[0] } };
    expect(await codeOf(await ask("POST", "/sessions/current/proof", right))).toBe("sign-in/proof-refused");
  });

  test("another session of the member is open, sees it locked, and ends it", async () => {
    const { sessions } = (await (await ask("GET", "/sessions", { cookie: there })).json()) as {
      sessions: { id: string; locked: boolean; current: boolean }[];
    };
    expect(sessions.map(({ locked, current }) => [locked, current])).toEqual([
      [false, true],
      [true, false],
    ]);
    expect((await ask("DELETE", `/sessions/${known(sessions[1]).id}`, { cookie: there })).status).toBe(204);
    expect(await codeOf(await ask("GET", "/sessions/current", { cookie: here }))).toBe("sign-in/required");
  });
});
