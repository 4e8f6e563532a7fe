/**
 * `npm run bench -- exchange`: whole transfers (draft, part, seal, code, confirmation, release, receipt) through the use cases
 * on SQLite, ledger and blobs in real files, beside bare SQLite transactions; then releases over HTTP from a real instance,
 * beside the cheapest answer that its web server gives. Every acknowledgement waits for the disk, as in production.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseSync } from "node:sqlite";
import { mkdir } from "node:fs/promises";
import { openBlobFolder } from "@safeconduct/blob-fs";
import { apiClient } from "@safeconduct/contract";
import { nodeCrypto } from "@safeconduct/crypto-node";
import {
  confirmAddress,
  draftTransfer,
  recipientOf,
  recordReceipt,
  release,
  sealTransfer,
  sendCode,
} from "@safeconduct/exchange";
import { base64UrlText, type GrantId, parseId } from "@safeconduct/foundation";
import { openTileStore } from "@safeconduct/ledger-fs";
import { openSqlite } from "@safeconduct/sqlite";
import {
  confirmedSession,
  type Desk,
  ExchangeScene,
  known,
  type PreparedTransfer,
  prepareTransfer,
  putPart,
  removeFolder,
  runCli,
  type RunningInstance,
  setUp,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import type { Bench, BenchReport } from "./report.ts";

const TRANSFERS = 200;
const AT_ONCE = [1, 16] as const;
/** Of a millisecond and more each, for a mail. */
const LOOKS = 10_000;
const CLIENTS = [1, 16, 64] as const;
/** Of each client; a grant takes 100 keys. */
const RELEASES = 12;
const COMMITS = 300;
const ANCHOR_DATABASE = "bare SQLite transaction with fsync";

export const bench: Bench = {
  name: "exchange",
  title: "Whole transfers and releases",
  async run(report) {
    const root = await temporaryFolder();
    try {
      bareDatabase(report, join(root, "bare.sqlite"));
      for (const atOnce of AT_ONCE) await wholeTransfers(report, join(root, `whole-${atOnce}`), atOnce);
      await releasesOverHttp(report, root);
      report.note(
        "a whole transfer is seven use cases with seven ledger entries and one small file of 512 KiB or less.",
      );
      report.note(
        "use cases run in one process, with the rules of the key service in memory; over HTTP everything is real.",
      );
    } finally {
      await removeFolder(root);
    }
  },
};

function bareDatabase(report: BenchReport, file: string): void {
  const db = new DatabaseSync(file);
  db.exec("pragma journal_mode = wal; pragma synchronous = full; create table note (text blob)");
  const insert = db.prepare("insert into note values (?)");
  const start = performance.now();
  for (let commit = 0; commit < COMMITS; commit++) insert.run(new Uint8Array(200));
  report.row({ name: ANCHOR_DATABASE, value: (COMMITS * 1000) / (performance.now() - start), unit: "1/s" });
  db.close();
}

async function wholeTransfers(report: BenchReport, folder: string, atOnce: number): Promise<void> {
  await mkdir(folder);
  const database = await openSqlite({ file: join(folder, "safeconduct.sqlite") });
  const scene = await ExchangeScene.open({
    crypto: nodeCrypto(),
    ports: {
      store: database.store,
      tiles: await openTileStore(join(folder, "ledger")),
      blobs: await openBlobFolder({ folder: join(folder, "blobs") }),
    },
  });
  const desk = await scene.desk();
  const { publicKey } = await scene.crypto.hpke.generateKeyPair();
  const waiting: PreparedTransfer[] = [];
  for (let made = 0; made < TRANSFERS; made++)
    waiting.push(
      await prepareTransfer(scene, desk, {
        recipients: [{ address: `recipient-${made}@northlake.example`, name: null }],
      }),
    );
  const start = performance.now();
  const lane = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
      await wholeTransfer(scene, { desk, prepared: next, publicKey });
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  const seconds = (performance.now() - start) / 1000;
  report.row({
    name: `whole transfers, ${atOnce} at once`,
    value: TRANSFERS / seconds,
    unit: "1/s",
    ratioTo: ANCHOR_DATABASE,
  });
  await database.close();
}

async function wholeTransfer(
  scene: ExchangeScene,
  { desk, prepared, publicKey }: { desk: Desk; prepared: PreparedTransfer; publicKey: Uint8Array<ArrayBuffer> },
): Promise<void> {
  await draftTransfer(scene.deps, desk.caller, prepared.draft);
  for (const { number } of prepared.parts) await putPart(scene, prepared, number);
  await sealTransfer(scene.deps, desk.caller, prepared.seal);
  const { grant, address } = known(prepared.sent.links[0]);
  await sendCode(scene.deps, grant);
  const mail = await mailTo(scene, address);
  const { session } = await confirmAddress(scene.deps, { grant, code: known(/code: ([0-9]{6})/.exec(mail.text)?.[1]) });
  const recipient = known(await recipientOf(scene.deps, { grant, bearer: session }));
  await release(scene.deps, recipient, publicKey);
  await recordReceipt(scene.deps, recipient, { files: 1 });
}

/** It may be on its way with the mails of another lane. */
async function mailTo(scene: ExchangeScene, address: string): Promise<{ readonly text: string }> {
  for (let looks = 0; looks < LOOKS; looks++) {
    const mail = scene.mail.messages.findLast(({ to }) => to === address);
    if (mail !== undefined) return mail;
    await scene.outbox.deliverDue();
    await sleep(1);
  }
  throw new Error("no code was mailed");
}

async function releasesOverHttp(report: BenchReport, root: string): Promise<void> {
  const instance = await startInstance({ home: join(root, "home") });
  try {
    const recipients = await confirmedRecipients(instance, root);
    for (const clients of CLIENTS) {
      const peer = `plain answer over HTTP, ${clients} clients`;
      const asked = await latencies(recipients.slice(0, clients), () => plainAnswer(instance));
      percentiles(report, peer, asked);
      const released = await latencies(recipients.slice(0, clients), (recipient) => releaseOnce(instance, recipient));
      percentiles(report, `release over HTTP, ${clients} clients`, released, peer);
    }
  } finally {
    await instance.stop();
  }
}

interface Recipient {
  readonly grant: GrantId;
  readonly session: string;
}

/** One transfer with as many recipients as there are clients at most, all with the code confirmed. */
async function confirmedRecipients(instance: RunningInstance, root: string): Promise<readonly Recipient[]> {
  const config = join(root, "config");
  await setUp(instance, config);
  const count = Math.max(...CLIENTS);
  const addresses = Array.from({ length: count }, (_, at) => `recipient-${at}@northlake.example`);
  const recipients: Recipient[] = [];
  for (const some of [addresses.slice(0, count / 2), addresses.slice(count / 2)]) {
    const to = some.flatMap((address) => ["--to", address]);
    const file = join(import.meta.dirname, "exchange.ts");
    const sent = await runCli(["send", file, ...to, "--purpose", "TREAT", "--public", "--json"], { config });
    if (sent.exitCode !== 0) throw new Error(`send ended with ${sent.exitCode}: ${sent.errors}`);
    for (const { address, grant } of (sent.json as { links: { address: string; grant: string }[] }).links) {
      const session = await confirmedSession(instance, { grant, address });
      recipients.push({ grant: known(parseId("grant", grant)), session });
    }
  }
  return recipients;
}

async function plainAnswer(instance: RunningInstance): Promise<void> {
  const answer = await fetch(`${instance.portal}api/v1/instance`);
  await answer.arrayBuffer();
}

async function releaseOnce(instance: RunningInstance, { grant, session }: Recipient): Promise<void> {
  const { publicKey } = await nodeCrypto().hpke.generateKeyPair();
  const api = apiClient({ origin: new URL(instance.portal).origin, fetch, bearer: session });
  await api.call("release", { path: { grant }, body: { ephemeralPublicKey: base64UrlText(publicKey) } });
}

/** Milliseconds of each call; every recipient is a client that asks again as soon as it is answered. */
async function latencies(
  recipients: readonly Recipient[],
  ask: (recipient: Recipient) => Promise<void>,
): Promise<readonly number[]> {
  const seen: number[] = [];
  await Promise.all(
    recipients.map(async (recipient) => {
      for (let call = 0; call < RELEASES; call++) {
        const start = performance.now();
        await ask(recipient);
        seen.push(performance.now() - start);
      }
    }),
  );
  return seen.sort((a, b) => a - b);
}

function percentiles(report: BenchReport, name: string, sorted: readonly number[], anchor?: string): void {
  for (const percent of [50, 99]) {
    const value = sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
    report.row({
      name: `${name}: p${percent}`,
      value,
      unit: "ms",
      ...(anchor === undefined ? {} : { ratioTo: `${anchor}: p${percent}` }),
    });
  }
}
