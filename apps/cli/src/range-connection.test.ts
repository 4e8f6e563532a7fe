import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { RangeConnection } from "./range-connection.ts";

const BODY = Buffer.from("ciphertext, ");
const OFFSET = 40;
let server: Server;
let sockets: Socket[] = [];
let asked: string[] = [];

/** Answers each request with the next of `answers`; the last one again and again. Pieces of an answer go out one by one. */
async function serve(...answers: readonly (readonly (string | Buffer)[])[]): Promise<string> {
  sockets = [];
  asked = [];
  server = createServer((socket) => {
    sockets.push(socket);
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    const answer = async (request: Buffer) => {
      asked.push(request.toString());
      for (const piece of answers[Math.min(asked.length, answers.length) - 1] ?? []) {
        await new Promise((resolve) => socket.write(piece, resolve));
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (answers[Math.min(asked.length, answers.length) - 1]?.at(-1) === "") socket.destroy();
    };
    socket.on("data", (request) => void answer(request));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/blobs/x?signature=s`;
}

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

const head = (
  change: Readonly<Record<string, string | null>> = {},
  status = "HTTP/1.1 206 Partial Content",
): string => {
  const fields: Record<string, string | null> = {
    "content-length": `${BODY.length}`,
    "content-range": `bytes ${OFFSET}-${OFFSET + BODY.length - 1}/900`,
    connection: "keep-alive",
    ...change,
  };
  const lines = Object.entries(fields).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  return `${[status, ...lines].join("\r\n")}\r\n\r\n`;
};

async function filled(connection: RangeConnection, url: string, signal?: AbortSignal) {
  const memory = new Uint8Array(BODY.length);
  const isFilled = await connection.fill(url, { offset: OFFSET, memory, ...(signal ? { signal } : {}) });
  return isFilled ? Buffer.from(memory).toString() : null;
}

test("a range is read into its memory, and the connection serves the next one", async () => {
  const url = await serve([head(), BODY]);
  const connection = new RangeConnection();
  expect(await filled(connection, url)).toBe(BODY.toString());
  expect(await filled(connection, url)).toBe(BODY.toString());
  expect(sockets).toHaveLength(1);
  expect(asked[0]).toMatch(/^GET \/blobs\/x\?signature=s HTTP\/1\.1\r\n/);
  expect(asked[0]).toContain(`\r\nrange: bytes=${OFFSET}-${OFFSET + BODY.length - 1}\r\n`);
});

test("an answer may be cut anywhere", async () => {
  const whole = Buffer.concat([Buffer.from(head()), BODY]);
  const url = await serve(Array.from(whole, (_, at) => whole.subarray(at, at + 1)));
  expect(await filled(new RangeConnection(), url)).toBe(BODY.toString());
});

test("a second range at the same time is left to fetch", async () => {
  const url = await serve([head(), BODY]);
  const connection = new RangeConnection();
  expect(await Promise.all([filled(connection, url), filled(connection, url)])).toEqual([BODY.toString(), null]);
});

test("a connection that the server closed is replaced", async () => {
  const url = await serve([head(), BODY]);
  const connection = new RangeConnection();
  await filled(connection, url);
  const closed = new Promise((resolve) => sockets[0]?.once("close", resolve));
  sockets[0]?.destroy();
  await closed;
  // Whether the end has arrived here yet is chance: the range after it comes in any case.
  await filled(connection, url);
  expect(await filled(connection, url)).toBe(BODY.toString());
});

const STRANGE: readonly (readonly [string, readonly (string | Buffer)[]])[] = [
  ["another status", [head({}, "HTTP/1.1 200 OK"), BODY]],
  ["a refusal", [head({}, "HTTP/1.1 403 Forbidden"), BODY]],
  ["a redirect", [head({ location: "http://10.0.0.1/" }, "HTTP/1.1 302 Found"), BODY]],
  ["another version of HTTP", [head({}, "HTTP/1.0 206 Partial Content"), BODY]],
  ["a status that only begins like the right one", [head({}, "HTTP/1.1 2065 No"), BODY]],
  ["a shorter length", [head({ "content-length": `${BODY.length - 1}` }), BODY]],
  ["a longer length", [head({ "content-length": `${BODY.length + 1}` }), BODY]],
  ["no length", [head({ "content-length": null }), BODY]],
  ["a length with a sign", [head({ "content-length": `+${BODY.length}` }), BODY]],
  ["two lengths", [head({ "Content-Length": `${BODY.length}` }), BODY]],
  ["chunks", [head({ "transfer-encoding": "chunked" }), BODY]],
  ["a compressed body", [head({ "content-encoding": "gzip" }), BODY]],
  ["another range", [head({ "content-range": `bytes 0-${BODY.length - 1}/900` }), BODY]],
  ["no range", [head({ "content-range": null }), BODY]],
  ["a line that is no field", [head({}, "HTTP/1.1 206 Partial Content\r\nno field"), BODY]],
  ["a folded line", [head({}, "HTTP/1.1 206 Partial Content\r\na: b\r\n c: d"), BODY]],
  ["a space before the colon", [head({}, "HTTP/1.1 206 Partial Content\r\na : b"), BODY]],
  ["a bare line feed", [head({}, "HTTP/1.1 206 Partial Content\r\na: b\nc: d"), BODY]],
  ["an end that is announced", [head({ connection: "close" }), BODY]],
  ["a body that is too long", [Buffer.concat([Buffer.from(head()), BODY, BODY])]],
  ["a body that ends early", [head(), BODY.subarray(1), ""]],
  ["an end within the head", [head().slice(0, 30), ""]],
  ["an end without a word", [""]],
  ["a head of 16 KiB and more", [head({ filler: "x".repeat(16 * 1024) }), BODY]],
];

test.each(STRANGE)("%s is left to fetch", async (_, answer) => {
  const url = await serve(answer);
  expect(await filled(new RangeConnection(), url)).toBeNull();
});

test("a head just below the limit is read", async () => {
  const url = await serve([head({ filler: "x".repeat(16 * 1024 - head().length - "filler: \r\n".length) }), BODY]);
  expect(await filled(new RangeConnection(), url)).toBe(BODY.toString());
});

test("after a strange answer the next range has a connection of its own", async () => {
  const url = await serve([head({}, "HTTP/1.1 500 Oops"), BODY], [head(), BODY]);
  const connection = new RangeConnection();
  expect(await filled(connection, url)).toBeNull();
  expect(await filled(connection, url)).toBe(BODY.toString());
  expect(sockets).toHaveLength(2);
});

test("an abort ends the waiting", async () => {
  const url = await serve([head().slice(0, 10)]);
  const stop = new AbortController();
  const outcome = filled(new RangeConnection(), url, stop.signal);
  stop.abort();
  expect(await outcome).toBeNull();
  expect(await filled(new RangeConnection(), url, stop.signal)).toBeNull();
});

test("nobody there, and addresses that are not plain HTTP, are left to fetch", async () => {
  const url = await serve([]);
  await new Promise((resolve) => server.close(resolve));
  expect(await filled(new RangeConnection(), url)).toBeNull();
  expect(await filled(new RangeConnection(), url.replace("http:", "https:"))).toBeNull();
  server = createServer().listen(0, "127.0.0.1");
});
