import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import { ConfigurationError, readConfiguration } from "./read-configuration.ts";

const NOW = Date.parse("2026-11-22T00:00:00Z");
const ADDRESS = "https://files.northlake.example";
const MAIL = { host: "mail.northlake.example", from: "records@northlake.example" };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "configuration-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function written(name: string, content: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}
const read = (content: unknown) =>
  readConfiguration(written("safeconduct.json", typeof content === "string" ? content : JSON.stringify(content)), NOW);
const problemsOf = async (content: unknown): Promise<readonly string[]> => {
  const refused = await read(content).then(
    () => null,
    (error: unknown) => error,
  );
  if (refused === null) return [];
  expect(refused).toBeInstanceOf(ConfigurationError);
  return (refused as ConfigurationError).problems;
};

describe("a configuration", () => {
  it("without a word in it is an evaluation instance with every default", async () => {
    expect(await read({})).toEqual({
      address: null,
      host: null,
      port: null,
      tls: null,
      proxies: null,
      mail: null,
      postgres: null,
      home: null,
      expiryGraceMs: null,
      quotaBytes: null,
      language: null,
      master: null,
      witnessFile: null,
      warnings: [],
    });
  });

  it("behind a proxy, with mail and PostgreSQL, names files from its own folder and takes secrets out of them", async () => {
    mkdirSync(join(folder, "secrets"));
    written("secrets/mail", "hunter\n");
    written("secrets/database", "an other\r\n");
    written("authority.pem", "a certificate", 0o644);
    written("witnesses", "a policy", 0o644);
    const settings = await read({
      address: ADDRESS,
      listen: { port: 8080 },
      proxies: ["10.1.0.0/16", "::1"],
      mail: { ...MAIL, user: "records", passwordFile: "secrets/mail" },
      postgres: {
        host: "database.northlake.example",
        user: "safeconduct",
        database: "safeconduct",
        passwordFile: "secrets/database",
        authorityFile: "authority.pem",
      },
      home: "data",
      expiryGraceSeconds: 60,
      quotaGib: 2,
      witnessFile: "witnesses",
    });
    expect(settings).toMatchObject({
      address: ADDRESS,
      port: 8080,
      proxies: ["10.1.0.0/16", "::1"],
      mail: { port: 587, secure: false, login: { user: "records", password: "hunter" } },
      postgres: { port: 5432, password: "an other", tlsAuthority: "a certificate" },
      home: join(folder, "data"),
      expiryGraceMs: 60_000,
      quotaBytes: 2 ** 31,
      witnessFile: join(folder, "witnesses"),
    });
  });

  it("tells everything that is wrong at once, and no secret with it", async () => {
    written("password", "hunter", 0o644);
    const problems = await problemsOf({
      address: "http://files.northlake.example/",
      listen: { port: 70_000 },
      tls: { certificateFile: "missing.pem", keyFile: "" },
      mail: { host: "", from: "records", passwordFile: "password" },
      postgres: "yes",
      qoutaGib: 5,
    });
    expect(problems.map((problem) => problem.slice(0, problem.indexOf(":")))).toEqual(
      expect.arrayContaining([
        "address",
        "listen.port",
        "tls.keyFile",
        "tls.certificateFile",
        "mail.host",
        "mail.from",
        "mail.passwordFile",
        "postgres",
        "qoutaGib",
      ]),
    );
    expect(problems.join("\n")).toContain(`chmod 600 ${join(folder, "password")}`);
    expect(problems.join("\n")).toContain("missing.pem is not there");
    expect(problems.join("\n")).not.toContain("hunter");
  });
});

test.for([
  ["", "the file itself: "],
  ["{", "the file itself: not JSON"],
  ['{\n"home": "x",\n}', "the file itself: not JSON, see line 3"],
  ["[]", "the file itself: "],
  [{ address: ADDRESS }, "address: needs either tls"],
  [{ address: ADDRESS, proxies: ["::1"] }, "mail: is needed"],
  [{ address: `${ADDRESS}/portal`, proxies: ["::1"], mail: MAIL }, "address: "],
  [{ address: ADDRESS, proxies: [], mail: MAIL }, "proxies: "],
  [{ address: ADDRESS, proxies: ["proxy.example"], mail: MAIL }, "proxies.0: "],
  [{ proxies: ["::1"] }, "proxies: needs an address"],
  [{ listen: { host: "0.0.0.0" } }, "listen.host: an evaluation instance"],
  [{ mail: { ...MAIL, user: "records" } }, "mail: user and passwordFile go together"],
  [{ mail: { ...MAIL, security: "none" } }, "mail.security: "],
  [{ postgres: { host: "db.example", user: "u", database: "d" } }, "postgres.authorityFile: is needed"],
  [{ expiryGraceSeconds: 1.5 }, "expiryGraceSeconds: "],
  [{ expiryGraceSeconds: 2_592_001 }, "expiryGraceSeconds: "],
  [{ master: "keys/master" }, "master: "],
  [{ quotaGib: -1 }, "quotaGib: "],
  [{ language: "de" }, "language: "],
  [{ language: "ES" }, "language: "],
  [{ language: null }, "language: "],
] as const)("%j is refused with words that begin %j", async ([content, beginning]) => {
  expect(await problemsOf(content)).toContainEqual(expect.stringMatching(new RegExp(`^${beginning}`)));
});

test("a certificate file without a certificate in it, and a key that is none, are told apart", async () => {
  written("certificate.pem", "words", 0o644);
  written("key.pem", "words");
  const tls = { certificateFile: "certificate.pem", keyFile: "key.pem" };
  expect(await problemsOf({ address: ADDRESS, tls, mail: MAIL })).toEqual([
    "tls.certificateFile: not a certificate in PEM form, the server's own first",
    "tls.keyFile: not a private key in PEM form without a passphrase",
  ]);
});

test("a database on this computer needs no certificate", async () => {
  for (const host of ["localhost", "127.0.0.1", "::1", "/run/postgresql"])
    expect(await problemsOf({ postgres: { host, user: "u", database: "d" } })).toEqual([]);
});
