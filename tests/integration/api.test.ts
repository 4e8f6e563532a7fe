/** In one file, because all of it asks one running instance: the HTTP interface as strangers, browsers of other pages and broken clients meet it. What is refused changes nothing and repeats nothing. */
import { createHmac, randomBytes } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
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
import { addressOf, contentOf, openFromHere, sendFromHere } from "./api-sender.ts";

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
/** Stands in every bad request; no answer may hold it. */
const MARKER = "Zq7-marker-of-this-test";
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

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Exactly these bytes on the wire: fetch would set headers of its own and mend paths. */
function ask(
  method: string,
  path: string,
  { headers = {}, body }: { headers?: Record<string, string>; body?: string | Uint8Array } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      {
        host: "localhost",
        port: instance.port,
        method,
        path,
        headers: { ...headers, ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }) },
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString("latin1"),
          }),
        );
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

const JSON_TYPE = { "content-type": "application/json" };
const member = () => ({ authorization: `Bearer ${token}` });
const ledgerSize = async () => Number((await (await fetch(instance.checkpoint)).text()).split("\n")[1]);
const content = () => new Uint8Array(randomBytes(100_000));

function expectProblem({ status, headers, text }: Answer, expected: { status: number; code: string }): void {
  expect(text).not.toContain(MARKER);
  expect(headers["content-type"]).toBe("application/problem+json; charset=utf-8");
  expect(headers["cache-control"]).toBe("no-store");
  expect(headers["x-content-type-options"]).toBe("nosniff");
  const problem = JSON.parse(text) as Record<string, unknown>;
  expect(problem).toMatchObject({
    status: expected.status,
    code: expected.code,
    type: `urn:safeconduct:problem:${expected.code}`,
  });
  expect(status).toBe(expected.status);
  expect(String(problem["title"]).length).toBeGreaterThan(20);
}

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

describe("a part", () => {
  /** A transfer that waits for its seal, with the address of its first part. */
  async function draft(size = 100_000) {
    const reached = Promise.withResolvers<{ transfer: string; url: string }>();
    const go = Promise.withResolvers<void>();
    const bytes = new Uint8Array(randomBytes(size));
    let url = "";
    const sent = sendFromHere({
      config,
      content: bytes,
      address: RECIPIENT,
      fetch: async (input, init) => {
        const address = addressOf(input);
        if (init?.method === "PUT") url = address;
        if (address.endsWith("/seal")) {
          reached.resolve({ transfer: /trf_[a-z2-7]{26}/.exec(address)?.[0] ?? "", url });
          await go.promise;
        }
        return fetch(input, init);
      },
    });
    sent.catch((error: unknown) => reached.reject(error));
    return { ...(await reached.promise), bytes, seal: () => (go.resolve(), sent) };
  }
  const put = (url: string, body: string | Uint8Array, headers = { "content-type": "application/octet-stream" }) =>
    ask("PUT", url.slice(new URL(url).origin.length), { headers, body });
  const held = async (transfer: string) =>
    JSON.parse((await ask("GET", `/api/v1/transfers/${transfer}/parts`, { headers: member() })).text) as {
      parts: { number: number; sizeBytes: number; sha256: string }[];
    };
  const unfinished = () => readdir(join(instance.home, "blobs", "unfinished"));

  test("is not accepted at an address that was changed in any way, nor at another's", async () => {
    const { transfer, url, seal } = await draft();
    const other = await draft();
    const size = new URL(url).searchParams.get("size") ?? "";
    const body = Buffer.alloc(Number(size), 1);
    const before = await held(transfer);
    const changed = (change: (url: URL) => void) => {
      const copy = new URL(url);
      change(copy);
      return copy.href;
    };
    for (const forged of [
      changed(({ searchParams }) => searchParams.set("signature", "A".repeat(43))),
      changed(({ searchParams }) => searchParams.delete("signature")),
      changed(({ searchParams }) => searchParams.set("size", String(Number(size) + 1))),
      changed(({ searchParams }) => searchParams.set("expires", String(Number(searchParams.get("expires")) + 1))),
      changed((copy) => {
        copy.pathname = copy.pathname.replace(/1$/, "2");
      }),
      changed((copy) => {
        copy.pathname = copy.pathname.replace(transfer, other.transfer);
      }),
      changed((copy) => {
        copy.pathname = `/blobs/${transfer}`;
      }),
    ]) {
      const { status } = await put(forged, body);
      expect([403, 404], forged.replace(/signature=[^&]*/, "")).toContain(status);
    }
    expect(await held(transfer)).toEqual(before);
    await Promise.all([seal(), other.seal()]);
  });

  test("is not accepted at an address that is over, even if it was genuine", async () => {
    const { transfer, seal } = await draft();
    const path = (expiresAt: number) => signedPut(transfer, { number: 1, sizeBytes: 3, expiresAt });
    const over = await put(await path(Date.now() - 1), "abc");
    expectProblem(over, { status: 403, code: "request/url-expired" });
    // The same without being over: refused for its place in the plan and nothing else.
    expect((await put(await path(Date.now() + 60_000), "abc")).status).toBe(200);
    await seal().catch(() => undefined);
  });

  test.for<[string, (size: number) => Uint8Array]>([
    ["short by one byte", (size) => new Uint8Array(size - 1)],
    ["longer by one byte", (size) => new Uint8Array(size + 1)],
    ["empty", () => new Uint8Array(0)],
  ])("that is %s is refused, and the one that is held stays", async ([, make]) => {
    const { transfer, url, seal } = await draft();
    const before = await held(transfer);
    const size = Number(new URL(url).searchParams.get("size"));
    expectProblem(await put(url, make(size)), { status: 422, code: "storage/part-size" });
    expect(await held(transfer)).toEqual(before);
    expect(await unfinished()).toEqual([]);
    await seal();
  });

  test("that breaks off in the middle leaves nothing behind", async () => {
    const { transfer, url, seal } = await draft();
    const before = await held(transfer);
    const { pathname, search, searchParams } = new URL(url);
    const socket = connect(instance.port, "localhost");
    const lengthBytes = Number(searchParams.get("size"));
    socket.write(
      `PUT ${pathname}${search} HTTP/1.1\r\nHost: localhost:${instance.port}\r\nContent-Type: application/octet-stream\r\nContent-Length: ${lengthBytes}\r\n\r\n`,
    );
    socket.write(Buffer.alloc(Math.floor(lengthBytes / 2), 1));
    await until(unfinished, (names) => names.length === 1);
    socket.destroy();
    expect(await until(unfinished, (names) => names.length === 0)).toEqual([]);
    expect(await held(transfer)).toEqual(before);
    const { links } = await seal();
    expect(links).toHaveLength(1);
  });

  test("may be put again before the seal and never after it", async () => {
    const { url, bytes, seal } = await draft();
    const size = Number(new URL(url).searchParams.get("size"));
    const { links } = await seal();
    expectProblem(await put(url, Buffer.alloc(size, 1)), { status: 409, code: "transfer/not-draft" });
    const { grant = "", link = "" } = links[0] ?? {};
    const session = await confirmedSession(instance, { grant, address: RECIPIENT });
    expect(await contentOf(await openFromHere({ link, session }))).toEqual(Buffer.from(bytes));
  });

  test("in another type is refused", async () => {
    const { url, seal } = await draft();
    expectProblem(await put(url, MARKER, { "content-type": "text/plain" }), {
      status: 415,
      code: "request/wrong-type",
    });
    await seal();
  });
});

describe("reading", () => {
  async function readable() {
    const bytes = content();
    const { links, transfer } = await sendFromHere({ config, content: bytes, address: RECIPIENT });
    const { grant = "", link = "" } = links[0] ?? {};
    const session = await confirmedSession(instance, { grant, address: RECIPIENT });
    const headers = { authorization: `Bearer ${session}` };
    const { text } = await ask("POST", `/api/v1/grants/${grant}/blob`, { headers });
    const { url } = JSON.parse(text) as { url: string };
    return { bytes, transfer, grant, link, session, url, path: url.slice(new URL(url).origin.length) };
  }

  test("answers ranges as RFC 9110 says, edge by edge", async () => {
    const { path } = await readable();
    const whole = await ask("GET", path);
    expect(whole.status).toBe(200);
    expect(whole.headers["accept-ranges"]).toBe("bytes");
    expect(whole.headers["cache-control"]).toBe("no-store");
    const total = whole.text.length;
    const range = (value: string) => ask("GET", path, { headers: { range: value } });
    for (const [value, from, to] of [
      ["bytes=0-0", 0, 1],
      [`bytes=${total - 1}-${total - 1}`, total - 1, total],
      [`bytes=${total - 1}-`, total - 1, total],
      ["bytes=10-19", 10, 20],
      [`bytes=0-${total - 1}`, 0, total],
      [`bytes=5-${total + 100}`, 5, total],
    ] as const) {
      const answer = await range(value);
      expect(answer.status, value).toBe(206);
      expect(answer.headers["content-range"], value).toBe(`bytes ${from}-${to - 1}/${total}`);
      expect(answer.text === whole.text.slice(from, to), value).toBe(true);
    }
    for (const value of [
      `bytes=${total}-`,
      `bytes=${total}-${total}`,
      "bytes=5-4",
      "bytes=-5",
      "bytes=0-1,3-4",
      "bytes=a-b",
      "lines=0-1",
      "bytes=99999999999999999999-",
    ]) {
      const answer = await range(value);
      expectProblem(answer, { status: 416, code: "request/range" });
      expect(answer.headers["content-range"], value).toBe(`bytes */${total}`);
    }
  });

  test("needs an address that is genuine, for this transfer and not over", async () => {
    const { transfer, url } = await readable();
    const other = await readable();
    const refusal = { status: 403, code: "request/url-expired" };
    const { pathname, searchParams } = new URL(url);
    const signature = searchParams.get("signature") ?? "";
    const expires = searchParams.get("expires") ?? "";
    for (const path of [
      pathname,
      `${pathname}?expires=${expires}&signature=${"A".repeat(43)}`,
      `${pathname}?expires=${Number(expires) + 1}&signature=${signature}`,
      `${pathname}?signature=${signature}`,
      `/blobs/${other.transfer}?expires=${expires}&signature=${signature}`,
      `/blobs/trf_x?expires=${expires}&signature=${signature}`,
    ]) {
      expectProblem(await ask("GET", path), refusal);
    }
    expectProblem(await ask("GET", await signedRead(transfer, Date.now() - 1)), refusal);
    expect((await ask("GET", await signedRead(transfer, Date.now() + 60_000))).status).toBe(200);
  });

  test("ends with a revocation, for every address that was given out", async () => {
    const { transfer, grant, session, path } = await readable();
    expect((await ask("POST", `/api/v1/transfers/${transfer}/revocation`, { headers: member() })).status).toBe(200);
    expectProblem(await ask("GET", path), { status: 404, code: "grant/unavailable" });
    const headers = { ...JSON_TYPE, authorization: `Bearer ${session}` };
    for (const route of ["release", "blob", "receipt"]) {
      const { status } = await ask("POST", `/api/v1/grants/${grant}/${route}`, { headers, body: "{}" });
      expect([401, 404, 422]).toContain(status);
    }
  });

  test("an invitation, a page or anything else by GET changes nothing: mail scanners may do what they like", async () => {
    const { grant, transfer } = await readable();
    const mails = async () => (await ask("GET", "/api/v1/mailbox")).text;
    const state = async () => (await ask("GET", `/api/v1/transfers/${transfer}`, { headers: member() })).text;
    const before = { size: await ledgerSize(), mails: await mails(), state: await state() };
    for (const method of ["GET", "HEAD", "OPTIONS"]) {
      for (const path of [
        `/r/${grant}`,
        `/api/v1/grants/${grant}`,
        ...["codes", "confirmations", "release", "blob", "receipt"].map((route) => `/api/v1/grants/${grant}/${route}`),
      ]) {
        expect((await ask(method, path)).status, `${method} ${path}`).toBeLessThan(500);
      }
    }
    expect({ size: await ledgerSize(), mails: await mails(), state: await state() }).toEqual(before);
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

/** An address as the server makes it, with its own key: to have one that is genuine and over. */
async function signed(
  path: string,
  facts: readonly (string | number)[],
  query: Record<string, string>,
  expiresAt: number,
) {
  const key = Buffer.from(await readFile(join(instance.home, "secrets", "blob-urls.key"), "utf8"), "base64url");
  const signature = createHmac("sha256", key)
    .update([...facts, expiresAt].join("\n"))
    .digest("base64url");
  return `${path}?${new URLSearchParams({ ...query, expires: String(expiresAt), signature })}`;
}
const signedRead = (transfer: string, expiresAt: number) =>
  signed(`/blobs/${transfer}`, ["read", transfer], {}, expiresAt);
const signedPut = async (
  transfer: string,
  { number, sizeBytes, expiresAt }: { number: number; sizeBytes: number; expiresAt: number },
) => {
  const facts = ["put", transfer, number, sizeBytes];
  const path = await signed(`/blobs/${transfer}/parts/${number}`, facts, { size: String(sizeBytes) }, expiresAt);
  return `http://localhost:${instance.port}${path}`;
};

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

/** Polls within a bound: connections end by themselves. */
async function until<Value>(read: () => Promise<Value>, holds: (value: Value) => boolean): Promise<Value> {
  for (let tries = 0; ; tries++) {
    const value = await read();
    if (holds(value) || tries > 200) return value;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
