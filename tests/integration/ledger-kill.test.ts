/** kill -9 of a ledger writer in mid-write: what was acknowledged is there, and the log verifies. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { hexText, utf8Bytes } from "@safeconduct/foundation";
import {
  ED25519_KEY,
  formatSignerKey,
  LedgerWriter,
  makeVerifierKey,
  type NoteSigner,
  verifyLog,
} from "@safeconduct/ledger";
import { openTileStore } from "@safeconduct/ledger-fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const KILLS = 12;
const { sha256, signatures, random } = nodeCrypto();
const script = fileURLToPath(new URL("./ledger-append-forever.ts", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "ledger-kill-"));
const folder = join(scratch, "log");
let signer: NoteSigner;

beforeAll(async () => {
  const { publicKey, privateKey } = await signatures.generateKeyPair();
  signer = {
    key: makeVerifierKey(sha256, { name: "clinic.example/ledger", type: ED25519_KEY, publicKey }),
    privateKey,
  };
});

afterAll(() => rmSync(scratch, { recursive: true }));

describe("a ledger whose process is killed while it writes", () => {
  it(`holds everything it acknowledged and verifies, ${KILLS} times over`, async () => {
    let earlierText: string | undefined;
    for (let kill = 0; kill < KILLS; kill++) {
      const acknowledged = await runAndKill((random.bytes(1)[0] ?? 0) % 24);
      const store = await openTileStore(folder);
      const writer = await LedgerWriter.open({ sha256, signatures, store, signer });
      expect(writer.size).toBeGreaterThanOrEqual(acknowledged);
      const verdict = await verifyLog(
        { sha256, signatures },
        {
          readTile: (path) => store.readTile(path),
          checkpointText: writer.checkpointText,
          logKey: signer.key,
          onEntry: (index, entry) => expect(entry).toEqual(utf8Bytes(`leaf ${index}`)),
          ...(earlierText === undefined ? {} : { earlierText }),
        },
      );
      expect(verdict).toMatchObject({ ok: true, checkpoint: { size: writer.size } });
      earlierText = writer.checkpointText;
    }
  });
});

/** Kills the child after it has acknowledged `lines` batches and more; it is then in the middle of the next. Returns the last size it told. */
async function runAndKill(lines: number): Promise<number> {
  const child = spawn(process.execPath, [script, folder, formatSignerKey(signer), hexText(signer.key.publicKey)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let acknowledged = 0;
  let told = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged = Number(line);
    told++;
    if (told > lines) child.kill("SIGKILL");
  }
  expect(told).toBeGreaterThan(lines);
  return acknowledged;
}
