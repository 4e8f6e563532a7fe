/**
 * `npm run bench -- ledger`: entries a second that are under a durable, signed checkpoint, for 1, 16 and 256 writers who each
 * wait for theirs. Beside them in the same run: the same bytes appended to a plain file and to a SQLite table, flushed batch by
 * batch in the same way. All of it in one folder; name another disk with TMPDIR.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { performer, Sequencer } from "@safeconduct/exchange";
import type { Bytes } from "@safeconduct/foundation";
import { ED25519_KEY, LEAF_BYTES, LedgerWriter, makeVerifierKey } from "@safeconduct/ledger";
import { openTileStore } from "@safeconduct/ledger-fs";
import { openSqlite } from "@safeconduct/sqlite";
import { systemClock, systemRandom } from "@safeconduct/system";
import type { Bench, BenchReport } from "./report.ts";

const WRITERS = [1, 16, 256];
const SECONDS = 4;
/** As the sequencer's own. */
const BATCH_LIMIT = 1024;

export const bench: Bench = {
  name: "ledger",
  title: `entries of ${LEAF_BYTES} bytes, durable before each writer goes on`,
  async run(report) {
    const folder = mkdtempSync(join(tmpdir(), "safeconduct-bench-"));
    try {
      for (const writers of WRITERS) await compare(report, join(folder, String(writers)), writers);
      report.note(
        `${SECONDS} s for each row. A batch is what arrived while the last flush ran, at most ${BATCH_LIMIT}.`,
      );
      report.note("whole path: transaction with a readable event in SQLite, index, tiles, signed checkpoint.");
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

async function compare(report: BenchReport, folder: string, writers: number): Promise<void> {
  const label = `${writers} writer${writers === 1 ? "" : "s"}`;
  const { random } = nodeCrypto();
  const leaf = () => random.bytes(LEAF_BYTES);
  const anchor = `plain file, ${label}`;
  const sqliteAnchor = `SQLite rows, ${label}`;
  const row = (name: string, value: number, ratioTo?: string) =>
    report.row({ name, value, unit: "entries/s", ...(ratioTo === undefined ? {} : { ratioTo }) });

  const file = await open(`${folder}.plain`, "a");
  row(
    anchor,
    await rate(
      writers,
      grouped(leaf, (batch) => appendTo(file, batch)),
    ),
  );
  await file.close();

  const table = plainTable(`${folder}.rows`);
  row(
    sqliteAnchor,
    await rate(
      writers,
      grouped(leaf, async (batch) => table.insert(batch)),
    ),
    anchor,
  );
  table.close();

  const log = await openLog(`${folder}-log`);
  row(
    `ledger, ${label}`,
    await rate(
      writers,
      grouped(leaf, async (batch) => void (await log.append(batch))),
    ),
    anchor,
  );

  const path = await wholePath(folder);
  row(`whole path, ${label}`, await rate(writers, path.act), sqliteAnchor);
  await path.close();
}

/** Entries a second, with so many writers who each wait for theirs before they begin the next. */
async function rate(writers: number, act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  let done = 0;
  const until = start + SECONDS * 1000;
  const writer = async () => {
    while (performance.now() < until) {
      await act();
      done++;
    }
  };
  await Promise.all(Array.from({ length: writers }, writer));
  return done / ((performance.now() - start) / 1000);
}

/** One flush for everybody who came while the last one ran. */
function grouped(leaf: () => Bytes, flush: (batch: readonly Bytes[]) => Promise<void>): () => Promise<void> {
  const waiting: { leaf: Bytes; done: () => void; fail: (error: unknown) => void }[] = [];
  let running = false;
  const drain = async () => {
    running = true;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, BATCH_LIMIT);
      try {
        await flush(batch.map((each) => each.leaf));
        for (const { done } of batch) done();
      } catch (error) {
        for (const { fail } of batch) fail(error);
      }
    }
    running = false;
  };
  return () =>
    new Promise((done, fail) => {
      waiting.push({ leaf: leaf(), done, fail });
      if (!running) void drain();
    });
}

async function appendTo(file: FileHandle, batch: readonly Bytes[]): Promise<void> {
  await file.write(Buffer.concat(batch));
  await file.sync();
}

function plainTable(path: string) {
  const database = new DatabaseSync(path);
  database.exec("pragma journal_mode = wal; pragma synchronous = full; create table entries (leaf blob)");
  const insert = database.prepare("insert into entries values (?)");
  return {
    insert(batch: readonly Bytes[]) {
      database.exec("begin immediate");
      for (const each of batch) insert.run(each);
      database.exec("commit");
    },
    close: () => database.close(),
  };
}

async function openLog(folder: string): Promise<LedgerWriter> {
  const { sha256, signatures } = nodeCrypto();
  const { publicKey, privateKey } = await signatures.generateKeyPair();
  const key = makeVerifierKey(sha256, { name: "bench.example/ledger", type: ED25519_KEY, publicKey });
  return LedgerWriter.open({ sha256, signatures, store: await openTileStore(folder), signer: { key, privateKey } });
}

/** As in the server: performer, sequencer, SQLite and tiles. */
async function wholePath(folder: string): Promise<{ act: () => Promise<void>; close: () => Promise<void> }> {
  const database = await openSqlite({ file: `${folder}.sqlite` });
  const { store } = database;
  const tree = await openLog(`${folder}-tree`);
  const sequencer = new Sequencer({
    store,
    tree,
    onFailure: (error) => {
      throw error;
    },
  });
  const { sha256 } = nodeCrypto();
  const perform = performer({ store, sequencer, clock: systemClock(), random: systemRandom(), sha256 });
  const entry = { type: "member/signed-in", actor: { kind: "system" }, organisation: null } as const;
  return { act: () => perform(async () => ({ entries: [entry], value: undefined })), close: () => database.close() };
}
