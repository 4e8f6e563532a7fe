/**
 * `npm run bench -- expiry`: a million live grants, ten thousand of which fall due in one second. How long until all have
 * ended and their entries are durable, what a look costs when nothing is due, and how a release fares meanwhile. Beside it the
 * same rows changed by bare SQL in one transaction. SQLite on this disk; the ledger is a folder on the same disk.
 *
 * A downtime: `BENCH_GRANTS=200000 BENCH_DUE=100000 BENCH_GRACE_MS=0 npm run bench -- expiry` lets 100,000 end and be destroyed in
 * one sweep. With a grace of 0 everything that ended is destroyed too, by a key service and a blob store in memory.
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { performer, Sequencer, type Store, sweep } from "@safeconduct/exchange";
import { ED25519_KEY, LedgerWriter, makeVerifierKey } from "@safeconduct/ledger";
import { openTileStore } from "@safeconduct/ledger-fs";
import { openSqlite } from "@safeconduct/sqlite";
import { aClinic, fakeKeyService, memoryBlobStore } from "@safeconduct/testkit";
import type { Bench, BenchReport } from "./report.ts";

const GRANTS = Number(process.env["BENCH_GRANTS"] ?? 1_000_000);
const DUE = Number(process.env["BENCH_DUE"] ?? GRANTS / 100);
const GRACE_MS = Number(process.env["BENCH_GRACE_MS"] ?? 86_400_000);
/** Every so many-th grant is due. */
const DUE_EVERY = Math.floor(GRANTS / DUE);
const NOW = 1_800_000_000_000;
const FAR = NOW + 7 * 86_400_000;
const IDLE_LOOKS = 50;
const ALL_ENDED = `all ended${GRACE_MS === 0 ? " and destroyed" : ""}, entries durable`;

export const bench: Bench = {
  name: "expiry",
  title: `${DUE.toLocaleString("en")} of ${GRANTS.toLocaleString("en")} live grants fall due at once`,
  async run(report) {
    const folder = mkdtempSync(join(tmpdir(), "bench-expiry-"));
    try {
      await bareSql(report, await filledDatabase(folder, "bare.db"));
      await theSweep(report, folder, await filledDatabase(folder, "sweep.db"));
      report.note(
        "A release stands for a write of its own: one row changed, one entry, durable, through the same performer.",
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

/** Rows as the store would write them, by bulk insert. Every hundredth, or as many as asked for, is due now. */
async function filledDatabase(folder: string, name: string): Promise<string> {
  const file = join(folder, name);
  const opened = await openSqlite({ file });
  const { of, device } = await aClinic(opened.store);
  await opened.close();
  const db = new DatabaseSync(file);
  const subject = randomBytes(32);
  db.exec("pragma synchronous = off; begin");
  const transfer = db.prepare(
    `insert into transfers (id, organisation, member, device, purpose, profile, state, blob_length_bytes, part_count,
      subject_salt, created_at, sealed_at) values (?, ?, ?, ?, 'TREAT', 'downloadable', 'active', 1, 1, ?, ?, ?)`,
  );
  const grant = db.prepare(
    `insert into grants (id, transfer, organisation, kind, address, state, terms, terms_hash, slot, not_before, not_after,
      ends_at, release_cap, releases, created_at)
      values (?, ?, ?, 'recipient', 'a@b.example', 'pending', ?, ?, ?, 0, ?, ?, 0, 0, ?)`,
  );
  for (let at = 0; at < GRANTS; at++) {
    const digits = at
      .toString(32)
      .padStart(5, "0")
      .replaceAll(/[0189]/g, (digit) => DIGITS[digit] ?? "z");
    const id = `${"a".repeat(20)}${digits}a`;
    const end = at % DUE_EVERY === 0 && at < DUE * DUE_EVERY ? NOW : FAR + at;
    transfer.run(`trf_${id}`, of.organisation, of.member, device.id, subject, NOW, NOW);
    grant.run(`grt_${id}`, `trf_${id}`, of.organisation, TERMS, subject, SLOT, end, end, NOW);
  }
  db.exec("commit");
  db.close();
  return file;
}

/** The alphabet of ids has no 0, 1, 8, 9; radix 32 ends with v. */
const DIGITS: Readonly<Record<string, string>> = { 0: "w", 1: "x", 8: "y", 9: "z" };
const TERMS = randomBytes(120);
const SLOT = randomBytes(60);

/** The same rows and as many event rows as the sweep writes, in one transaction. */
async function bareSql(report: BenchReport, file: string): Promise<void> {
  const db = new DatabaseSync(file);
  db.exec("pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on");
  const start = performance.now();
  db.exec("begin immediate");
  const due = db
    .prepare(
      `select id, transfer from grants where kind = 'recipient' and state in ('pending', 'confirmed', 'used')
        and ends_at <= ? order by ends_at, number`,
    )
    .all(NOW) as { id: string; transfer: string }[];
  const grant = db.prepare("update grants set state = 'expired', ended_at = ?, destroy_due_at = ? where id = ?");
  const transfer = db.prepare("update transfers set state = 'expired', ended_at = ?, destroy_due_at = ? where id = ?");
  const event = db.prepare(
    "insert into events (id, type, at, transfer, body, salt, leaf) values (?, ?, ?, ?, ?, ?, ?)",
  );
  for (const { id, transfer: of } of due) {
    grant.run(NOW, FAR, id);
    transfer.run(NOW, FAR, of);
    for (const type of ["grant/expired", "transfer/expired"])
      event.run(`${type} ${id}`, type, NOW, of, "{}", randomBytes(32), randomBytes(138));
  }
  db.exec("commit");
  report.row({ name: "bare SQL, one transaction", value: performance.now() - start, unit: "ms" });
  if (due.length !== DUE) throw new Error(`${due.length} were due`);
  db.close();
}

async function theSweep(report: BenchReport, folder: string, file: string): Promise<void> {
  const { store } = await openSqlite({ file });
  const crypto = nodeCrypto();
  // It goes: a key service whose clock stood still for minutes would believe in nothing.
  const openedAt = performance.now();
  const clock = { now: () => NOW + 1 + Math.floor(performance.now() - openedAt), monotonic: () => performance.now() };
  const { deps } = await instanceOver(store, folder, clock, crypto);
  const rules = { expiryGraceMs: GRACE_MS };
  const releases: number[] = [];
  const { rss: before } = process.memoryUsage();
  let peak = before;
  const start = performance.now();
  const swept = new AbortController();
  const releasing = (async () => {
    while (!swept.signal.aborted) {
      const begun = performance.now();
      await deps.perform(async (_tx, _now) => ({
        entries: [{ type: "grant/released", actor: { kind: "system" }, organisation: null }],
        value: undefined,
      }));
      releases.push(performance.now() - begun);
      peak = Math.max(peak, process.memoryUsage.rss());
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  await sweep(deps, rules);
  const sweptMs = performance.now() - start;
  swept.abort();
  await releasing;
  report.row({ name: ALL_ENDED, value: sweptMs, unit: "ms", ratioTo: "bare SQL, one transaction" });
  releases.sort((a, b) => a - b);
  for (const share of [0.5, 0.99])
    report.row({ name: `release meanwhile, p${share * 100}`, value: at(releases, share), unit: "ms" });
  report.row({
    name: "memory of the process meanwhile, peak over the start",
    value: (peak - before) / 2 ** 20,
    unit: "MiB",
  });
  const looks: number[] = [];
  for (let look = 0; look < IDLE_LOOKS; look++) {
    const begun = performance.now();
    await sweep(deps, rules);
    looks.push(performance.now() - begun);
  }
  report.row({
    name: "a sweep with nothing due, median",
    value: at(
      looks.sort((a, b) => a - b),
      0.5,
    ),
    unit: "ms",
  });
  const left = await store.read((view) => view.grantsPastEnd(NOW + 1, 1));
  if (left.length > 0) throw new Error("some did not end");
  await store.close();
}

const at = (sorted: readonly number[], share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;

function onFailure(error: unknown): never {
  throw error;
}

async function instanceOver(
  store: Store,
  folder: string,
  clock: { now(): number; monotonic(): number },
  crypto: ReturnType<typeof nodeCrypto>,
) {
  const { sha256, signatures, random } = crypto;
  const { publicKey, privateKey } = await signatures.generateKeyPair();
  const key = makeVerifierKey(sha256, { name: "bench.example/log", type: ED25519_KEY, publicKey });
  const tiles = await openTileStore(join(folder, "ledger"));
  const tree = await LedgerWriter.open({ store: tiles, signer: { key, privateKey }, sha256, signatures });
  const perform = performer({ store, sequencer: new Sequencer({ store, tree, onFailure }), clock, random, sha256 });
  const keys = await fakeKeyService({ crypto, clock });
  return { deps: { store, perform, keys, blobs: memoryBlobStore(), sha256, clock } };
}
