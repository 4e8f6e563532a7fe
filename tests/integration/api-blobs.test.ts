/** Parts that are put and ranges that are read, at their short-lived addresses, as strangers and broken clients try them. */
import { createHmac, randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import {
  confirmedSession,
  removeFolder,
  type RunningInstance,
  setUp,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectProblem, MARKER, wireAsk } from "./api-asker.ts";
import { addressOf, contentOf, openFromHere, sendFromHere } from "./api-sender.ts";

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";

let root: string;
let config: string;
let instance: RunningInstance;
let token: string;

beforeAll(async () => {
  root = await temporaryFolder();
  config = join(root, "config");
  instance = await startInstance({ home: join(root, "home"), args: ["--expiry-grace", "0"] });
  ({ apiToken: token } = await setUp(instance, config));
});
afterAll(async () => {
  await instance.stop();
  await removeFolder(root);
});

const ask = wireAsk(() => instance.port);
const member = () => ({ authorization: `Bearer ${token}` });
const JSON_TYPE = { "content-type": "application/json" };
const ledgerSize = async () => Number((await (await fetch(instance.checkpoint)).text()).split("\n")[1]);
const content = () => new Uint8Array(randomBytes(100_000));

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

/** Polls within a bound: connections end by themselves. */
async function until<Value>(read: () => Promise<Value>, holds: (value: Value) => boolean): Promise<Value> {
  for (let tries = 0; ; tries++) {
    const value = await read();
    if (holds(value) || tries > 200) return value;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
