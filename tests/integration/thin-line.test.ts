/** The main job, once, for real: set up, send, receive, prove, revoke, expire, cap; each with the processes that users run. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  mailedCode,
  type RunningInstance,
  removeFolder,
  runCli,
  setUp,
  sharedData,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";

interface Links {
  readonly transfer: string;
  readonly links: readonly {
    readonly address: string;
    readonly grant: string;
    readonly link: string;
    readonly passcode: string;
  }[];
}

let root: string;
let instance: RunningInstance;
let config: string;
let sample: string;

beforeAll(async () => {
  root = await temporaryFolder();
  config = join(root, "config");
  sample = join(root, "CT_small.dcm");
  const shared = sharedData();
  await writeFile(
    sample,
    shared === null ? Buffer.alloc(39_206, 7) : await readFile(join(shared, "dicom/CT_small.dcm")),
  );
  instance = await startInstance({ home: join(root, "home"), args: ["--expiry-grace", "0"] });
  await setUp(instance, config);
});

afterAll(async () => {
  await instance.stop();
  await removeFolder(root);
});

const send = async (...args: string[]): Promise<Links> => {
  const run = await runCli(
    ["send", sample, "--to", RECIPIENT, "--purpose", "TREAT", "--profile", "downloadable", "--json", ...args],
    { config },
  );
  expect(run.errors).toBe("");
  expect(run.exitCode).toBe(0);
  const sent = run.json as unknown as Links;
  for (const { link, passcode } of sent.links) told.set(link, passcode);
  return sent;
};
const firstLink = ({ links }: Links) => links[0]?.link ?? "";
/** By link; a recipient hears it on the telephone. */
const told = new Map<string, string>();
const receive = async (link: string, out: string, address = RECIPIENT, passcode = told.get(link)) =>
  runCli(["receive", link, "--out", out, "--json"], {
    config: join(root, "stranger"),
    answer: async (prompt) => (prompt.startsWith("Passcode") ? (passcode ?? "") : mailedCode(instance, address)),
  });
const status = async (transfer: string) =>
  (await runCli(["status", transfer, "--json"], { config })).json as never as TransferShape;

interface TransferShape {
  readonly state: string;
  readonly destroyedAt: number | null;
  readonly grants: readonly {
    readonly state: string;
    readonly releases: number;
    readonly receiptAt: number | null;
    readonly destroyedAt: number | null;
  }[];
}

/** Polls within a bound: the sweep runs by itself. */
async function until<Value>(read: () => Promise<Value>, holds: (value: Value) => boolean): Promise<Value> {
  for (let tries = 0; ; tries++) {
    const value = await read();
    if (holds(value) || tries > 200) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe("a file that is sent", () => {
  test("arrives as the same bytes, with a receipt, and the sender sees it", async () => {
    const sent = await send();
    const out = join(root, "out-1");
    const run = await receive(firstLink(sent), out);
    expect(run.exitCode).toBe(0);
    expect(await readFile(join(out, "CT_small.dcm"))).toEqual(await readFile(sample));
    expect(run.json).toMatchObject({ receipt: true });
    const { grants, state } = await status(sent.transfer);
    expect(state).toBe("active");
    expect(grants).toMatchObject([{ state: "used", releases: 1 }]);
    expect(grants[0]?.receiptAt).toBeGreaterThan(0);
  });

  test("stays closed to whoever has link and mailbox and not the passcode, which may come from a file", async () => {
    const sent = await send();
    const file = join(root, "passcode.txt");
    const out = join(root, "out-passcode");
    const words = ["receive", firstLink(sent), "--out", out, "--passcode-file", file, "--json"];
    const again = async (passcode: string) => {
      await writeFile(file, `${passcode}\n`);
      return runCli(words, { config: join(root, "stranger"), answer: () => mailedCode(instance, RECIPIENT) });
    };
    const refused = await again("AAAAA-BCDEF");
    expect(refused.json).toMatchObject({ error: { code: "grant/factor-refused" } });
    expect(refused.exitCode).toBe(4);
    expect(await readdir(out)).toEqual([]);
    expect((await status(sent.transfer)).grants).toMatchObject([{ state: "confirmed", releases: 0 }]);
  });

  test("a second copy does not overwrite the first", async () => {
    const sent = await send();
    const out = join(root, "out-twice");
    await mkdir(out);
    await writeFile(join(out, "CT_small.dcm"), "mine");
    expect((await receive(firstLink(sent), out)).exitCode).toBe(0);
    expect((await readdir(out)).sort()).toEqual(["CT_small (2).dcm", "CT_small.dcm"]);
    expect(await readFile(join(out, "CT_small.dcm"), "utf8")).toBe("mine");
  });

  test("never stands in the data folder, nor does its name, in clear", async () => {
    const marker = `unmistakable-${"0123456789abcdef".repeat(4)}`;
    const path = join(root, "named-after-somebody.txt");
    await writeFile(path, marker.repeat(100));
    const run = await runCli(["send", path, "--to", RECIPIENT, "--purpose", "TREAT", "--public", "--json"], { config });
    expect(run.exitCode).toBe(0);
    for (const entry of await readdir(instance.home, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const bytes = await readFile(join(entry.parentPath, entry.name));
      expect(bytes.includes(marker.slice(0, 24)), entry.name).toBe(false);
      expect(bytes.includes("named-after-somebody"), entry.name).toBe(false);
    }
  });
});

describe("a link that is over", () => {
  const unavailable = async (link: string) => {
    const run = await receive(link, join(root, "out-none"));
    expect(run.json).toMatchObject({ error: { code: "grant/unavailable" } });
    expect(run.exitCode).toBe(3);
  };

  test("is dead after revocation; share and blob are gone and the certificate proves it", async () => {
    const sent = await send();
    const run = await runCli(["revoke", sent.transfer, "--json"], { config });
    expect(run.json).toMatchObject({ state: "destroyed", grants: [{ state: "revoked" }] });
    await unavailable(firstLink(sent));
    const blobs = await readdir(join(instance.home, "blobs"), { recursive: true });
    expect(blobs.filter((path) => path.includes(sent.transfer))).toEqual([]);

    const file = join(root, "certificate.json");
    expect((await runCli(["certificate", sent.transfer, "--out", file], { config })).exitCode).toBe(0);
    const verified = await runCli(["certificate", "verify", file, "--json"], { config });
    const types = (verified.json["entries"] as { event: { type: string } }[]).map(({ event }) => event.type);
    expect(types).toEqual([
      "transfer/drafted",
      "transfer/sealed",
      "grant/added",
      "grant/revoked",
      "transfer/revoked",
      "transfer/destroyed",
    ]);
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace("transfer/destroyed", "transfer/destroyee"));
    expect((await runCli(["certificate", "verify", file, "--json"], { config })).exitCode).toBe(6);
  });

  test("is dead after its end, without anybody doing anything", async () => {
    const sent = await send("--public", "--expires", "1s");
    const after = await until(
      () => status(sent.transfer),
      ({ state }) => state === "destroyed",
    );
    expect(after).toMatchObject({ state: "destroyed", grants: [{ state: "expired" }] });
    await unavailable(firstLink(sent));
  });

  test("opens as often as its cap and not once more", async () => {
    const sent = await send("--cap", "1");
    expect((await receive(firstLink(sent), join(root, "out-capped"))).exitCode).toBe(0);
    await unavailable(firstLink(sent));
    expect((await status(sent.transfer)).grants).toMatchObject([{ state: "capped", releases: 1 }]);
  });

  test("one recipient out leaves the other in", async () => {
    const other = "b.holm@northlake-cardiology.example";
    const sent = await send("--to", other);
    const run = await runCli(["revoke", sent.transfer, "--recipient", RECIPIENT, "--json"], { config });
    expect(run.json).toMatchObject({ state: "active" });
    await unavailable(sent.links.find(({ address }) => address === RECIPIENT)?.link ?? "");
    const link = sent.links.find(({ address }) => address === other)?.link ?? "";
    expect((await receive(link, join(root, "out-other"), other)).exitCode).toBe(0);
  });

  test("looks like one that never was", async () => {
    const sent = await send();
    const link = firstLink(sent).replace(/grt_./, (start) => `${start.slice(0, 4)}${start.endsWith("a") ? "b" : "a"}`);
    await unavailable(link);
  });
});

describe("the log", () => {
  test("verifies as a whole, again after it has grown, and not under another key", async () => {
    const first = await runCli(["log", "verify", "--json"], { config });
    expect(first.json).toMatchObject({ valid: true });
    await send();
    const second = await runCli(["log", "verify", "--json"], { config });
    expect(second.json["size"]).toBeGreaterThan(first.json["size"] as number);
    const otherKey = join(root, "other.vkey");
    await writeFile(otherKey, "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
    expect((await runCli(["log", "verify", "--key", otherKey, "--json"], { config })).exitCode).toBe(6);
  });
});

describe("bad input", () => {
  const refused = async (args: readonly string[], code: string) => {
    const run = await runCli([...args, "--json"], { config, answer: async () => "000000" });
    expect(run.json).toMatchObject({ error: { code } });
    return run;
  };

  test.for<[string, string[], string]>([
    ["no file", ["send", "--to", RECIPIENT, "--purpose", "TREAT"], "envelope/no-files"],
    ["no recipient", ["send", "SAMPLE", "--purpose", "TREAT"], "cli/usage"],
    ["a bad address", ["send", "SAMPLE", "--to", "nobody", "--purpose", "TREAT"], "cli/usage"],
    [
      "the same recipient twice",
      ["send", "SAMPLE", "--to", RECIPIENT, "--to", RECIPIENT.toUpperCase(), "--purpose", "TREAT"],
      "cli/usage",
    ],
    ["no purpose", ["send", "SAMPLE", "--to", RECIPIENT], "cli/usage"],
    ["an unknown purpose", ["send", "SAMPLE", "--to", RECIPIENT, "--purpose", "GOSSIP"], "cli/usage"],
    [
      "a file that is not there",
      ["send", "/nonexistent/file", "--to", RECIPIENT, "--purpose", "TREAT"],
      "cli/unreadable-file",
    ],
    [
      "a life that is too long",
      ["send", "SAMPLE", "--to", RECIPIENT, "--purpose", "TREAT", "--expires", "8d"],
      "cli/usage",
    ],
    ["an unknown transfer", ["status", "trf_aaaaaaaaaaaaaaaaaaaaaaaaaa"], "transfer/unknown"],
    ["something that is no transfer", ["revoke", "../../etc/passwd"], "transfer/unknown"],
    ["half a link", ["receive", "http://localhost:1/r/grt_aaaaaaaaaaaaaaaaaaaaaaaaaa"], "client/bad-link"],
    ["an unknown command", ["sned"], "cli/usage"],
  ])("%s has a stable code", async ([, args, code]) => {
    await refused(
      args.map((word) => (word === "SAMPLE" ? sample : word)),
      code,
    );
  });

  test("an empty file travels too", async () => {
    const path = join(root, "empty.txt");
    await writeFile(path, "");
    const run = await runCli(["send", path, "--to", RECIPIENT, "--purpose", "TREAT", "--public", "--json"], { config });
    const out = join(root, "out-empty");
    expect((await receive(firstLink(run.json as never), out)).exitCode).toBe(0);
    expect(await readFile(join(out, "empty.txt"))).toHaveLength(0);
  });

  test("hostile file names arrive harmless and inside the folder", async () => {
    const folder = join(root, "hostile");
    await mkdir(folder);
    const names = ["..\\..\\evil.txt", "CON.txt", "a\nb.txt", "trailing. ", "\u202Egpj.exe", "same.txt", "SAME.txt"];
    for (const name of names) await writeFile(join(folder, name), name);
    const run = await runCli(["send", folder, "--to", RECIPIENT, "--purpose", "TREAT", "--public", "--json"], {
      config,
    });
    expect(run.exitCode).toBe(0);
    const out = join(root, "out-hostile");
    expect((await receive(firstLink(run.json as never), out)).exitCode).toBe(0);
    expect(await readdir(out)).toHaveLength(1);
    const arrived = await readdir(out, { recursive: true, withFileTypes: true });
    const files = arrived.filter((entry) => entry.isFile());
    expect(files).toHaveLength(names.length);
    for (const { name } of files) expect(name).toMatch(/^[^\p{Cc}\\/:*?"<>|\u202E]*[^. ]$/u);
  });

  test("a wrong code is refused, and a code works once", async () => {
    const sent = await send();
    const wrong = await runCli(["receive", firstLink(sent), "--out", root, "--json"], {
      config,
      answer: async () => "not a code",
    });
    expect(wrong.json).toMatchObject({ error: { code: "request/invalid" } });
    const grant = sent.links[0]?.grant ?? "";
    const code = await mailedCode(instance, RECIPIENT);
    const confirm = () =>
      fetch(`${instance.portal}api/v1/grants/${grant}/confirmations`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ code }),
      });
    expect((await confirm()).status).toBe(201);
    const again = await confirm();
    expect(again.status).toBe(403);
    expect(await again.json()).toMatchObject({ code: "grant/code-refused" });
  });
});
