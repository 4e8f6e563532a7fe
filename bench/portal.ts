/**
 * `npm run bench -- portal`: the browser at full size. A file of 1 GiB (BENCH_MIB changes it) through the Send page and back to the disk,
 * beside the same file sent and fetched as it is by the same Chromium to and from a bare server, in turn; both uploads over a line of 1 Gbit/s;
 * the memory of the page and its longest task meanwhile; the first load of the recipient's page and the first picture of a DICOM file. No
 * debugger is attached while anything is measured.
 */
import { spawn, spawnSync } from "node:child_process";
import { createCipheriv, randomBytes } from "node:crypto";
import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  cpuSeconds,
  type RunningInstance,
  removeFolder,
  sharedData,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import {
  becomeSender,
  downloaded,
  openList,
  prepareSending,
  SENT,
  sha256Of,
  shownLink,
  viewed,
} from "../tests/e2e/large-files.ts";
import { chromiumPath } from "../tests/e2e/portal-browser.ts";
import { type PeakBytes, type Press, type QuietChromium, startQuietChromium } from "../tests/e2e/quiet-chromium.ts";
import type { Bench, BenchReport } from "./report.ts";

const MEBIBYTE = 2 ** 20;
const SIZE_BYTES = Number(process.env["BENCH_MIB"] ?? 1024) * MEBIBYTE;
const ROUNDS = Number(process.env["BENCH_ROUNDS"] ?? 3);
const CHUNK_BYTES = 8 * MEBIBYTE;
const LIMIT_MS = 5 * 60_000;
const VISITS = 3;
const PLAIN_SERVER = fileURLToPath(new URL("peers/plain-server.mjs", import.meta.url));
const LINE = fileURLToPath(new URL("peers/line.mjs", import.meta.url));
/** The fastest that reaches a desk in most hospitals. */
const LINE_MBIT = 1000;
const PICTURES = ["CT_small.dcm", "MR_small.dcm", "MR_small_jp2klossless.dcm", "examples_ybr_color.dcm"];
const PLAIN_UP: Press = { button: "Upload", until: { selector: "#state", text: "arrived" } };
const PLAIN_DOWN: Press = { button: "Download", until: { selector: "#state", text: "asked for" } };

export const bench: Bench = {
  name: "portal",
  title: `The browser: ${SIZE_BYTES / MEBIBYTE} MiB through the Send page and back, first load, first picture`,
  async run(report) {
    const executable = chromiumPath();
    if (executable === null) throw new Error("Chromium is not on the PATH");
    const root = await temporaryFolder();
    const instance = await startInstance({ home: join(root, "home") });
    const plain = await startPeer(PLAIN_SERVER, [await madeFolder(join(root, "plain"))]);
    const browser = (name: string) => startQuietChromium(executable, join(root, name));
    const [sender, recipient, peer] = [await browser("sender"), await browser("recipient"), await browser("peer")];
    try {
      await writeRandom(join(root, "study.bin"));
      await writeRandom(join(root, "plain/plain.bin"));
      await sender.steps((page) => becomeSender(page, instance));
      const scene = { root, instance, plain, sender, recipient, peer };
      await rounds(report, scene);
      await overALine(report, executable, root);
      await firstLoad(report, scene);
      await firstPictures(report, scene);
      report.note(
        `Wall seconds are medians of ${ROUNDS} rounds in turn, from the press to the links or to the whole file on the disk.`,
      );
      report.note(
        "The file is declared public, so no passcode is hashed. Memory: RssAnon and RssShmem of the process, in 10^6 bytes.",
      );
      report.note(
        "performance.measureUserAgentSpecificMemory needs a page that is isolated across origins; ours are not, so /proc alone tells.",
      );
    } finally {
      for (const each of [sender, recipient, peer]) await each.close();
      plain.stop();
      await instance.stop();
      await removeFolder(root);
    }
  },
};

interface Scene {
  readonly root: string;
  readonly instance: RunningInstance;
  readonly plain: { readonly origin: string };
  readonly sender: QuietChromium;
  readonly recipient: QuietChromium;
  readonly peer: QuietChromium;
}

async function rounds(report: BenchReport, scene: Scene): Promise<void> {
  const seen = new Map<string, number[]>();
  const note = (name: string, value: number) => seen.set(name, [...(seen.get(name) ?? []), value]);
  for (let round = 0; round < ROUNDS; round++) {
    await plainRound(scene, note);
    await encryptedRound(scene, note, round);
  }
  const of = (name: string, pick: (values: readonly number[]) => number = median) => pick(seen.get(name) ?? []);
  for (const way of ["upload", "download"]) {
    report.row({ name: `plain ${way}`, value: megabytesPerSecond(of(`plain ${way}`)), unit: "MB/s" });
    const name = `encrypted ${way}`;
    report.row({ name, value: megabytesPerSecond(of(name)), unit: "MB/s", ratioTo: `plain ${way}` });
    report.row({ name: `  ${way}, seconds`, value: of(name), unit: "s" });
    report.row({ name: `  ${way}, CPU of the server`, value: of(`${way} server`), unit: "CPU s" });
    report.row({ name: `  ${way}, longest task of the page`, value: of(`${way} task`, largest), unit: "ms" });
    for (const kind of KINDS)
      report.row({ name: `  ${way}, memory of the ${kind}`, value: of(`${way} ${kind}`, largest), unit: "MB" });
  }
  report.note("A task of less than 50 ms is not long and counts as 0.");
}

const KINDS = ["page", "browser", "network"] as const;
type Note = (name: string, value: number) => void;

async function plainUpload({ root, plain, peer }: Pick<Scene, "root" | "plain" | "peer">): Promise<number> {
  await peer.open(plain.origin, "plain");
  await peer.steps((page) => page.locator("#file").setInputFiles(join(root, "study.bin")));
  spawnSync("sync");
  const { doneAt, pressedAt } = await peer.press(PLAIN_UP, LIMIT_MS);
  return (doneAt - pressedAt) / 1000;
}

/** The same two uploads through a line, with an instance and browsers of their own: what a person at a desk waits for. */
async function overALine(report: BenchReport, executable: string, root: string): Promise<void> {
  const line = await startPeer(LINE, [String(LINE_MBIT)]);
  const plain = await startPeer(PLAIN_SERVER, [await madeFolder(join(root, "line-plain"))]);
  const instance = await startInstance({ home: join(root, "line-home") });
  const flags = [`--proxy-server=socks5://127.0.0.1:${line.port}`, "--proxy-bypass-list=<-loopback>"];
  const browser = (name: string) => startQuietChromium(executable, join(root, name), flags);
  const [sender, peer] = [await browser("line-sender"), await browser("line-peer")];
  const seen: { plain: number[]; encrypted: number[] } = { plain: [], encrypted: [] };
  try {
    await sender.steps((page) => becomeSender(page, instance));
    for (let round = 0; round < ROUNDS; round++) {
      seen.plain.push(await plainUpload({ root, plain: { origin: plain.origin }, peer }));
      const files = [join(root, "study.bin")];
      await sender.steps((page) =>
        prepareSending(page, instance, { files, recipient: `l${round}@northlake-cardiology.example` }),
      );
      spawnSync("sync");
      const { doneAt, pressedAt } = await sender.press(SENT, LIMIT_MS);
      seen.encrypted.push((doneAt - pressedAt) / 1000);
      await sender.steps(shownLink);
    }
  } finally {
    for (const each of [sender, peer]) await each.close();
    await instance.stop();
    plain.stop();
    line.stop();
  }
  const name = `plain upload, line of ${LINE_MBIT} Mbit/s`;
  report.row({ name, value: megabytesPerSecond(median(seen.plain)), unit: "MB/s" });
  const value = megabytesPerSecond(median(seen.encrypted));
  report.row({ name: `encrypted upload, line of ${LINE_MBIT} Mbit/s`, value, unit: "MB/s", ratioTo: name });
}

async function plainRound({ root, plain, peer }: Scene, note: Note): Promise<void> {
  note("plain upload", await plainUpload({ root, plain, peer }));
  spawnSync("sync");
  const down = await peer.press(PLAIN_DOWN, LIMIT_MS);
  note("plain download", ((await peer.arrived("plain.bin", SIZE_BYTES, LIMIT_MS)) - down.pressedAt) / 1000);
  await rm(join(peer.downloads, "plain.bin"));
}

async function encryptedRound({ root, instance, sender, recipient }: Scene, note: Note, round: number): Promise<void> {
  const address = `r${round}@northlake-cardiology.example`;
  const server = () => cpuSeconds(instance.process.pid ?? 0);
  const memory = (way: string, peakBytes: PeakBytes) => {
    for (const kind of KINDS) note(`${way} ${kind}`, peakBytes[kind] / 1e6);
  };
  const files = [join(root, "study.bin")];
  await sender.steps((page) => prepareSending(page, instance, { files, recipient: address }));
  spawnSync("sync");
  let before = server();
  const up = await sender.press(SENT, LIMIT_MS);
  note("encrypted upload", (up.doneAt - up.pressedAt) / 1000);
  note("upload server", server() - before);
  note("upload task", largest(up.longTasksMs));
  memory("upload", up.peakBytes);
  const link = await sender.steps(shownLink);

  await recipient.steps((page) => openList(page, instance, { link, recipient: address }));
  spawnSync("sync");
  before = server();
  const down = await recipient.press(downloaded("study.bin"), LIMIT_MS);
  const arrivedAt = await recipient.arrived("study.bin", SIZE_BYTES, LIMIT_MS);
  note("encrypted download", (Math.max(arrivedAt, down.doneAt) - down.pressedAt) / 1000);
  note("download server", server() - before);
  note("download task", largest(down.longTasksMs));
  memory("download", down.peakBytes);
  const [sent, received] = [await sha256Of(files[0] ?? ""), await sha256Of(join(recipient.downloads, "study.bin"))];
  if (sent !== received) throw new Error("another file arrived than was sent");
  await rm(join(recipient.downloads, "study.bin"));
}

/** In a browser that has never been here. */
async function firstLoad(report: BenchReport, { root, instance, sender, recipient }: Scene): Promise<void> {
  const link = await sent({ root, instance, sender }, ["referral.txt"], "f@northlake-cardiology.example");
  const seen: { bytes: number; shownMs: number }[] = [];
  for (let visit = 0; visit < VISITS; visit++) {
    await forgetCache(recipient);
    await recipient.open(link, "sent you files");
    seen.push(await recipient.steps((page) => page.evaluate(loadOf)));
  }
  // The most of the visits: now and then a page has scripts from the one before it, whatever cache was cleared.
  report.row({
    name: "first load: bytes over the network",
    value: Math.max(...seen.map(({ bytes }) => bytes)) / 1000,
    unit: "kB",
  });
  report.row({
    name: "first load: until the invitation is drawn",
    value: Math.max(...seen.map(({ shownMs }) => shownMs)),
    unit: "ms",
  });
}

/** Runs in the page: what it fetched, the fonts too, and when its largest part was drawn. */
async function loadOf(): Promise<{ bytes: number; shownMs: number }> {
  const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  const bytes = entries.reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).transferSize, 0);
  const shownMs = await new Promise<number>((resolve) => {
    new PerformanceObserver((list) => resolve(list.getEntries().at(-1)?.startTime ?? 0)).observe({
      type: "largest-contentful-paint",
      buffered: true,
    });
  });
  return { bytes, shownMs };
}

async function firstPictures(report: BenchReport, scene: Scene): Promise<void> {
  const data = sharedData();
  if (data === null) return report.note("First pictures: the shared test data are not there, no rows.");
  const paths = PICTURES.map((name) => join(data, "dicom", name));
  const seen = new Map<string, number[]>();
  for (let visit = 0; visit < VISITS; visit++) {
    const address = `d${visit}@northlake-cardiology.example`;
    const link = await sent(scene, paths, address);
    await forgetCache(scene.recipient);
    await scene.recipient.steps((page) => openList(page, scene.instance, { link, recipient: address }));
    for (const name of PICTURES) {
      const { pressedAt, doneAt } = await scene.recipient.press(viewed(name), LIMIT_MS);
      seen.set(name, [...(seen.get(name) ?? []), doneAt - pressedAt]);
      await scene.recipient.steps((page) => page.getByRole("button", { name: "Back to the files" }).click());
    }
  }
  for (const [name, values] of seen) report.row({ name: `first picture: ${name}`, value: median(values), unit: "ms" });
  report.note(
    "First pictures: from the press on View; with the first of them the viewer itself is loaded. Looked for every 5 ms.",
  );
}

async function forgetCache(chromium: QuietChromium): Promise<void> {
  await chromium.steps(async (page) => {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Network.clearBrowserCache");
  });
}

/** Sends small files, made here where they are not there, and answers the link. */
async function sent(
  { root, instance, sender }: Pick<Scene, "root" | "instance" | "sender">,
  names: readonly string[],
  recipient: string,
): Promise<string> {
  const files = names.map((name) => (name.startsWith("/") ? name : join(root, name)));
  for (const path of files.filter((each) => each.startsWith(root))) {
    const handle = await open(path, "w");
    await handle.writeFile("Dear colleague,\n");
    await handle.close();
  }
  await sender.steps((page) => prepareSending(page, instance, { files, recipient }));
  await sender.press(SENT, LIMIT_MS);
  return sender.steps(shownLink);
}

async function madeFolder(path: string): Promise<string> {
  await mkdir(path);
  return path;
}

/** A program that prints its port first. */
async function startPeer(program: string, args: readonly string[]): Promise<Peer> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const port = await new Promise<string>((resolve) => createInterface({ input: child.stdout }).once("line", resolve));
  return { port, origin: `http://127.0.0.1:${port}/`, stop: () => child.kill() };
}

interface Peer {
  readonly port: string;
  readonly origin: string;
  stop(): void;
}

const megabytesPerSecond = (seconds: number): number => SIZE_BYTES / 1e6 / seconds;
const largest = (values: readonly number[]): number => Math.max(0, ...values);

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Bytes that nothing can compress, cheaply: AES-CTR over zeros. */
async function writeRandom(path: string): Promise<void> {
  const cipher = createCipheriv("aes-128-ctr", randomBytes(16), randomBytes(16));
  const zeros = Buffer.alloc(CHUNK_BYTES);
  const handle = await open(path, "wx");
  for (let written = 0; written < SIZE_BYTES; written += zeros.length) await handle.writeFile(cipher.update(zeros));
  await handle.close();
}
