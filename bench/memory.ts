/**
 * `npm run bench -- memory`: the most memory that each process ever had resident while files of 1 GiB and 4 GiB go from one
 * command line to another. It must not grow with the file. Linux alone tells.
 */
import { createCipheriv, randomBytes } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  mailedCode,
  peakMemoryBytes,
  removeFolder,
  runCli,
  type RunningInstance,
  setUp,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import type { Bench, BenchReport } from "./report.ts";

const GIBIBYTE = 2 ** 30;
const SIZES = [GIBIBYTE, 4 * GIBIBYTE];
const CHUNK_BYTES = 2 ** 24;
const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
const LOOK_EVERY_MS = 50;

export const bench: Bench = {
  name: "memory",
  title: "Peak memory of each process",
  async run(report) {
    for (const sizeBytes of SIZES) {
      // A fresh instance for each: a process's peak never comes down again.
      const root = await temporaryFolder();
      const instance = await startInstance({ home: join(root, "home") });
      try {
        await setUp(instance, join(root, "config"));
        await measure(report, { root, instance, sizeBytes });
      } finally {
        await instance.stop();
        await removeFolder(root);
      }
    }
    report.note("VmHWM of /proc, in 10^6 bytes; the limit that a test holds is 250.");
  },
};

async function measure(
  report: BenchReport,
  { root, instance, sizeBytes }: { root: string; instance: RunningInstance; sizeBytes: number },
): Promise<void> {
  const file = join(root, "study.bin");
  await writeRandom(file, sizeBytes);
  const row = (name: string, bytes: number) => {
    const anchor = `${name}, ${SIZES[0] === undefined ? 0 : SIZES[0] / GIBIBYTE} GiB`;
    const own = `${name}, ${sizeBytes / GIBIBYTE} GiB`;
    report.row({ name: own, value: bytes / 1e6, unit: "MB", ...(own === anchor ? {} : { ratioTo: anchor }) });
  };
  const sender = watchedPeak();
  const sent = await runCli(["send", file, "--to", RECIPIENT, "--purpose", "TREAT", "--public", "--json"], {
    config: join(root, "config"),
    onStart: sender.watch,
  });
  if (sent.exitCode !== 0) throw new Error(`send ended with ${sent.exitCode}: ${sent.errors}`);
  await rm(file);
  const recipient = watchedPeak();
  const [own] = (sent.json as { links: { link: string; passcode: string }[] }).links;
  const received = await runCli(["receive", own?.link ?? "", "--out", join(root, "out"), "--json"], {
    config: join(root, "stranger"),
    answer: async (prompt) => (prompt.startsWith("Passcode") ? (own?.passcode ?? "") : mailedCode(instance, RECIPIENT)),
    onStart: recipient.watch,
  });
  if (received.exitCode !== 0) throw new Error(`receive ended with ${received.exitCode}: ${received.errors}`);
  row("sender", sender.bytes());
  row("recipient", recipient.bytes());
  row("server", peakMemoryBytes(instance.process.pid ?? 0));
  row("key service", peakMemoryBytes(instance.keyService()));
}

/** The peak of a process that ends by itself: it only grows, so the last look tells it but for the last moment. */
function watchedPeak() {
  let peak = 0;
  return {
    bytes: () => peak,
    watch: (process: { pid?: number | undefined; exitCode: number | null }) => {
      const timer = setInterval(() => {
        if (process.exitCode !== null) clearInterval(timer);
        else peak = Math.max(peak, peakMemoryBytes(process.pid ?? 0));
      }, LOOK_EVERY_MS);
    },
  };
}

/** Bytes that nothing can compress, cheaply: AES-CTR over zeros. */
async function writeRandom(path: string, sizeBytes: number): Promise<void> {
  const cipher = createCipheriv("aes-128-ctr", randomBytes(16), randomBytes(16));
  const zeros = Buffer.alloc(CHUNK_BYTES);
  const handle = await open(path, "wx");
  for (let written = 0; written < sizeBytes; written += zeros.length) await handle.writeFile(cipher.update(zeros));
  await handle.close();
}
