/**
 * `safeconduct fsck`: everything of an instance that is not running against everything else, and with --repair the mending of
 * what can be mended without a loss. It proves as far as a server can that every sealed transfer opens (all ciphertext under
 * the sender's signed root, shares, terms and slots) and that none opens which was destroyed.
 */
import { openBlobFolder } from "@safeconduct/blob-fs";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { checkInstance, type CheckReport, Findings, type Repair, repairInstance } from "@safeconduct/exchange";
import { type Clock, isProblem } from "@safeconduct/foundation";
import type { Log } from "../log.ts";
import { openLedger } from "../open-ledger.ts";
import { type OpenedInstance, openInstance } from "./open-instance.ts";
import { placesOf } from "../settings.ts";
import type { FsckOptions } from "./options.ts";
import type { FsckOutcome } from "./report.ts";

/** Throws `StartFailure` where there is nothing to check or it is in use. */
export async function fsck(
  { clock, log, say }: { clock: Clock; log: Log; say: (line: string) => void },
  options: FsckOptions,
): Promise<FsckOutcome> {
  const closers: (() => unknown)[] = [];
  try {
    const findings = new Findings();
    const places = await placesOf(options, clock.now());
    const opened = await openInstance({ crypto: nodeCrypto(), clock, log, say, closers }, places, findings);
    const report = await check(opened, { hashes: !options.quick, findings });
    if (report === null || !options.repair || !mayRepair(findings)) return outcomeOf(report, findings, []);
    return await repaired(opened, { clock, log, findings, report });
  } finally {
    for (const closer of closers.splice(0).reverse()) await closer();
  }
}

/** Null when the database is so damaged that it cannot be read to its end. */
async function check(
  { parts }: OpenedInstance,
  { hashes, findings }: { hashes: boolean; findings: Findings },
): Promise<CheckReport | null> {
  if (parts === null) return null;
  try {
    return await checkInstance(parts, { hashes, findings });
  } catch (error) {
    if (!isProblem(error) || error.code !== "store/damaged") throw error;
    if (!findings.has("database/damaged")) findings.add("database/damaged");
    return null;
  }
}

/** What looks left over beside a damaged or an older database or ledger may be all there is of something. */
const mayRepair = (findings: Findings): boolean =>
  findings.hasMendable && !findings.damage.some(({ code }) => /^(database|ledger|event|transfer)\//.test(code));

async function repaired(
  opened: OpenedInstance,
  { clock, log, findings, report }: { clock: Clock; log: Log; findings: Findings; report: CheckReport },
): Promise<FsckOutcome> {
  const { parts, home, secrets, connect } = opened;
  if (parts === null || connect === null) return outcomeOf(report, findings, []);
  const crypto = nodeCrypto();
  const { store } = parts;
  const { writer, perform, keys } = await openLedger({
    store,
    crypto,
    clock,
    random: crypto.random,
    log,
    folders: home,
    readSigner: async () => secrets.ledger,
    connect,
    newOrigin: false,
  });
  const blobs = await openBlobFolder({ folder: home.blobs });
  const repairs = await repairInstance({ store, perform, blobs, keys }, findings.all);
  // Once more over everything but the bytes, which nobody has touched: what was mended must be gone now.
  const after = new Findings();
  for (const { code, ...about } of findings.damage) if (code === "part/damaged") after.add(code, about);
  const ledger = { ...parts.ledger, checkpointText: writer.checkpointText };
  const second = await check({ ...opened, parts: { ...parts, ledger } }, { hashes: false, findings: after });
  return outcomeOf(second, after, repairs);
}

function outcomeOf(report: CheckReport | null, findings: Findings, repairs: readonly Repair[]): FsckOutcome {
  const { all, damageCount } = findings;
  const told = { report, findings: all, damageCount, repairs };
  if (damageCount > 0) return { result: "damaged", ...told };
  if (findings.hasLeftovers) return { result: "leftovers", ...told };
  return { result: repairs.length > 0 ? "repaired" : "clean", ...told };
}
