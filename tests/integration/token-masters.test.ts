/**
 * A whole instance whose key service keeps its master keys in a PKCS#11 token (SoftHSM2): the option of `npm start` reaches the
 * key service, also after that has died, and nothing opens without it.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "@safeconduct/system";
import {
  mailedCode,
  removeFolder,
  runCli,
  type RunningInstance,
  setUp,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fsck } from "../../apps/server/src/fsck/fsck.ts";
import { parseFsckOptions } from "../../apps/server/src/fsck/options.ts";

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
const PIN = "739155";
const MODULE = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so"].find(existsSync);
const works = (command: string) => {
  try {
    execFileSync(command, ["--help"], { stdio: "ignore" });
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ENOENT");
  }
};
const missing =
  MODULE !== undefined && works("softhsm2-util") && works("pkcs11-tool")
    ? null
    : "no SoftHSM2 or no pkcs11-tool (Debian packages softhsm2 and opensc)";

describe.skipIf(missing !== null)(`master keys in a token${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  let root: string;
  let home: string;
  let config: string;
  let master: readonly string[];
  let instance: RunningInstance;

  beforeAll(async () => {
    root = await temporaryFolder();
    [home, config] = [join(root, "home"), join(root, "config")];
    await mkdir(join(root, "tokens"));
    const conf = join(root, "softhsm2.conf");
    await writeFile(conf, `directories.tokendir = ${join(root, "tokens")}\nobjectstore.backend = file\n`);
    process.env["SOFTHSM2_CONF"] = conf;
    const words = ["--init-token", "--free", "--label", "clinic", "--so-pin", "12345678", "--pin", PIN];
    execFileSync("softhsm2-util", words, { stdio: "ignore" });
    await writeFile(join(root, "pin"), `${PIN}\n`);
    master = ["--master", `pkcs11:token=clinic?module-path=${MODULE}&pin-source=file:${join(root, "pin")}`];
    instance = await startInstance({ home, args: master });
    await setUp(instance, config);
  });
  afterAll(async () => {
    await instance?.stop();
    await removeFolder(root);
  });

  const send = async () => {
    const note = join(root, "note.txt");
    await writeFile(note, "Seen on Tuesday.");
    const words = ["send", note, "--to", RECIPIENT, "--purpose", "TREAT", "--public", "--json"];
    const run = await runCli(words, { config });
    expect(run.exitCode, run.errors).toBe(0);
    return run.json as { transfer: string; links: { link: string }[] };
  };
  const receive = (link: string, out: string) =>
    runCli(["receive", link, "--out", join(root, out), "--json"], {
      config: join(root, "stranger"),
      answer: () => mailedCode(instance, RECIPIENT),
    });
  const check = async (...args: readonly string[]) => {
    const said: string[] = [];
    const ports = { clock: systemClock(), log: () => undefined, say: (line: string) => void said.push(line) };
    const { result, findings } = await fsck(ports, parseFsckOptions(["--home", home, ...args]));
    return { result, codes: findings.map(({ code }) => code), said: said.join("") };
  };

  test("a file goes through, its key service may die in between, and a revocation is final", async () => {
    const { transfer, links } = await send();
    const link = links[0]?.link ?? "";
    const died = instance.keyService();
    process.kill(died, "SIGKILL");
    const received = await receive(link, "out");
    expect(received.exitCode, received.errors).toBe(0);
    expect(instance.keyService()).not.toBe(died);
    const revoked = await runCli(["revoke", transfer, "--json"], { config });
    expect(revoked.json).toMatchObject({ state: "destroyed" });
    expect((await receive(link, "out-none")).json).toMatchObject({ error: { code: "grant/unavailable" } });
    // The key that seals the ring is not in the folder: what lies there is sealed by the token's.
    expect(await readdir(join(home, "keys", "masters"))).not.toEqual([]);
  });

  test("nothing starts and nothing is called whole without the token, and with it all is as before", async () => {
    await send();
    expect(await instance.stop()).toBe(0);
    const { port } = instance;
    expect(await check(...master)).toMatchObject({ result: "clean", codes: [] });
    const without = await check();
    expect(without).toMatchObject({ result: "damaged", codes: ["keys/unavailable"] });
    await expect(startInstance({ home, port })).rejects.toThrow(/^exit 65: /);
    await expect(startInstance({ home, port, args: ["--master", "pkcs11:token=clinic"] })).rejects.toThrow(
      /^exit 64: --master needs pkcs11:token=LABEL/,
    );
    instance = await startInstance({ home, port, args: master });
    const { links } = await send();
    expect((await receive(links[0]?.link ?? "", "out-again")).exitCode).toBe(0);
  });

  test("a folder of files does not become one of a token", async () => {
    const files = join(root, "files");
    const begun = await startInstance({ home: files });
    expect(await begun.stop()).toBe(0);
    await expect(startInstance({ home: files, port: begun.port, args: master })).rejects.toThrow(/^exit 65: /);
    const again = await startInstance({ home: files, port: begun.port });
    expect(await again.stop()).toBe(0);
  });
});
