/** A server for real delivery: its own address, TLS here or at a proxy, mail by a server; and what `config check` says. */
import { chmod, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { readFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import {
  opensslMissing,
  removeFolder,
  runCli,
  type RunningInstance,
  serverProcess,
  setUp,
  startInstance,
  temporaryFolder,
  tlsAuthority,
  type TlsAuthority,
} from "@safeconduct/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type MailServer, startMailServer } from "../../testkit/src/mail-server.ts";

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
const FROM = "no-reply@riverside.example";
const SERVER = new URL("../../apps/server/src/main.ts", import.meta.url).pathname;
/** A renewed certificate is looked for every 5 s; polls of a tenth of a second. */
const PATIENCE = 300;
const missing = opensslMissing();

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function runServerWords(...words: readonly string[]) {
  const { errors, ended } = serverProcess(words);
  return { exitCode: await ended, errors: errors() };
}

describe.skipIf(missing !== null)(`with TLS${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  let root: string;
  let port: number;
  let authority: TlsAuthority;
  let mail: MailServer;
  let instance: RunningInstance;
  const file = () => join(root, "safeconduct.json");
  beforeAll(async () => {
    root = await temporaryFolder();
    authority = tlsAuthority(root);
    // Read by Node when a process starts: by the command lines, and asked of every connection below.
    process.env["NODE_EXTRA_CA_CERTS"] = authority.file;
    authority.issue(root);
    mail = await startMailServer();
    port = await freePort();
    await writeFile(
      file(),
      JSON.stringify({
        address: `https://localhost:${port}`,
        listen: { host: "127.0.0.1", port },
        tls: { certificateFile: "certificate.pem", keyFile: "key.pem" },
        mail: { host: "127.0.0.1", port: mail.port, from: FROM },
        home: "home",
      }),
    );
    await chmod(join(root, "key.pem"), 0o600);
    instance = await startInstance({ home: join(root, "home"), port, args: ["--config", file()] });
    await setUp(instance, join(root, "config"));
  });
  afterAll(async () => {
    delete process.env["NODE_EXTRA_CA_CERTS"];
    await instance.stop();
    await mail.close();
    await removeFolder(root);
  });

  const dial = (options: ConnectionOptions = {}): Promise<TLSSocket> =>
    new Promise((resolve, reject) => {
      const ca = readFileSync(authority.file);
      const socket = connect({ host: "127.0.0.1", servername: "localhost", port, ca, ...options }, () =>
        resolve(socket),
      );
      socket.once("error", reject);
    });
  /** The head of the answer to a request as it stands. */
  async function head(...lines: readonly string[]): Promise<string> {
    const socket = await dial();
    socket.write(`${[...lines, "connection: close"].join("\r\n")}\r\n\r\n`);
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    return text.slice(0, text.indexOf("\r\n\r\n")).toLowerCase();
  }

  test("an outsider gets a mailed code, and the file, at the address of the configuration", async () => {
    expect(instance.portal).toBe(`https://localhost:${port}/`);
    expect([instance.mailbox, instance.setup?.startsWith(instance.portal)]).toEqual([null, true]);
    await writeFile(join(root, "note.txt"), "Seen on Tuesday.");
    const sent = await runCli(["send", join(root, "note.txt"), "--to", RECIPIENT, "--purpose", "TREAT", "--json"], {
      config: join(root, "config"),
    });
    expect(sent.exitCode, sent.errors).toBe(0);
    const [own] = (sent.json as { links: { link: string; passcode: string }[] }).links;
    expect(own?.link).toMatch(new RegExp(`^https://localhost:${port}/r/`));
    const code = async () => {
      for (let tries = 0; tries < PATIENCE && mail.arrived.length === 0; tries++)
        await new Promise((resolve) => setTimeout(resolve, 100));
      return /^Your code: ([0-9]{6})/m.exec(mail.arrived.at(-1)?.raw ?? "")?.[1] ?? "";
    };
    const received = await runCli(["receive", own?.link ?? "", "--out", join(root, "out"), "--json"], {
      config: join(root, "stranger"),
      answer: (prompt) => (prompt.startsWith("Passcode") ? Promise.resolve(own?.passcode ?? "") : code()),
    });
    expect(received.exitCode, received.errors).toBe(0);
    expect(readFileSync(join(root, "out", "note.txt"), "utf8")).toBe("Seen on Tuesday.");
  });

  test("answers are for this address and TLS alone", async () => {
    const right = await head("GET / HTTP/1.1", `host: localhost:${port}`);
    expect(right).toMatch(/^http\/1\.1 200/);
    expect(right).toContain("strict-transport-security: max-age=63072000");
    expect(await head("GET / HTTP/1.1", `host: 127.0.0.1:${port}`)).toMatch(/^http\/1\.1 403/);
    expect(await head("GET / HTTP/1.1", "host: localhost")).toMatch(/^http\/1\.1 403/);
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow("fetch failed");
    await expect(dial({ maxVersion: "TLSv1.1", minVersion: "TLSv1" })).rejects.toThrow(/protocol/i);
  });

  test("a change that rides on a cookie must come from this very origin", async () => {
    for (const origin of [`http://localhost:${port}`, "https://localhost", `https://127.0.0.1:${port}`, "null"]) {
      const said = await head(
        "POST /api/v1/sessions/current HTTP/1.1",
        `host: localhost:${port}`,
        `origin: ${origin}`,
        "cookie: __Host-session=x",
        "content-length: 0",
      );
      expect(said, origin).toMatch(/^http\/1\.1 40[34]/);
    }
  });

  test("a renewed certificate is in use without a restart, and one without its key is not", async () => {
    const serial = async () => {
      const socket = await dial();
      const { serialNumber } = socket.getPeerCertificate();
      socket.destroy();
      return serialNumber;
    };
    const before = await serial();
    const key = readFileSync(join(root, "key.pem"));
    authority.issue(root);
    const renewed = readFileSync(join(root, "key.pem"));
    await writeFile(join(root, "key.pem"), key);
    for (let tries = 0; tries < PATIENCE && !instance.errors().includes("tls/certificate-unusable"); tries++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await serial()).toBe(before);
    await writeFile(join(root, "key.pem"), renewed);
    for (let tries = 0; tries < PATIENCE && (await serial()) === before; tries++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await serial()).not.toBe(before);
  });

  const check = (path: string, ...words: readonly string[]) =>
    spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", SERVER, "config", "check", path, ...words], {
      encoding: "utf8",
    });

  test("is told to be right in words that hold no secret, with a warning where the end is near", async () => {
    await chmod(join(root, "key.pem"), 0o600);
    authority.issue(root, 3);
    await chmod(join(root, "key.pem"), 0o600);
    const { status, stdout } = check(file());
    expect(status).toBe(0);
    expect(stdout).toContain("is right");
    expect(stdout).toContain(`https://localhost:${port}`);
    expect(stdout).toMatch(/Warning: tls\.certificateFile: the certificate runs out on/);
    expect(stdout).not.toContain("PRIVATE");
  });

  test("a test mail goes where the codes will go, and a mail server that does not take it is told", async () => {
    // Not beside a server in this process, which could not answer while it waits.
    const said = (to: string) => runServerWords("config", "check", file(), "--mail-to", to);
    const before = mail.arrived.length;
    expect(await said("records@riverside.example")).toMatchObject({ exitCode: 0 });
    expect(mail.arrived.slice(before).map(({ to }) => to)).toEqual(["records@riverside.example"]);
    expect(await said("two@a.example, b@c.example")).toMatchObject({ exitCode: 64 });
    mail.setRefusing(true);
    const refused = await said("records@riverside.example");
    mail.setRefusing(false);
    expect(refused.exitCode).toBe(69);
    expect(refused.errors).toContain("did not take a mail");
    expect(refused.errors).not.toContain("records@riverside");
  });

  test("that names another host, or another key, or shows its key to others, is refused before anybody meets it", async () => {
    const other = { ...JSON.parse(readFileSync(file(), "utf8")), address: "https://files.northlake.example" };
    await writeFile(join(root, "other.json"), JSON.stringify(other));
    expect(check(join(root, "other.json")).stderr).toContain("the certificate is not for files.northlake.example");
    authority.issue(root);
    const certificate = readFileSync(join(root, "certificate.pem"));
    authority.issue(root);
    await writeFile(join(root, "certificate.pem"), certificate);
    await chmod(join(root, "key.pem"), 0o640);
    const refused = check(file());
    expect(refused.status).toBe(64);
    expect(refused.stderr).toContain("chmod 600");
    await chmod(join(root, "key.pem"), 0o600);
    expect(check(file()).stderr).toContain("the key is not the certificate's");
  });
});

describe("behind a proxy", () => {
  let root: string;
  let port: number;
  let mail: MailServer;
  let instance: RunningInstance;
  beforeAll(async () => {
    root = await temporaryFolder();
    mail = await startMailServer();
    const file = join(root, "safeconduct.json");
    const configuration = {
      address: "https://files.riverside.example",
      proxies: ["127.0.0.1"],
      listen: { host: "127.0.0.1" },
      mail: { host: "127.0.0.1", port: mail.port, from: FROM },
    };
    await writeFile(file, JSON.stringify(configuration));
    port = await freePort();
    instance = await startInstance({ home: join(root, "home"), port, args: ["--config", file] });
  });
  afterAll(async () => {
    await instance.stop();
    await mail.close();
    await removeFolder(root);
  });

  /** As a proxy on this computer would hand it on. */
  const asked = (path: string, headers: Readonly<Record<string, string>>, method = "GET"): Promise<number> =>
    new Promise((resolve, reject) => {
      const outgoing = request({ host: "127.0.0.1", port, path, method, headers }, (answer) => {
        answer.resume().once("end", () => resolve(answer.statusCode ?? 0));
      });
      outgoing.once("error", reject).end(method === "GET" ? undefined : "{}");
    });

  test("it answers to its public name, and to no other", async () => {
    expect(await asked("/", { host: "files.riverside.example" })).toBe(200);
    expect(await asked("/", { host: `127.0.0.1:${port}` })).toBe(403);
  });

  test("limits are counted for whom the proxy speaks, not for the proxy", async () => {
    const attempt = (from: string) =>
      asked(
        "/api/v1/sessions",
        { host: "files.riverside.example", "x-forwarded-for": from, "content-type": "application/json" },
        "POST",
      );
    const answers = new Set<number>();
    for (let attempts = 0; attempts < 121; attempts++) answers.add(await attempt("198.51.100.7"));
    expect(answers.has(429)).toBe(true);
    expect(await attempt("198.51.100.8")).not.toBe(429);
  });
});
