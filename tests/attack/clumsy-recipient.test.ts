/** The command line against a server that lies on the wire, a full disk and a person who changes their mind. */
import { spawnSync } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import {
  mailedCode,
  peakMemoryBytes,
  processFactsMissing,
  removeFolder,
  runCli,
  type RunningInstance,
  setUp,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
const PART = 3 * 1024 * 1024;

/** Why there can be no small disk of one's own here, or null. */
const missing =
  process.platform !== "linux" || process.getuid?.() !== 0 ? "mounting a tmpfs needs Linux and root" : null;
const skipped = missing === null ? "" : ` (skipped: ${missing})`;

let root: string;
let config: string;
let stranger: string;
let instance: RunningInstance;
beforeAll(async () => {
  root = await temporaryFolder();
  config = join(root, "config");
  stranger = join(root, "stranger");
  instance = await startInstance({ home: join(root, "home") });
  await setUp(instance, config);
  await mkdir(join(root, "set"));
  for (const name of ["a.bin", "b.bin", "c.bin"]) await writeFile(join(root, "set", name), Buffer.alloc(PART, name));
});
afterAll(async () => {
  await instance.stop();
  await removeFolder(root);
});

async function sendSet(): Promise<string> {
  const words = ["send", join(root, "set"), "--to", RECIPIENT, "--purpose", "TREAT", "--public", "--json"];
  const run = await runCli(words, { config });
  expect(run.exitCode, run.errors).toBe(0);
  return (run.json as { links: { link: string }[] }).links[0]?.link ?? "";
}
const answer = () => mailedCode(instance, RECIPIENT);
const names = async (folder: string) => (await readdir(folder, { recursive: true })).sort();

describe("a recipient", () => {
  test("who mistypes the code three times still gets in with the right one", async () => {
    const out = join(root, "out-mistyped");
    let tries = 0;
    const run = await runCli(["receive", await sendSet(), "--out", out, "--json"], {
      config: stranger,
      answer: async () => {
        const code = await answer();
        return ++tries <= 3 ? String((Number(code) + tries) % 1_000_000).padStart(6, "0") : code;
      },
    });
    expect(run.exitCode, run.errors).toBe(0);
    expect(await names(out)).toEqual(["set", "set/a.bin", "set/b.bin", "set/c.bin"]);
  });

  test("who gives the link by hand shows it to no process list", async () => {
    const link = await sendSet();
    const commandLines: string[] = [];
    const run = await runCli(["receive", "--out", join(root, "out-typed"), "--json"], {
      config: stranger,
      answer: async (prompt) => (prompt.startsWith("Link") ? link : answer()),
      onStart: ({ pid }) => {
        const shown =
          processFactsMissing() === null ? spawnSync("cat", [`/proc/${pid}/cmdline`], { encoding: "utf8" }).stdout : "";
        commandLines.push(shown);
      },
    });
    expect(run.exitCode, run.errors).toBe(0);
    expect(commandLines.join()).not.toContain(link.slice(-20));
    expect(run.errors).not.toContain(link.slice(-20));
  });

  test("who presses Ctrl-C at the question is let go at once, and comes back with the code of before", async () => {
    const link = await sendSet();
    const out = join(root, "out-stopped");
    let stop = () => {};
    const stopped = await runCli(["receive", link, "--out", out], {
      config: stranger,
      onStart: (child) => {
        stop = () => child.kill("SIGINT");
      },
      answer: () => {
        stop();
        return new Promise<string>(() => undefined);
      },
    });
    expect(stopped.exitCode).toBe(130);
    expect(stopped.errors).toMatch(/Stopped\..*The link still works/);
    expect(await names(out)).toEqual([]);
    const again = await runCli(["receive", link, "--out", out, "--json"], { config: stranger, answer });
    expect(again.exitCode, again.errors).toBe(0);
  });

  test("who chose a file as the folder is told before a code is mailed", async () => {
    const link = await sendSet();
    const run = await runCli(["receive", link, "--out", join(root, "set/a.bin"), "--json"], {
      config: stranger,
      answer,
    });
    expect(run.json).toMatchObject({ error: { code: "cli/unwritable-folder" } });
    expect(run.errors).not.toContain("A code is on its way");
  });

  test.skipIf(missing !== null)(`whose disk is full keeps whole files only${skipped}`, async () => {
    const link = await sendSet();
    const out = join(root, "small");
    await mkdir(out);
    mount(out, "4m");
    try {
      const full = await runCli(["receive", link, "--out", out, "--json"], { config: stranger, answer });
      expect(full.json).toMatchObject({ error: { code: "cli/unwritable-folder" } });
      expect(full.exitCode).toBe(7);
      expect(await names(out)).toEqual(["set", "set/a.bin"]);
      expect(await readFile(join(out, "set/a.bin"))).toHaveLength(PART);
    } finally {
      spawnSync("umount", [out]);
    }
  });
});

describe("a server that lies on the wire", () => {
  async function against(listener: RequestListener): Promise<{ code: string; peakBytes: number; errors: string }> {
    const server: Server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const fragment = Buffer.concat([Buffer.of(1), Buffer.alloc(64, 7)]).toString("base64url");
    let peakBytes = 0;
    const watching = {
      pid: 0,
      timer: setInterval(() => (peakBytes = Math.max(peakBytes, peakMemoryBytes(watching.pid))), 20),
    };
    const run = await runCli(
      [
        "receive",
        `http://127.0.0.1:${port}/r/grt_${"a".repeat(26)}#${fragment}`,
        "--out",
        join(root, "lies"),
        "--json",
      ],
      {
        config: stranger,
        answer: async () => "000000",
        onStart: ({ pid }) => (watching.pid = pid ?? 0),
      },
    );
    clearInterval(watching.timer);
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
    return { code: (run.json as { error: { code: string } }).error.code, peakBytes, errors: run.errors };
  }
  const json = { "content-type": "application/json" };

  test("an answer without end fills no memory", async () => {
    const { code, peakBytes } = await against((_request, response) => {
      response.writeHead(200, json);
      response.on("error", () => undefined);
      const more = () => {
        while (!response.destroyed && response.write("[".repeat(1 << 20)));
      };
      response.on("drain", more);
      more();
    });
    expect(code).toBe("http/unreadable");
    expect(peakBytes).toBeLessThan(400 * 1024 * 1024);
  });

  test("a promise of terabytes, a redirect, depth and other shapes are refused in words", async () => {
    const lies: RequestListener[] = [
      (_request, response) => response.writeHead(200, { ...json, "content-length": "9999999999999" }).end("{"),
      (_request, response) => response.writeHead(307, { location: "http://127.0.0.1:9/" }).end(),
      (_request, response) => response.writeHead(200, json).end(`${'{"a":'.repeat(200_000)}1${"}".repeat(200_000)}`),
      (_request, response) => response.writeHead(200, json).end('{"organisation":["x"]}'),
      (_request, response) => response.writeHead(500, json).end('{"code":7}'),
      (_request, response) => void response.socket?.destroy(),
    ];
    for (const lie of lies) expect((await against(lie)).code).toMatch(/^http\/(unreadable|unreachable)$/);
  });

  test("its words cannot steer the terminal", async () => {
    const { errors } = await against((_request, response) =>
      response.writeHead(404, json).end(
        JSON.stringify({
          type: "x",
          title: "\u001b[2J\u001b]0;x\u0007Pay here",
          status: 404,
          code: "grant/unavailable",
        }),
      ),
    );
    expect(errors).toContain("Pay here");
    expect(errors).not.toContain("\u001b");
  });
});

function mount(folder: string, size: string): void {
  const made = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder], { encoding: "utf8" });
  if (made.status !== 0) throw new Error(made.stderr);
}
