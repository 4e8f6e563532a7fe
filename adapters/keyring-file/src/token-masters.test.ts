/** Master keys in files and in a PKCS#11 token (SoftHSM2): one set of claims for both, and what only a token can promise. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { hexText, utf8Bytes, utf8Text } from "@safeconduct/foundation";
import { DamagedStore, type MasterHolder } from "@safeconduct/keyring";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nodeFileSystem as files } from "./file-system.ts";
import { masterFiles } from "./master-files.ts";
import { RingFolder } from "./ring-folder.ts";
import { parseTokenUri, readTokenAddress } from "./token-address.ts";
import { tokenMasters } from "./token-masters.ts";

const { aead, random } = nodeCrypto();
const MODULE = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so"].find(existsSync);
const works = (command: string) => {
  try {
    execFileSync(command, ["--help"], { stdio: "ignore" });
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ENOENT");
  }
};
const missing = MODULE === undefined || !works("softhsm2-util") || !works("pkcs11-tool");
const PIN = "739155";
const token = { module: MODULE ?? "", label: "safeconduct", pin: PIN };

let root: string;
let folders = 0;
const freshFolder = async () => {
  const folder = join(root, `masters-${(folders += 1)}`);
  await mkdir(folder);
  return folder;
};

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "token-"));
  if (missing) return;
  const tokens = join(root, "tokens");
  await mkdir(tokens);
  await writeFile(
    join(root, "softhsm2.conf"),
    `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`,
  );
  process.env["SOFTHSM2_CONF"] = join(root, "softhsm2.conf");
  execFileSync(
    "softhsm2-util",
    ["--init-token", "--free", "--label", token.label, "--so-pin", "12345678", "--pin", PIN],
    {
      stdio: "ignore",
    },
  );
});
afterAll(() => rm(root, { recursive: true, force: true }));

const plaintext = utf8Bytes("the ring");
const iv = new Uint8Array(12);
const aad = new Uint8Array(0);

function masterSuite(name: string, holder: (folder: string) => MasterHolder): void {
  describe(`master keys ${name}`, () => {
    // One token serves all folders: generations of their own keep the tests apart.
    let first = (folders + 1) * 1000 + (name.length % 7) * 100_000;
    const next = () => (first += 10);

    it("opens what it sealed, in a later process too, and nothing of another generation", async () => {
      const [folder, generation] = [await freshFolder(), next()];
      const key = await holder(folder).create(generation);
      const ciphertext = await key.seal({ iv, plaintext, aad });
      const again = await holder(folder).open(generation);
      expect(await again?.open({ iv, ciphertext, aad })).toEqual(plaintext);
      const other = await holder(folder).create(generation + 1);
      expect(await other.open({ iv, ciphertext, aad })).toBeNull();
      expect([...(await holder(folder).generations())]).toEqual(expect.arrayContaining([generation, generation + 1]));
      for (const each of [generation, generation + 1]) await holder(folder).destroy(each);
    });

    it("has none that was never made or is destroyed, and destroys twice", async () => {
      const [folder, generation] = [await freshFolder(), next()];
      expect(await holder(folder).open(generation)).toBeNull();
      await holder(folder).create(generation);
      for (let time = 0; time < 2; time++) await holder(folder).destroy(generation);
      expect(await holder(folder).open(generation)).toBeNull();
      expect(await holder(folder).generations()).not.toContain(generation);
    });

    it("makes another key where an interrupted attempt had left one", async () => {
      const [folder, generation] = [await freshFolder(), next()];
      const left = await holder(folder).create(generation);
      const ciphertext = await left.seal({ iv, plaintext, aad });
      const fresh = await holder(folder).create(generation);
      expect(await fresh.open({ iv, ciphertext, aad })).toBeNull();
      await holder(folder).destroy(generation);
    });
  });
}

masterSuite("in files", (folder) => masterFiles({ files, aead, random }, folder));

const why = missing ? " (skipped: softhsm2 or opensc is not installed)" : "";
describe.skipIf(missing)(`a PKCS#11 token${why}`, () => {
  masterSuite("in a token", (folder) => tokenMasters({ files, aead, random }, folder, token));

  it("once destroyed open no copy of folder and ring, however old", async () => {
    const home = await freshFolder();
    await mkdir(join(home, "masters"));
    const open = (folder: string) =>
      new RingFolder(
        { files, masters: tokenMasters({ files, aead, random }, join(folder, "masters"), token), random },
        folder,
      );
    const store = open(home);
    await store.open();
    await store.replaceRing(utf8Bytes("with the share"));
    const copy = join(root, "copy");
    await cp(home, copy, { recursive: true });
    const before = open(copy);
    expect(utf8Text((await before.open()).ring)).toBe("with the share");
    await before.close();
    await store.replaceRing(utf8Bytes("without it"));
    await expect(open(copy).open()).rejects.toThrow(DamagedStore);
    await store.close();
    const reopened = open(home);
    expect(utf8Text((await reopened.open()).ring)).toBe("without it");
    await reopened.close();
  });

  it("stand in the token as objects that can never be extracted, and nowhere in the folder in clear", async () => {
    const folder = await freshFolder();
    const drawn: Uint8Array[] = [];
    const watched = {
      bytes: (length: number) => {
        const bytes = random.bytes(length);
        drawn.push(bytes.slice());
        return bytes;
      },
    };
    await tokenMasters({ files, aead, random: watched }, folder, token).create(77_777);
    const listed = execFileSync(
      "pkcs11-tool",
      [
        "--module",
        token.module,
        "--token-label",
        token.label,
        "--login",
        "--pin",
        PIN,
        "--list-objects",
        "--type",
        "secrkey",
      ],
      { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
    );
    expect(listed).toMatch(
      /label: +safeconduct-master-77777\n.*\n.*\n.*sensitive, always sensitive, never extractable, local/,
    );
    const [dataKey] = drawn;
    expect(dataKey).toHaveLength(32);
    for (const name of await readdir(folder)) {
      const stored = await readFile(join(folder, name));
      expect(hexText(stored)).not.toContain(hexText(dataKey ?? new Uint8Array(0)));
    }
  });

  it.each([
    ["a wrong PIN", { ...token, pin: "000000" }],
    ["another token", { ...token, label: "elsewhere" }],
    ["no module", { ...token, module: "/nonexistent.so" }],
  ])("are refused with %s", async (_what, wrong) => {
    const holder = tokenMasters({ files, aead, random }, await freshFolder(), wrong);
    await expect(holder.create(88_888)).rejects.toThrow(DamagedStore);
  });

  it("are refused with a data key that was cut", async () => {
    const folder = await freshFolder();
    await tokenMasters({ files, aead, random }, folder, token).create(99_999);
    await writeFile(join(folder, "wrapped-99999"), new Uint8Array(47));
    await expect(tokenMasters({ files, aead, random }, folder, token).open(99_999)).rejects.toThrow(DamagedStore);
  });
});

describe("a token's address", () => {
  it("is a URI of RFC 7512 with its PIN in a file", async () => {
    const pinFile = join(root, "pin");
    await writeFile(pinFile, `${PIN}\n`);
    const uri = parseTokenUri(`pkcs11:token=our%20token?module-path=/usr/lib/p11.so&pin-source=file:${pinFile}`);
    expect(uri).toEqual({ module: "/usr/lib/p11.so", label: "our token", pinFile });
    expect(uri && (await readTokenAddress(uri)).pin).toBe(PIN);
  });

  it.each([
    "",
    "pkcs11:",
    "pkcs11:token=a",
    "pkcs11:token=a?module-path=/m",
    "pkcs11:token=a?module-path=/m&pin-value=1234",
    "pkcs11:token=a?module-path=/m&pin-source=file:/p&pin-value=1234",
    "pkcs11:token=a;token=b?module-path=/m&pin-source=file:/p",
    "pkcs11:token=a?module-path=m&pin-source=file:/p",
    "pkcs11:token=a?module-path=/m&pin-source=|cat",
    "pkcs11:token=?module-path=/m&pin-source=file:/p",
    "pkcs11:token=%ff?module-path=/m&pin-source=file:/p",
    "pkcs11:token=%00?module-path=/m&pin-source=file:/p",
    "file:token=a?module-path=/m&pin-source=file:/p",
  ])("is not %j", (text) => {
    expect(parseTokenUri(text)).toBeNull();
  });
});
