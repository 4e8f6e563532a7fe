/**
 * `npm run bench -- cli`: a file of 1 GiB sent and received by the real command line through a real instance, beside two
 * runs of `scp` over loopback, in turn; then what the work consists of, each piece alone. Medians of wall seconds.
 */
import { spawnSync } from "node:child_process";
import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, rm } from "node:fs/promises";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { FloeEncryptor, SEGMENT_OVERHEAD_BYTES, SEGMENT_PLAINTEXT_BYTES } from "@safeconduct/envelope";
import {
  cpuSeconds,
  mailedCode,
  removeFolder,
  runCli,
  type RunningInstance,
  setUp,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import { type ScpPeer, startScpPeer } from "./peers/scp.ts";
import type { Bench, BenchReport } from "./report.ts";

const GIBIBYTE = 2 ** 30;
const MEBIBYTE = 2 ** 20;
const PART_BYTES = 8 * MEBIBYTE;
const ROUNDS = 5;
const ANCHOR = "scp there and back";
const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
const LOOK_EVERY_MS = 20;

export const bench: Bench = {
  name: "cli",
  title: "1 GiB sent and received by the command line",
  async run(report) {
    const root = await temporaryFolder();
    const scp = await startScpPeer();
    if (scp === null) report.note("scp: OpenSSH is not installed, no rows");
    const instance = await startInstance({ home: join(root, "home") });
    try {
      await setUp(instance, join(root, "config"));
      await writeRandom(join(root, "study.bin"));
      await rounds(report, { root, instance, scp });
      await pieces(report, root);
      report.note(
        `wall seconds are medians of ${ROUNDS} rounds in turn; dirty pages are written out before each command.`,
      );
      report.note("scp leaves its copies in the page cache; every part and every received file here is on the disk.");
    } finally {
      scp?.stop();
      await instance.stop();
      await removeFolder(root);
    }
  },
};

interface Scene {
  readonly root: string;
  readonly instance: RunningInstance;
  readonly scp: ScpPeer | null;
}

async function rounds(report: BenchReport, scene: Scene): Promise<void> {
  const seen = new Map<string, number[]>();
  const note = (name: string, value: number) => seen.set(name, [...(seen.get(name) ?? []), value]);
  for (let round = 0; round < ROUNDS; round++) {
    if (scene.scp !== null) scpRound(scene.root, scene.scp, note);
    await cliRound(scene, note);
  }
  const total = (...names: string[]) =>
    median(
      Array.from({ length: ROUNDS }, (_, round) =>
        names.reduce((sum, name) => sum + (seen.get(name)?.[round] ?? 0), 0),
      ),
    );
  const anchor = scene.scp === null ? {} : { ratioTo: ANCHOR };
  if (scene.scp !== null) report.row({ name: ANCHOR, value: total("scp up", "scp down"), unit: "s" });
  report.row({ name: "send and receive", value: total("send", "receive"), unit: "s", ...anchor });
  for (const [name, values] of seen)
    report.row({ name: `  ${name}`, value: median(values), unit: name.includes("CPU") ? "CPU s" : "s" });
}

type Note = (name: string, value: number) => void;

function scpRound(root: string, scp: ScpPeer, note: Note): void {
  const back = join(root, "back.bin");
  note(
    "scp up",
    timed(() => scp.upload(join(root, "study.bin"), "study.bin")),
  );
  note(
    "scp down",
    timed(() => scp.download("study.bin", back)),
  );
  spawnSync("rm", [back]);
}

async function cliRound({ root, instance }: Scene, note: Note): Promise<void> {
  const server = () => cpuSeconds(instance.process.pid ?? 0);
  const step = async (
    name: string,
    run: (watch: (process: { pid?: number | undefined; exitCode: number | null }) => void) => Promise<void>,
  ) => {
    spawnSync("sync");
    let cpu = 0;
    const before = server();
    const start = performance.now();
    await run((process) => {
      const timer = setInterval(() => {
        if (process.exitCode !== null) clearInterval(timer);
        else cpu = Math.max(cpu, cpuSeconds(process.pid ?? 0));
      }, LOOK_EVERY_MS);
    });
    note(name, (performance.now() - start) / 1000);
    note(`${name}: CPU of the command`, cpu);
    note(`${name}: CPU of the server`, server() - before);
  };
  let own = { link: "", passcode: "" };
  await step("send", async (onStart) => {
    const run = await runCli(
      ["send", join(root, "study.bin"), "--to", RECIPIENT, "--purpose", "TREAT", "--public", "--json"],
      {
        config: join(root, "config"),
        onStart,
      },
    );
    if (run.exitCode !== 0) throw new Error(`send ended with ${run.exitCode}: ${run.errors}`);
    own = (run.json as { links: (typeof own)[] }).links[0] ?? own;
  });
  const out = join(root, "out");
  await step("receive", async (onStart) => {
    const run = await runCli(["receive", own.link, "--out", out, "--json"], {
      config: join(root, "stranger"),
      answer: async (prompt) => (prompt.startsWith("Passcode") ? own.passcode : mailedCode(instance, RECIPIENT)),
      onStart,
    });
    if (run.exitCode !== 0) throw new Error(`receive ended with ${run.exitCode}: ${run.errors}`);
  });
  await rm(out, { recursive: true });
}

/** What the work consists of, each piece alone on an idle computer. */
async function pieces(report: BenchReport, root: string): Promise<void> {
  const piece = new Uint8Array(randomBytes(SEGMENT_PLAINTEXT_BYTES));
  const row = (name: string, value: number) => report.row({ name: `alone: ${name}`, value, unit: "s" });
  row(
    "SHA-256 once over all (sender, server, recipient, and what it wrote: four)",
    await timedLater(async () => {
      const hash = createHash("sha256");
      for (let done = 0; done < GIBIBYTE; done += piece.length) hash.update(piece);
      hash.digest();
    }),
  );
  row(
    "FLOE once over all (sender and recipient: two)",
    await timedLater(async () => {
      const crypto = nodeCrypto();
      const encryptor = await FloeEncryptor.start(crypto, { key: randomBytes(32).subarray(), aad: new Uint8Array(80) });
      const target = new Uint8Array(piece.length + SEGMENT_OVERHEAD_BYTES);
      for (let done = 0; done < GIBIBYTE; done += piece.length) await encryptor.encryptSegment(piece, target);
    }),
  );
  row(
    "reading the file",
    await timedLater(async () => {
      for await (const _ of createReadStream(join(root, "study.bin"), { highWaterMark: MEBIBYTE }));
    }),
  );
  row("writing parts of 8 MiB, fsync each", await timedLater(() => writeParts(join(root, "parts"))));
  row("bare node:http over loopback, bodies of 8 MiB", await timedLater(() => bareHttp()));
}

async function writeParts(folder: string): Promise<void> {
  await mkdir(folder);
  const part = randomBytes(PART_BYTES);
  for (let number = 0; number < GIBIBYTE / PART_BYTES; number++) {
    const handle = await open(join(folder, `${number}`), "wx");
    await handle.write(part);
    await handle.sync();
    await handle.close();
  }
  await rm(folder, { recursive: true });
}

/** Both ends in this process, one after the other: their sum. */
async function bareHttp(): Promise<void> {
  const server = createServer((incoming, answer) => {
    incoming.resume().once("end", () => answer.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const part = randomBytes(PART_BYTES);
  for (let number = 0; number < GIBIBYTE / PART_BYTES; number++) {
    await new Promise<void>((resolve, reject) => {
      request({ port, host: "127.0.0.1", method: "PUT", headers: { "content-length": part.length } }, (response) => {
        response.resume().once("end", resolve);
      })
        .once("error", reject)
        .end(part);
    });
  }
  server.closeAllConnections();
  server.close();
}

function timed(work: () => void): number {
  spawnSync("sync");
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

async function timedLater(work: () => Promise<void>): Promise<number> {
  spawnSync("sync");
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Bytes that nothing can compress, cheaply: AES-CTR over zeros. */
async function writeRandom(path: string): Promise<void> {
  const cipher = createCipheriv("aes-128-ctr", randomBytes(16), randomBytes(16));
  const zeros = Buffer.alloc(PART_BYTES);
  const handle = await open(path, "wx");
  for (let written = 0; written < GIBIBYTE; written += zeros.length) await handle.writeFile(cipher.update(zeros));
  await handle.close();
}
