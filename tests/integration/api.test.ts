/** The HTTP interface as strangers, browsers of other pages and broken clients meet it. What is refused changes nothing and repeats nothing. */
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import {
  authenticatorCode,
  confirmedSession,
  mailedCode,
  removeFolder,
  runCli,
  type RunningInstance,
  setUp,
  startInstance,
  TEST_PASSWORD,
  temporaryFolder,
} from "@safeconduct/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectProblem, MARKER, wireAsk } from "./api-asker.ts";
import { sendFromHere } from "./api-sender.ts";

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
const MEBIBYTE = 1024 * 1024;
const UNKNOWN_TRANSFER = `trf_${"a".repeat(26)}`;
const UNKNOWN_GRANT = `grt_${"a".repeat(26)}`;

let root: string;
let config: string;
let instance: RunningInstance;
let token: string;
let authenticatorSecret: string;

beforeAll(async () => {
  root = await temporaryFolder();
  config = join(root, "config");
  instance = await startInstance({ home: join(root, "home"), args: ["--expiry-grace", "0"] });
  ({ apiToken: token, secret: authenticatorSecret } = await setUp(instance, config));
});
afterAll(async () => {
  await instance.stop();
  await removeFolder(root);
});

const ask = wireAsk(() => instance.port);
const JSON_TYPE = { "content-type": "application/json" };
const member = () => ({ authorization: `Bearer ${token}` });
const ledgerSize = async () => Number((await (await fetch(instance.checkpoint)).text()).split("\n")[1]);
const content = () => new Uint8Array(randomBytes(100_000));

describe("a bad request", () => {
  type Case = [string, string, string, { headers?: Record<string, string>; body?: string }, number, string];
  test.for<Case>([
    ["torn JSON", "POST", "/api/v1/sessions", { headers: JSON_TYPE, body: `{"${MARKER}` }, 422, "request/invalid"],
    ["an empty body", "POST", "/api/v1/sessions", { headers: JSON_TYPE, body: "" }, 422, "request/invalid"],
    ["null", "POST", "/api/v1/sessions", { headers: JSON_TYPE, body: "null" }, 422, "request/invalid"],
    ["no body at all", "POST", "/api/v1/sessions", {}, 422, "request/invalid"],
    [
      "an unknown field",
      "POST",
      "/api/v1/sessions",
      { headers: JSON_TYPE, body: `{"${MARKER}":1}` },
      422,
      "request/invalid",
    ],
    [
      "a poisoned prototype",
      "POST",
      "/api/v1/sessions",
      { headers: JSON_TYPE, body: `{"__proto__":{"a":"${MARKER}"}}` },
      422,
      "request/invalid",
    ],
    [
      "deep nesting",
      "POST",
      "/api/v1/sessions",
      { headers: JSON_TYPE, body: "[".repeat(100_000) + "]".repeat(100_000) },
      422,
      "request/invalid",
    ],
    [
      "plain text",
      "POST",
      "/api/v1/sessions",
      { headers: { "content-type": "text/plain" }, body: MARKER },
      415,
      "request/wrong-type",
    ],
    [
      "a form",
      "POST",
      "/api/v1/sessions",
      { headers: { "content-type": "application/x-www-form-urlencoded" }, body: `a=${MARKER}` },
      415,
      "request/wrong-type",
    ],
    ["a body without a type", "POST", "/api/v1/sessions", { body: MARKER }, 415, "request/wrong-type"],
    [
      "raw bytes where JSON belongs",
      "POST",
      "/api/v1/sessions",
      { headers: { "content-type": "application/octet-stream" }, body: MARKER },
      415,
      "request/wrong-type",
    ],
    ["an unknown path", "GET", `/api/v1/${MARKER}`, {}, 404, "request/unknown-path"],
    ["another version", "GET", "/api/v2/instance", {}, 404, "request/unknown-path"],
    [
      "a method that the path has not",
      "PUT",
      "/api/v1/sessions",
      { headers: JSON_TYPE, body: "{}" },
      404,
      "request/unknown-path",
    ],
    [
      "a preflight of another page",
      "OPTIONS",
      "/api/v1/sessions",
      { headers: { origin: "https://evil.example" } },
      404,
      "request/unknown-path",
    ],
    ["a path that cannot be decoded", "GET", `/api/v1/transfers/%zz${MARKER}`, {}, 422, "request/invalid"],
    ["a very long id", "GET", `/api/v1/grants/${"a".repeat(300)}`, {}, 404, "request/unknown-path"],
    ["a climb out of the pages", "GET", `/..%2f..%2f${MARKER}`, {}, 404, "request/unknown-path"],
    ["a tile that is none", "GET", "/ledger/tile/0/../../checkpoint", {}, 404, "request/unknown-path"],
    ["no token", "GET", "/api/v1/transfers", {}, 401, "sign-in/required"],
    [
      "a made-up token",
      "GET",
      "/api/v1/transfers",
      { headers: { authorization: `Bearer sct_${"A".repeat(43)}` } },
      401,
      "sign-in/required",
    ],
    [
      "a token under another scheme",
      "GET",
      "/api/v1/transfers",
      { headers: { authorization: `Basic ${MARKER}` } },
      401,
      "sign-in/required",
    ],
    [
      "a made-up cookie",
      "GET",
      "/api/v1/transfers",
      { headers: { cookie: `__Host-safeconduct=${MARKER}` } },
      401,
      "sign-in/required",
    ],
    [
      "a stranger's bad body, before it is read",
      "POST",
      "/api/v1/transfers",
      { headers: JSON_TYPE, body: `{"${MARKER}":1}` },
      401,
      "sign-in/required",
    ],
  ])("%s is refused with a problem document that repeats nothing", async ([, method, path, options, status, code]) => {
    const before = await ledgerSize();
    expectProblem(await ask(method, path, options), { status, code });
    expect(await ledgerSize()).toBe(before);
  });

  test.for([
    ["one byte below the limit", -1, 422, "request/invalid"],
    ["at the limit", 0, 422, "request/invalid"],
  ] as const)("a body %s", async ([, difference, status, code]) => {
    const body = `"${"a".repeat(4 * MEBIBYTE + difference - 2)}"`;
    expectProblem(await ask("POST", "/api/v1/sessions", { headers: JSON_TYPE, body }), { status, code });
  });

  test("a body one byte above the limit is refused before it is sent", async () => {
    const answer = await announced({
      method: "POST",
      path: "/api/v1/sessions",
      headers: JSON_TYPE,
      lengthBytes: 4 * MEBIBYTE + 1,
    });
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain("request/too-large");
  });

  test("a parameter given twice is refused as any other", async () => {
    for (const path of [
      "/api/v1/mailbox?to=a&to=b",
      "/api/v1/transfers?after=a&after=b",
      `/blobs/${UNKNOWN_TRANSFER}?expires=1&expires=2&signature=a&signature=b`,
    ]) {
      const { status } = await ask("GET", path, { headers: member() });
      expect([403, 422], path).toContain(status);
    }
  });

  test("a part of another type is refused before it is read, however large it says it is", async () => {
    // Announced and never sent: whoever answers has not waited for it.
    const answer = await announced({
      method: "PUT",
      path: `/blobs/${UNKNOWN_TRANSFER}/parts/1?size=1&expires=1&signature=a`,
      headers: { "content-type": "application/json" },
      lengthBytes: 300 * MEBIBYTE,
    });
    expect(answer).toMatch(/^HTTP\/1\.1 415 /);
  });
});

describe("what belongs to somebody else", () => {
  const paths = (transfer: string): [string, string][] => [
    ["GET", `/api/v1/transfers/${transfer}`],
    ["GET", `/api/v1/transfers/${transfer}/parts`],
    ["GET", `/api/v1/transfers/${transfer}/certificate`],
    ["POST", `/api/v1/transfers/${transfer}/abandonment`],
    ["POST", `/api/v1/transfers/${transfer}/revocation`],
    ["POST", `/api/v1/transfers/${transfer}/grants/${UNKNOWN_GRANT}/revocation`],
  ];

  test.for([UNKNOWN_TRANSFER, "trf_x", "..%2F..%2Fetc%2Fpasswd", `grt_${"a".repeat(26)}`])(
    "transfer %s is unknown on every route",
    async (transfer) => {
      for (const [method, path] of paths(transfer)) {
        expectProblem(await ask(method, path, { headers: member() }), { status: 404, code: "transfer/unknown" });
      }
    },
  );

  test("a recipient's session is good for its own grant and for nothing else", async () => {
    const [one, two] = [
      await sendFromHere({ config, content: content(), address: RECIPIENT }),
      await sendFromHere({ config, content: content(), address: RECIPIENT }),
    ];
    const grants = [one.links[0]?.grant ?? "", two.links[0]?.grant ?? ""] as const;
    const session = await confirmedSession(instance, { grant: grants[0], address: RECIPIENT });
    const authorization = `Bearer ${session}`;
    for (const route of ["release", "blob", "receipt"]) {
      const path = (grant: string) => `/api/v1/grants/${grant}/${route}`;
      const options = { headers: { ...JSON_TYPE, authorization }, body: "{}" };
      const refusal = { status: 401, code: "grant/session-required" };
      expectProblem(await ask("POST", path(grants[1]), options), refusal);
      expectProblem(await ask("POST", path(UNKNOWN_GRANT), options), refusal);
      expectProblem(
        await ask("POST", path(grants[0]), { headers: { ...JSON_TYPE, ...member() }, body: "{}" }),
        refusal,
      );
      expectProblem(await ask("POST", path(grants[0]), { headers: JSON_TYPE, body: "{}" }), refusal);
    }
    expectProblem(await ask("GET", "/api/v1/me", { headers: { authorization } }), {
      status: 401,
      code: "sign-in/required",
    });
    expect((await ask("POST", `/api/v1/grants/${grants[0]}/blob`, { headers: { authorization } })).status).toBe(200);
  });
});

describe("a browser", () => {
  test("gets protecting headers with every page, answer, file and refusal", async () => {
    const page = (await ask("GET", "/")).text;
    const asset = /src="(\/assets\/[^"]+)"/.exec(page)?.[1] ?? "/no-asset";
    for (const path of [
      "/",
      "/setup",
      "/sign-in",
      "/mailbox",
      `/r/${UNKNOWN_GRANT}`,
      asset,
      "/api/v1/instance",
      "/ledger/checkpoint",
      "/api/v1/transfers",
      "/nothing",
      "/%zz",
      `/blobs/${UNKNOWN_TRANSFER}`,
    ]) {
      const { headers } = await ask("GET", path);
      expect(headers, path).toMatchObject({
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
      });
      expect(headers["access-control-allow-origin"], path).toBeUndefined();
      expect(headers["x-powered-by"] ?? headers["server"], path).toBeUndefined();
    }
  });

  test("gets pages that load nothing from elsewhere, run nothing inline and are framed by nobody", async () => {
    for (const path of ["/", "/setup", "/sign-in", "/mailbox", `/r/${UNKNOWN_GRANT}`]) {
      const { headers, text } = await ask("GET", path);
      const policy = String(headers["content-security-policy"]);
      for (const rule of [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "require-trusted-types-for 'script'",
      ]) {
        expect(policy, path).toContain(rule);
      }
      expect(policy).not.toMatch(/unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')|https?:/);
      expect(text).not.toMatch(/<script(?![^>]*\bsrc=)|\bstyle=|\son[a-z]+=/);
      expect(text).not.toMatch(/(src|href)="(https?:)?\/\//);
    }
  });

  test("under another name of this computer is refused, which stops DNS rebinding", async () => {
    for (const host of [
      "evil.example",
      `evil.example:${instance.port}`,
      "localhost",
      `localhost.evil.example:${instance.port}`,
    ]) {
      for (const path of ["/", "/api/v1/instance", "/ledger/checkpoint"]) {
        expectProblem(await ask("GET", path, { headers: { host } }), { status: 403, code: "request/wrong-origin" });
      }
    }
    const headers = { host: `127.0.0.1:${instance.port}` };
    expect((await ask("GET", "/api/v1/instance", { headers })).status).toBe(200);
    expect((await ask("GET", "/", { headers })).headers).toMatchObject({
      location: `http://localhost:${instance.port}/`,
    });
  });

  test("signs in with a cookie that no script, other site or plain connection gets, and only our page may use it", async () => {
    const code = authenticatorCode(authenticatorSecret, Date.now() + 30_000);
    const body = JSON.stringify({ address: "m.okafor@riverside.example", password: TEST_PASSWORD, code });
    const signedIn = await ask("POST", "/api/v1/sessions", { headers: JSON_TYPE, body });
    expect(signedIn.status, signedIn.text).toBe(201);
    const [cookie = ""] = signedIn.headers["set-cookie"] ?? [];
    expect(cookie).toMatch(/^__Host-safeconduct=scs_[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict$/);
    const session = cookie.split(";")[0] ?? "";
    expect((await ask("GET", "/api/v1/me", { headers: { cookie: session } })).status).toBe(200);

    const create = (headers: Record<string, string>) =>
      ask("POST", "/api/v1/tokens", {
        headers: { ...JSON_TYPE, cookie: session, ...headers },
        body: '{"name":"script"}',
      });
    const before = await ledgerSize();
    for (const origin of [
      "https://evil.example",
      "null",
      `http://localhost:${instance.port + 1}`,
      `https://localhost:${instance.port}`,
      `http://localhost:${instance.port}.evil.example`,
    ]) {
      expectProblem(await create({ origin }), { status: 403, code: "request/wrong-origin" });
    }
    expectProblem(await create({}), { status: 403, code: "request/wrong-origin" });
    expect(await ledgerSize()).toBe(before);
    const origin = `http://localhost:${instance.port}`;
    expect((await create({ origin })).status).toBe(201);

    const out = await ask("DELETE", "/api/v1/sessions/current", { headers: { cookie: session, origin } });
    expect(out.status).toBe(204);
    expect(out.headers["set-cookie"]?.[0]).toMatch(/^__Host-safeconduct=; .*Max-Age=0$/);
    expectProblem(await ask("GET", "/api/v1/me", { headers: { cookie: session } }), {
      status: 401,
      code: "sign-in/required",
    });
  });
});

test("a whole run of send, receive and revoke leaves no secret, address, code or name in the server's log", async () => {
  const name = "named-after-somebody.txt";
  await writeFile(join(root, name), "Seen on Tuesday.");
  const sent = await runCli(["send", join(root, name), "--to", RECIPIENT, "--purpose", "TREAT", "--public", "--json"], {
    config,
  });
  expect(sent.exitCode, sent.errors).toBe(0);
  const { transfer, links } = sent.json as { transfer: string; links: { link: string; grant: string }[] };
  const { link = "", grant = "" } = links[0] ?? {};
  let code = "";
  const received = await runCli(["receive", link, "--out", join(root, "out"), "--json"], {
    config: join(root, "stranger"),
    answer: async () => {
      code = await mailedCode(instance, RECIPIENT);
      return code;
    },
  });
  expect(received.exitCode, received.errors).toBe(0);
  expect((await runCli(["revoke", transfer, "--json"], { config })).exitCode).toBe(0);
  const log = instance.errors();
  const told = [
    RECIPIENT,
    "lindqvist",
    "okafor",
    "Riverside",
    TEST_PASSWORD,
    token,
    authenticatorSecret,
    code,
    link,
    link.split("#")[1] ?? "",
    grant,
    transfer,
    name,
    "scs_",
    "sct_",
    "scv_",
    "signature",
  ];
  for (const secret of told) expect(log.includes(secret), secret.slice(0, 4)).toBe(false);
  for (const line of log.trim().split("\n")) expect(line === "" || line.startsWith("{"), line).toBe(true);
});

/** The first bytes of the answer to a request whose body is announced and never sent. */
function announced({
  method,
  path,
  headers,
  lengthBytes,
}: {
  method: string;
  path: string;
  headers: Record<string, string>;
  lengthBytes: number;
}): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(instance.port, "localhost");
    const lines = Object.entries({
      ...headers,
      host: `localhost:${instance.port}`,
      "content-length": String(lengthBytes),
    });
    socket.write(`${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`);
    const limit = setTimeout(() => socket.destroy(), 10_000);
    socket.once("data", (chunk: Buffer) => {
      resolve(chunk.toString("latin1"));
      socket.destroy();
    });
    socket.once("close", () => {
      clearTimeout(limit);
      resolve("no answer");
    });
  });
}
