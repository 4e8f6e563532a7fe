/**
 * The whole of an instance that nobody uses meanwhile: database, ledger, ciphertext and keys against each other.
 * It reads and changes nothing; `repairInstance` acts on what it found.
 */
import type { Sha256, Signatures, TransferId } from "@safeconduct/foundation";
import type { TransferState } from "../records.ts";
import type { Store } from "../store.ts";
import { checkJobs } from "./check-jobs.ts";
import { checkKeyLog } from "./check-key-log.ts";
import { checkLedger, type LedgerCopy } from "./check-ledger.ts";
import { checkMembers } from "./check-members.ts";
import { checkRecoveries } from "./check-recoveries.ts";
import { checkTransfer } from "./check-transfer.ts";
import { type Finding, Findings } from "./findings.ts";
import { type HeldShares, heldShares, isHeld } from "./held-shares.ts";
import type { BlobAudit, KeyInventory, KeyLogCopy } from "./ports.ts";
import type { TransferFacts } from "./transfer-facts.ts";

const PAGE_LIMIT = 100;

export interface InstanceParts {
  readonly store: Store;
  readonly ledger: Omit<LedgerCopy, "seenText">;
  readonly blobs: BlobAudit;
  /** Null when it does not start; then `keys/unavailable` is told. */
  readonly keys: KeyInventory | null;
  /** Null when its folder or the pinned key is not there. */
  readonly keyLog: KeyLogCopy | null;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  readonly sha256: Sha256;
  readonly signatures: Signatures;
}

export interface CheckReport {
  /** Entries in the database, those that wait included. */
  readonly entries: number;
  /** Entries under the signed checkpoint; null where the tree cannot be read. */
  readonly treeSize: number | null;
  readonly transfers: number;
  /** How many are in each state. */
  readonly states: Readonly<Partial<Record<TransferState, number>>>;
  /** Active transfers of which nothing that opening needs is missing or damaged. */
  readonly whole: number;
  /** Ciphertext that was looked at. */
  readonly bytes: number;
  readonly findings: readonly Finding[];
  /** All of it, also where not each is in `findings`. */
  readonly damageCount: number;
}

/** `hashes` false: bodies of parts are looked at by their names and lengths alone. */
export async function checkInstance(
  { store, ledger, blobs, keys, keyLog, now, sha256, signatures }: InstanceParts,
  { hashes, findings = new Findings() }: { hashes: boolean; findings?: Findings },
): Promise<CheckReport> {
  const asked = keys ?? NOBODY;
  const copy = { ...ledger, seenText: await asked.ledgerSeen() };
  const { entries, treeSize, waiting, facts: told } = await checkLedger({ store, sha256, signatures }, copy, findings);
  const held = keys === null ? null : await heldShares(keys);
  if (held === null) findings.add("keys/unavailable");
  await checkKeyLog({ store, sha256, signatures }, keyLog, told, findings);
  const memberCheck = { store, sha256, signatures, ledger: told, findings };
  for (const organisation of await checkMembers(memberCheck)) await checkRecoveries(memberCheck, organisation);
  await checkJobs({ store, now }, findings);
  const check = { sha256, signatures, blobs, keys: asked, held, hashes, findings };
  const known = new Set<TransferId>();
  const states: Partial<Record<TransferState, number>> = {};
  let whole = 0;
  let bytes = 0;
  for await (const facts of transferFacts(store)) {
    const { id, state } = facts.transfer;
    known.add(id);
    states[state] = (states[state] ?? 0) + 1;
    const before = findings.damageCount;
    const events = [...facts.events, ...waiting.filter(({ transfer }) => transfer === id)];
    bytes += (await checkTransfer(check, { ...facts, events })).bytes;
    if (state === "active" && held !== null && findings.damageCount === before) whole += 1;
  }
  await checkStrangers({ store, blobs, held, known }, findings);
  const { damageCount } = findings;
  return { entries, treeSize, transfers: known.size, states, whole, bytes, findings: findings.all, damageCount };
}

/** What lies in the stores and belongs to no record. */
async function checkStrangers(
  {
    store,
    blobs,
    held,
    known,
  }: { store: Store; blobs: BlobAudit; held: HeldShares | null; known: ReadonlySet<TransferId> },
  findings: Findings,
): Promise<void> {
  const unfinished = await blobs.unfinished();
  if (unfinished > 0) findings.add("blob/unfinished", { count: unfinished });
  for await (const transfer of blobs.transfers()) {
    if (known.has(transfer)) continue;
    const hasKey = held === null || isHeld(held.transfers.get(transfer));
    findings.add(hasKey ? "blob/kept" : "blob/without-record", { transfer });
  }
  if (held === null) return;
  let strangers = 0;
  for (const share of held.transfers.values()) if (isHeld(share) && !known.has(share.id)) strangers += 1;
  for (const share of held.grants.values()) {
    if (isHeld(share) && (await store.read((view) => view.findGrant(share.id))) === null) strangers += 1;
  }
  if (strangers > 0) findings.add("keys/share-unknown", { count: strangers });
}

/** Every transfer with all that belongs to it, by id. */
async function* transferFacts(store: Store): AsyncIterable<TransferFacts> {
  let after: TransferId | null = null;
  for (;;) {
    const last: TransferId | null = after;
    const page: readonly TransferFacts[] = await store.read(async (view) => {
      const transfers = await view.transfersAfter(last, PAGE_LIMIT);
      const facts: TransferFacts[] = [];
      for (const transfer of transfers) {
        facts.push({
          transfer,
          device: await view.findDevice(transfer.device),
          parts: await view.partsOf(transfer.id),
          grants: await view.grantsOf(transfer.id),
          holds: await view.holdsOf(transfer.id),
          events: await view.eventsOf(transfer.id),
        });
      }
      return facts;
    });
    yield* page;
    after = page.at(-1)?.transfer.id ?? null;
    if (after === null) return;
  }
}

const NOBODY: KeyInventory = {
  async *inventory() {},
  openDestruction: async () => null,
  ledgerSeen: async () => null,
};
