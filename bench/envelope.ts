/**
 * `npm run bench -- envelope`: 1 GiB through the envelope beside plain node:crypto GCM, `openssl speed` and `age`,
 * in one run on one machine. Wall seconds and CPU seconds, because some anchors use several threads.
 */
import { spawnSync } from "node:child_process";
import { createCipheriv, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { loadWebCrypto } from "@safeconduct/crypto-web";
import {
  drawSecret,
  FloeEncryptor,
  planPackage,
  SEGMENT_OVERHEAD_BYTES,
  SEGMENT_PLAINTEXT_BYTES,
  startPackage,
} from "@safeconduct/envelope";
import { type Bytes, type CryptoPorts, drawId } from "@safeconduct/foundation";
import type { Bench, BenchReport } from "./report.ts";

const GIBIBYTE = 2 ** 30;
const MEBIBYTE = 2 ** 20;
const ANCHOR = "plain node:crypto GCM, 1 MiB messages";
/** The best of several runs: what disturbs a run only ever slows it. */
const RUNS = 3;

export const bench: Bench = {
  name: "envelope",
  title: "1 GiB encrypted in memory",
  async run(report) {
    const plaintext = new Uint8Array(randomBytes(SEGMENT_PLAINTEXT_BYTES));
    await measure(report, ANCHOR, async () => plainGcm(plaintext));
    await measure(report, "FLOE segments, Node", () => floeSegments(nodeCrypto(), plaintext), ANCHOR);
    const web = await loadWebCrypto();
    await measure(report, "FLOE segments, WebCrypto in Node", () => floeSegments(web, plaintext), ANCHOR);
    await measure(report, "whole package with its hash, Node", () => wholePackage(nodeCrypto(), plaintext), ANCHOR);
    opensslSpeed(report);
    ageFile(report, plaintext);
    report.note("speed: higher is better; CPU: lower is better. Best of three runs of 1 GiB.");
    report.note("whole package: also SHA-256 of each segment, for its file and its part, on other threads.");
  },
};

/** Reports the best of {@link RUNS} runs of `work`, which encrypts 1 GiB. */
async function measure(report: BenchReport, name: string, work: () => Promise<void>, anchor?: string): Promise<void> {
  let [wallSeconds, cpuSeconds] = [Infinity, Infinity];
  for (let run = 0; run < RUNS; run++) {
    const cpuStart = process.cpuUsage();
    const start = performance.now();
    await work();
    const { user, system } = process.cpuUsage(cpuStart);
    wallSeconds = Math.min(wallSeconds, (performance.now() - start) / 1000);
    cpuSeconds = Math.min(cpuSeconds, (user + system) / 1e6);
  }
  reportRows(report, name, { wallSeconds, cpuSeconds }, anchor);
}

function reportRows(
  report: BenchReport,
  name: string,
  { wallSeconds, cpuSeconds }: { wallSeconds: number; cpuSeconds: number },
  anchor?: string,
): void {
  const against = (unit: string): { ratioTo?: string } =>
    anchor === undefined ? {} : { ratioTo: `${anchor}: ${unit}` };
  report.row({ name: `${name}: speed`, value: GIBIBYTE / 1e6 / wallSeconds, unit: "MB/s", ...against("speed") });
  report.row({ name: `${name}: CPU`, value: cpuSeconds, unit: "CPU s/GiB", ...against("CPU") });
}

async function plainGcm(plaintext: Bytes): Promise<void> {
  const key = randomBytes(32);
  const message = Buffer.alloc(MEBIBYTE, plaintext);
  for (let done = 0; done < GIBIBYTE; done += MEBIBYTE) {
    const cipher = createCipheriv("aes-256-gcm", key, randomBytes(12));
    cipher.update(message);
    cipher.final();
    cipher.getAuthTag();
  }
}

async function floeSegments(ports: CryptoPorts, plaintext: Bytes): Promise<void> {
  const encryptor = await FloeEncryptor.start(ports, { key: ports.random.bytes(32), aad: ports.random.bytes(80) });
  const target = new Uint8Array(plaintext.length + SEGMENT_OVERHEAD_BYTES);
  for (let done = 0; done < GIBIBYTE; done += plaintext.length) await encryptor.encryptSegment(plaintext, target);
}

async function wholePackage(ports: CryptoPorts, plaintext: Bytes): Promise<void> {
  const file = { id: drawId("file", ports.random), path: "large.bin", mediaType: "application/octet-stream" };
  const plan = planPackage([{ ...file, sizeBytes: GIBIBYTE }]);
  const scope = { organisation: drawId("organisation", ports.random), transfer: drawId("transfer", ports.random) };
  const writer = await startPackage(ports, { ...scope, packageKey: drawSecret(ports.random), plan });
  const memory = new Uint8Array(Math.max(...plan.parts.map((part) => part.sizeBytes)));
  for (const { number } of plan.parts) {
    await writer.encryptPart(
      number,
      async (_id, offset, length) => plaintext.subarray(0, Math.max(0, Math.min(length, GIBIBYTE - offset))),
      memory,
    );
  }
}

/** OpenSSL's own figure for messages of 1 MiB, in one process. */
function opensslSpeed(report: BenchReport): void {
  const args = ["speed", "-elapsed", "-seconds", "3", "-bytes", String(MEBIBYTE), "-evp", "aes-256-gcm"];
  const { stdout, status } = spawnSync("openssl", args, { encoding: "utf8" });
  const thousandBytes = /^AES-256-GCM\s+([\d.]+)k/m.exec(stdout ?? "")?.[1];
  if (status !== 0 || thousandBytes === undefined) return report.note("openssl: not installed, no row");
  report.row({
    name: "openssl speed aes-256-gcm, 1 MiB messages",
    value: Number(thousandBytes) / 1000,
    unit: "MB/s",
    ratioTo: `${ANCHOR}: speed`,
  });
}

/** By name of the row; of arguments recipient and file. The second does what a whole package does, each part in a process of its own. */
const AGE = {
  "age -r (ChaCha20-Poly1305)": 'age -r "$1" -o /dev/null "$2"',
  "age -r, and SHA-256 of its output": 'age -r "$1" "$2" | openssl dgst -sha256 >/dev/null',
};

/** `age` from a file in the page cache to nowhere; processes of their own, so their start is counted too. */
function ageFile(report: BenchReport, plaintext: Bytes): void {
  const folder = mkdtempSync(join(tmpdir(), "safeconduct-age-"));
  try {
    const input = join(folder, "input");
    writeFileSync(input, "");
    for (let done = 0; done < GIBIBYTE; done += MEBIBYTE)
      writeFileSync(input, Buffer.alloc(MEBIBYTE, plaintext), { flag: "a" });
    const made = spawnSync("age-keygen", [], { encoding: "utf8" });
    const recipient = /public key: (age1\w+)/.exec(made.stdout ?? "")?.[1];
    if (recipient === undefined) return report.note("age: not installed, no row");
    for (const [name, script] of Object.entries(AGE)) {
      let wallSeconds = Infinity;
      for (let run = 0; run < RUNS; run++) {
        const start = performance.now();
        const { status } = spawnSync("sh", ["-c", script, "sh", recipient, input]);
        if (status !== 0) return report.note("age: failed, no row");
        wallSeconds = Math.min(wallSeconds, (performance.now() - start) / 1000);
      }
      report.row({ name, value: GIBIBYTE / 1e6 / wallSeconds, unit: "MB/s", ratioTo: `${ANCHOR}: speed` });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
