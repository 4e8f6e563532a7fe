/** Strangers and link holders against a running server: many at once, with others' sessions, with odd requests. */
import { connect } from "node:net";
import { join } from "node:path";
import { writeFile } from "node:fs/promises";
import {
  confirmedSession,
  mailedCode,
  removeFolder,
  runCli,
  type RunningInstance,
  setUp,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";

let root: string;
let config: string;
let instance: RunningInstance;
beforeAll(async () => {
  root = await temporaryFolder();
  config = join(root, "config");
  instance = await startInstance({ home: join(root, "home"), args: ["--expiry-grace", "0"] });
  await setUp(instance, config);
  await writeFile(join(root, "note.txt"), "Seen on Tuesday.");
});
afterAll(async () => {
  await instance.stop();
  await removeFolder(root);
});

interface Sent {
  readonly transfer: string;
  readonly links: readonly { readonly address: string; readonly grant: string; readonly link: string }[];
}
async function send(...args: string[]): Promise<{ transfer: string; grant: string; link: string }> {
  const words = [
    "send",
    join(root, "note.txt"),
    "--to",
    RECIPIENT,
    "--purpose",
    "TREAT",
    "--public",
    "--json",
    ...args,
  ];
  const run = await runCli(words, { config });
  expect(run.exitCode, run.errors).toBe(0);
  const { transfer, links } = run.json as unknown as Sent;
  return { transfer, grant: links[0]?.grant ?? "", link: links[0]?.link ?? "" };
}
const post = (path: string, body?: unknown, bearer?: string) =>
  fetch(`${instance.portal}api/v1/${path}`, {
    method: "POST",
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const statusesOf = async (answers: readonly Promise<Response>[]) =>
  (await Promise.all(answers)).map(({ status }) => status).sort((a, b) => a - b);
const logSize = async () => {
  const text = await (await fetch(instance.checkpoint)).text();
  return Number(text.split("\n")[1]);
};

describe("a mailed code", () => {
  test("is counted on each of fifty guesses at once: five are tried, and then even the right one waits", async () => {
    const { grant } = await send();
    await post(`grants/${grant}/codes`);
    const code = await mailedCode(instance, RECIPIENT);
    const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, "0");
    const before = await logSize();
    const statuses = await statusesOf(
      Array.from({ length: 50 }, () => post(`grants/${grant}/confirmations`, { code: wrong })),
    );
    expect(new Set(statuses)).toEqual(new Set([403]));
    expect((await logSize()) - before).toBe(5);
    expect((await post(`grants/${grant}/confirmations`, { code })).status).toBe(403);
  });

  test("that is right opens one session, however many come with it at once", async () => {
    const { grant } = await send();
    await post(`grants/${grant}/codes`);
    const code = await mailedCode(instance, RECIPIENT);
    const statuses = await statusesOf(Array.from({ length: 4 }, () => post(`grants/${grant}/confirmations`, { code })));
    expect(statuses).toEqual([201, 403, 403, 403]);
  });

  test("may be typed with spaces or a dash", async () => {
    const { grant } = await send();
    await post(`grants/${grant}/codes`);
    const code = await mailedCode(instance, RECIPIENT);
    const typed = ` ${code.slice(0, 3)} - ${code.slice(3)}`;
    expect((await post(`grants/${grant}/confirmations`, { code: typed })).status).toBe(201);
  });

  test("is mailed once, however many ask at once", async () => {
    const { grant } = await send();
    const statuses = await statusesOf(Array.from({ length: 10 }, () => post(`grants/${grant}/codes`)));
    expect(statuses).toEqual([202, ...Array.from({ length: 9 }, () => 429)]);
  });
});

describe("a passcode", () => {
  const drawn = () => Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
  const key = Buffer.alloc(1249, 4).toString("base64url");

  async function closed() {
    const words = ["send", join(root, "note.txt"), "--to", RECIPIENT, "--purpose", "TREAT", "--json"];
    const run = await runCli(words, { config });
    expect(run.exitCode, run.errors).toBe(0);
    const { links } = run.json as unknown as { links: { grant: string; passcode: string }[] };
    const grant = links[0]?.grant ?? "";
    return { grant, passcode: links[0]?.passcode ?? "" };
  }

  test("cannot be gone round: no release, no address of the bytes and no receipt without it, whatever is asked directly", async () => {
    const { grant } = await closed();
    const session = await confirmedSession(instance, { grant, address: RECIPIENT });
    for (const [act, body] of [
      ["release", { ephemeralPublicKey: key }],
      ["blob", undefined],
      ["receipt", { files: 1, verified: true }],
    ] as const) {
      const answer = await post(`grants/${grant}/${act}`, body, session);
      expect(await answer.json(), act).toMatchObject({ status: 403, code: "grant/factor-required" });
    }
  });

  test("is guessed at five times by fifty at once, and nobody learns whether they were counted", async () => {
    const { grant } = await closed();
    const session = await confirmedSession(instance, { grant, address: RECIPIENT });
    const before = await logSize();
    const guesses = Array.from({ length: 50 }, () => post(`grants/${grant}/passcode`, { verifier: drawn() }, session));
    const bodies = await Promise.all((await Promise.all(guesses)).map((answer) => answer.text()));
    expect(new Set(bodies).size).toBe(1);
    expect((await logSize()) - before).toBe(5);
  });

  test("is no business of a stranger, a session of another grant, or a member", async () => {
    const [mine, theirs] = [await closed(), await closed()];
    const session = await confirmedSession(instance, { grant: mine.grant, address: RECIPIENT });
    const before = await logSize();
    const body = { verifier: drawn() };
    expect((await post(`grants/${theirs.grant}/passcode`, body, session)).status).toBe(401);
    expect((await post(`grants/${mine.grant}/passcode`, body)).status).toBe(401);
    expect(await logSize()).toBe(before);
  });

  test.each([
    ["no verifier", {}],
    ["31 bytes", { verifier: Buffer.alloc(31).toString("base64url") }],
    ["33 bytes", { verifier: Buffer.alloc(33).toString("base64url") }],
    ["a passcode in clear", { passcode: "7K3QX-9MPA2" }],
    ["a field more", { verifier: Buffer.alloc(32).toString("base64url"), passed: true }],
  ])("with %s is a bad request and no try", async (_, body) => {
    const { grant } = await closed();
    const session = await confirmedSession(instance, { grant, address: RECIPIENT });
    const before = await logSize();
    expect((await post(`grants/${grant}/passcode`, body, session)).status).toBe(422);
    expect(await logSize()).toBe(before);
  });

  test("is not hinted at by the link: the invitation of protected and public files has the same fields", async () => {
    const [mine, open] = [await closed(), await send()];
    const fields = async (grant: string) =>
      Object.keys((await (await fetch(`${instance.portal}api/v1/grants/${grant}`)).json()) as object);
    expect(await fields(mine.grant)).toEqual(await fields(open.grant));
  });
});

describe("a session", () => {
  const key = Buffer.alloc(64, 4).toString("base64url");
  test("of one grant is none on another, nor a member's", async () => {
    const [mine, theirs] = [await send(), await send()];
    const session = await confirmedSession(instance, { grant: mine.grant, address: RECIPIENT });
    for (const act of ["release", "blob", "receipt"]) {
      expect((await post(`grants/${theirs.grant}/${act}`, {}, session)).status, act).toBe(401);
    }
    expect((await post("transfers", {}, session)).status).toBe(401);
    expect((await post(`transfers/${mine.transfer}/revocation`, undefined, session)).status).toBe(401);
    expect((await post(`grants/${mine.grant}/blob`, undefined, session)).status).toBe(200);
  });

  test("ends with its grant, and so do the addresses of bytes that it was given", async () => {
    const { transfer, grant } = await send();
    const session = await confirmedSession(instance, { grant, address: RECIPIENT });
    const { url } = (await (await post(`grants/${grant}/blob`, undefined, session)).json()) as { url: string };
    expect((await fetch(url)).status).toBe(200);
    expect((await runCli(["revoke", transfer, "--json"], { config })).exitCode).toBe(0);
    expect((await fetch(url)).status).toBe(404);
    for (const act of ["release", "blob", "receipt"]) {
      expect((await post(`grants/${grant}/${act}`, { ephemeralPublicKey: key }, session)).status).toBe(401);
    }
  });

  test("brings no bytes of another transfer by a changed address", async () => {
    const [mine, theirs] = [await send(), await send()];
    const session = await confirmedSession(instance, { grant: mine.grant, address: RECIPIENT });
    const { url } = (await (await post(`grants/${mine.grant}/blob`, undefined, session)).json()) as { url: string };
    const later = new URL(url);
    later.searchParams.set("expires", String(Number(later.searchParams.get("expires")) + 60_000));
    const doubled = `${url}&expires=9999999999999`;
    const asPart = url.replace("?", "/parts/1?");
    for (const forged of [url.replace(mine.transfer, theirs.transfer), later.href, doubled, `${url}&signature=x`]) {
      expect((await fetch(forged)).status, forged).toBe(403);
    }
    const put = await fetch(asPart, {
      method: "PUT",
      headers: { "content-type": "application/octet-stream" },
      body: "x",
    });
    expect(put.status).toBe(403);
  });
});

describe("an odd request", () => {
  /** Sends bytes as they are; answers what came until the server closed or nothing more came for a while. */
  const raw = (...texts: string[]): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(instance.port, "localhost", () => socket.write(texts.join("")));
      let answer = "";
      socket.setTimeout(2000, () => socket.destroy());
      socket.on("data", (chunk: Buffer) => {
        answer += chunk.toString("latin1");
      });
      socket.on("close", () => resolve(answer));
      // A server that refuses may close before it has read everything.
      socket.on("error", () => undefined);
    });
  const host = () => `Host: localhost:${instance.port}\r\n`;
  const statusLines = (answer: string) => [...answer.matchAll(/HTTP\/1\.1 ([0-9]{3})/g)].map(([, status]) => status);

  test.for<[string, string]>([
    ["two lengths", "Content-Length: 0\r\nContent-Length: 44\r\n"],
    ["a length and chunks", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"],
    ["an unknown coding", "Transfer-Encoding: xchunked\r\n"],
    ["a hidden coding", "Transfer-Encoding : chunked\r\n"],
    ["a folded header", "X: a\r\n Transfer-Encoding: chunked\r\n"],
    ["a negative length", "Content-Length: -1\r\n"],
  ])("with %s smuggles no second one", async ([, headers]) => {
    const smuggled = "0\r\n\r\nGET /api/v1/instance HTTP/1.1\r\n";
    const answer = await raw(
      `POST /api/v1/sessions HTTP/1.1\r\n${host()}Content-Type: application/json\r\n${headers}\r\n`,
      smuggled,
      `${host()}\r\n`,
    );
    expect(statusLines(answer)).toEqual(["400"]);
  });

  test("with headers beyond measure is refused", async () => {
    const answer = await raw(`GET / HTTP/1.1\r\n${host()}X: ${"a".repeat(17_000)}\r\n\r\n`);
    expect(statusLines(answer)).toEqual(["431"]);
  });

  test.for([
    "..%2f..%2fsecrets%2fapi-signing.key",
    "%2e%2e/%2e%2e/secrets/api-signing.key",
    "..%5c..%5csafeconduct.sqlite",
    "assets/%2e%2e/index.html",
    "ledger/tile/../../../secrets/ledger-signing.key",
    "ledger/tile/0/%2e%2e%2f%2e%2e%2fsecrets",
    "ledger/tile/entries/000%00",
    "blobs/%2e%2e%2f%2e%2e?expires=1&signature=x",
    "api/v1/grants/%00",
    "api/v1/grants/grt_%F0%9F%92%A9",
    "api/v1/grants/%E0%A4%A",
    `api/v1/grants/${"a".repeat(500)}`,
    "api/v1/grants/__proto__",
    "api/v1/transfers/constructor",
    "receive.html",
    "index.html",
  ])("for %s tells nothing", async (path) => {
    const answer = await raw(`GET /${path} HTTP/1.1\r\n${host()}Connection: close\r\n\r\n`);
    expect(["400", "401", "403", "404", "414", "422"]).toContain(statusLines(answer)[0]);
    expect(answer).not.toMatch(/PRIVATE|SQLite|at .*\.ts|\/(home|tmp|root|usr)\//);
  });

  test.for<[string, string]>([
    ["a prototype", '{"__proto__":{"admin":true},"code":"123456"}'],
    ["a constructor's prototype", '{"constructor":{"prototype":{"admin":true}},"code":"123456"}'],
    ["a field too many", '{"code":"123456","admin":true}'],
    ["a list", '["123456"]'],
    ["a number", "123456"],
    ["a code that is a list", '{"code":["123456"]}'],
    ["a code that is an object", '{"code":{"length":6}}'],
    ["nothing", ""],
    ["depth without end", "[".repeat(100_000)],
    ["depth that is closed", `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`],
  ])("whose body has %s is invalid", async ([, body]) => {
    const answer = await fetch(`${instance.portal}api/v1/grants/grt_aaaaaaaaaaaaaaaaaaaaaaaaaa/confirmations`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    expect(answer.status).toBe(422);
    expect(((await answer.json()) as { code: string }).code).toBe("request/invalid");
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});

describe("a restart of the server", () => {
  test("between code, confirmation, release and download takes nothing from the recipient", async () => {
    const { grant, link } = await send();
    const { port, home } = instance;
    const restart = async () => {
      await instance.stop();
      instance = await startInstance({ home, port, args: ["--expiry-grace", "0"] });
    };
    await post(`grants/${grant}/codes`);
    // The evaluation mailbox lives in memory; a real one does not.
    const code = await mailedCode(instance, RECIPIENT);
    await restart();
    const confirmed = await post(`grants/${grant}/confirmations`, { code });
    expect(confirmed.status).toBe(201);
    const { session } = (await confirmed.json()) as { session: string };
    await restart();
    const { url } = (await (await post(`grants/${grant}/blob`, undefined, session)).json()) as { url: string };
    await restart();
    expect((await fetch(url)).status).toBe(200);
    // Whoever comes again at once uses the code that the new mail brings.
    const again = await runCli(["receive", link, "--out", join(root, "after-restart"), "--json"], {
      config: join(root, "stranger"),
      answer: async () => code,
    });
    expect(again.json).toMatchObject({ error: { code: "grant/code-refused" } });
  });
});
