/** A file of 2 GiB through the command line, with real processes on both sides: the same bytes, and little memory anywhere. */
import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { createReadStream, statfsSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
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
const SIZE_BYTES = 2 ** 31;
const MEMORY_LIMIT_BYTES = 250 * 10 ** 6;
const CHUNK_BYTES = 2 ** 24;
/** The file, its ciphertext and what is received, at the same time. */
const DISK_BYTES = 3.2 * SIZE_BYTES;
const TEST_LIMIT_MS = 15 * 60_000;

const missing = processFactsMissing() ?? diskMissing();

describe.skipIf(missing !== null)(`a random file of 2 GiB${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  let root: string;
  let config: string;
  let instance: RunningInstance;
  beforeAll(async () => {
    root = await temporaryFolder();
    config = join(root, "config");
    instance = await startInstance({ home: join(root, "home") });
    await setUp(instance, config);
  });
  afterAll(async () => {
    await instance.stop();
    await removeFolder(root);
  });

  test(
    "is sent, received and verified by processes that need less than 250 MB each",
    async () => {
      const sample = join(root, "study.bin");
      const digest = await writeRandom(sample);
      const peaks = { sender: 0, recipient: 0, server: 0, keyService: 0 };

      const sent = await runCli(["send", sample, "--to", RECIPIENT, "--purpose", "TREAT", "--public", "--json"], {
        config,
        onStart: watch((bytes) => {
          peaks.sender = Math.max(peaks.sender, bytes);
        }),
      });
      expect(sent.exitCode, sent.errors).toBe(0);
      await rm(sample);
      const { links } = sent.json as { links: { link: string; passcode: string }[] };
      const out = join(root, "out");
      const received = await runCli(["receive", links[0]?.link ?? "", "--out", out, "--json"], {
        config: join(root, "stranger"),
        answer: async (prompt) =>
          prompt.startsWith("Passcode") ? (links[0]?.passcode ?? "") : mailedCode(instance, RECIPIENT),
        onStart: watch((bytes) => {
          peaks.recipient = Math.max(peaks.recipient, bytes);
        }),
      });
      expect(received.exitCode, received.errors).toBe(0);
      expect(received.json).toMatchObject({ files: [{ sizeBytes: SIZE_BYTES, sha256: digest }], receipt: true });
      expect(await digestOf(join(out, "study.bin"))).toBe(digest);

      peaks.server = peakMemoryBytes(instance.process.pid ?? 0);
      peaks.keyService = peakMemoryBytes(instance.keyService());
      process.stdout.write(`peak memory in bytes: ${JSON.stringify(peaks)}\n`);
      for (const [name, peak] of Object.entries(peaks)) {
        expect(peak, name).toBeGreaterThan(10 ** 6);
        expect(peak, name).toBeLessThan(MEMORY_LIMIT_BYTES);
      }
    },
    TEST_LIMIT_MS,
  );
});

/** Looks at a process until it is gone. Its peak only grows, so the last look tells it but for the last moment. */
function watch(
  seen: (bytes: number) => void,
): (process: { pid?: number | undefined; exitCode: number | null }) => void {
  return (process) => {
    const timer = setInterval(() => {
      if (process.exitCode !== null) clearInterval(timer);
      else seen(peakMemoryBytes(process.pid ?? 0));
    }, 100);
  };
}

/** Bytes that nothing can compress, cheaply: AES-CTR over zeros. Answers their SHA-256. */
async function writeRandom(path: string): Promise<string> {
  const cipher = createCipheriv("aes-128-ctr", randomBytes(16), randomBytes(16));
  const hash = createHash("sha256");
  const zeros = Buffer.alloc(CHUNK_BYTES);
  const handle = await open(path, "wx");
  for (let written = 0; written < SIZE_BYTES; written += CHUNK_BYTES) {
    const chunk = cipher.update(zeros);
    hash.update(chunk);
    await handle.writeFile(chunk);
  }
  await handle.close();
  return hash.digest("hex");
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

function diskMissing(): string | null {
  const { bavail, bsize } = statfsSync(tmpdir());
  return bavail * bsize >= DISK_BYTES ? null : "needs 7 GB of room for temporary files";
}
