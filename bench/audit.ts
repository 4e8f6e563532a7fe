/**
 * `npm run bench -- audit`: a page of each kind of search in an audit log of a million events, beside a bare indexed SELECT of as
 * many rows. SQLite on this disk. `BENCH_EVENTS=100000` for a smaller log.
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { type AuditQuestion, type MemberCaller, type Perform, searchEvents } from "@safeconduct/exchange";
import { drawId, hexText } from "@safeconduct/foundation";
import type { EventType } from "@safeconduct/ledger";
import { openSqlite } from "@safeconduct/sqlite";
import { aClinic } from "@safeconduct/testkit";
import type { Bench, BenchReport } from "./report.ts";

const EVENTS = Number(process.env["BENCH_EVENTS"] ?? 1_000_000);
const START = 1_800_000_000_000;
/** A million events are two years then. */
const STEP_MS = 60_000;
const EVENTS_OF_A_LINK = 10;
/** One address has as many links as a search walks; the others have one each. */
const LINKS_OF_THE_BUSY = 1000;
const ROUNDS = 15;
const PAGE = 51;
const ANCHOR = "bare SELECT of a page by an index, median";
const { sha256, random } = nodeCrypto();

const TYPES: readonly EventType[] = [
  "grant/added",
  "grant/code-sent",
  "grant/confirmed",
  "grant/released",
  "grant/receipt",
  "grant/expired",
  "grant/destroyed",
  "transfer/sealed",
  "member/signed-in",
  "transfer/destroyed",
];

export const bench: Bench = {
  name: "audit",
  title: `a page of a search among ${EVENTS.toLocaleString("en")} events`,
  async run(report) {
    const folder = mkdtempSync(join(tmpdir(), "bench-audit-"));
    try {
      await searches(report, join(folder, "audit.db"));
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

async function searches(report: BenchReport, file: string): Promise<void> {
  const opened = await openSqlite({ file });
  const { of, device, member, organisation } = await aClinic(opened.store);
  await opened.close();
  fill(file, { ...of, device: device.id });
  const bare = new DatabaseSync(file, { readOnly: true });
  const select = bare.prepare(
    "select * from events where coalesce(organisation, '') = ? and at < ? order by at desc, number desc limit ?",
  );
  const anchor = await median(async (round) => {
    select.all(of.organisation, START + (EVENTS - round * 97) * STEP_MS, PAGE);
  });
  report.row({ name: ANCHOR, value: anchor, unit: "ms" });
  bare.close();

  const searched = await openSqlite({ file });
  const { store } = searched;
  const caller: MemberCaller = {
    member: member.id,
    organisation: organisation.id,
    roles: ["compliance-officer"],
    by: { session: drawId("session", random) },
  };
  // What a search costs to write down is what any entry costs.
  const perform = (async () => undefined) as Perform;
  const ask = async (name: string, asked: Partial<AuditQuestion>) => {
    const question = { ...ANYTHING, ...asked };
    let found = 0;
    const value = await median(async () => {
      found = (await searchEvents({ store, perform, sha256 }, caller, { asked: question, after: null })).found.length;
    });
    report.row({ name: `${name}, median (${found} found)`, value, unit: "ms", ratioTo: ANCHOR });
  };
  const middle = START + (EVENTS / 2) * STEP_MS;
  await ask("newest", {});
  await ask("two days years ago", { from: middle, to: middle + 2 * 86_400_000 });
  await ask("a group of nineteen types", { group: "opening" });
  await ask("a group that has none", { group: "recovery" });
  await ask("refused, one in a thousand", { question: "refused", outcome: "refused" });
  await ask("a recipient with one link", { person: "r3@north.example" });
  await ask("a recipient with a thousand links", { person: "busy@north.example" });
  await ask("a member who did a tenth of all", { person: member.address });
  await ask("uses after the deadline, 2,000 looked at", { question: "after-deadline" });
  await ask("an id that nothing names, 10,000 looked at", { id: drawId("device", random) });
  await searched.close();
}

const ANYTHING: AuditQuestion = {
  question: "search",
  person: null,
  recipientOrganisation: null,
  transfer: null,
  from: null,
  to: null,
  group: null,
  outcome: null,
  id: null,
};

function fill(file: string, of: { organisation: string; member: string; device: string }): void {
  const db = new DatabaseSync(file);
  db.exec("pragma synchronous = off; begin");
  const transfer = drawId("transfer", random);
  db.prepare(
    `insert into transfers (id, organisation, member, device, purpose, profile, handling, state, blob_length_bytes, part_count,
      subject_salt, created_at) values (?, ?, ?, ?, 'TREAT', 'downloadable', 'public', 'active', 1, 1, ?, ?)`,
  ).run(transfer, of.organisation, of.member, of.device, randomBytes(32), START);
  const addGrant = db.prepare(
    `insert into grants (id, transfer, organisation, kind, address, state, terms, terms_hash, slot, not_before, not_after,
      release_cap, releases, factor_failures, factor_locked_until, created_at)
      values (?, ?, ?, 'recipient', ?, 'expired', ?, ?, ?, 0, ?, 0, 0, 0, 0, ?)`,
  );
  const addEvent = db.prepare(
    `insert into events (id, type, at, organisation, transfer, "grant", member, outcome, body, salt, leaf, ledger_index)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const leaf = randomBytes(138);
  let grant = "";
  for (let at = 0; at < EVENTS; at++) {
    const link = Math.floor(at / EVENTS_OF_A_LINK);
    if (at % EVENTS_OF_A_LINK === 0) {
      grant = drawId("grant", random);
      const address = link % (EVENTS / EVENTS_OF_A_LINK / LINKS_OF_THE_BUSY) === 0 ? "busy" : `r${link}`;
      const hash = randomBytes(32);
      addGrant.run(grant, transfer, of.organisation, `${address}@north.example`, hash, hash, hash, START, START);
    }
    const type = TYPES[at % TYPES.length] ?? "grant/added";
    const member = type === "member/signed-in" ? of.member : null;
    const outcome = at % 1000 === 0 ? "grant/code-refused" : "done";
    const body = JSON.stringify({ at, detail: { session: grant, note: hexText(random.bytes(60)) }, type });
    const values = [of.organisation, transfer, grant, member, outcome, body, randomBytes(32), leaf, at] as const;
    addEvent.run(drawId("event", random), type, START + at * STEP_MS, ...values);
  }
  db.exec("commit");
  db.close();
}

async function median(act: (round: number) => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now();
    await act(round);
    times.push(performance.now() - begun);
  }
  return times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
}
