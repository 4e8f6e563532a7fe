/**
 * Database, tree and readable events against each other: the tree is whole and signed, its entries are the database's
 * leaves in their order, and each readable event is what its leaf commits to.
 */
import {
  type Bytes,
  equalBytes,
  MalformedBinary,
  type Sha256,
  type Signatures,
  type TransferId,
  utf8Bytes,
} from "@safeconduct/foundation";
import {
  commitEvent,
  commitSubject,
  decodeLeaf,
  isJsonObject,
  type Leaf,
  type LogVerdict,
  minuteOf,
  NO_HASH,
  parseCanonicalJson,
  type ReadTile,
  type VerifierKey,
  verifyLog,
} from "@safeconduct/ledger";
import type { EventRecord, SequencedEvent } from "../records.ts";
import { isErased } from "../retention/erase.ts";
import type { Store } from "../store.ts";
import type { Findings } from "./findings.ts";
import { LedgerFacts } from "./ledger-facts.ts";

const PAGE_LIMIT = 1024;
/** More than these cannot wait: a batch of the sequencer has 1024. */
const WAITING_LIMIT = 1_000_000;
/** Entries after which more differences of the same kind say nothing new. */
const DIFFERENCE_LIMIT = 20;

export interface LedgerCopy {
  readonly readTile: ReadTile;
  /** The signed note; null when there is none. */
  readonly checkpointText: string | null;
  readonly logKey: VerifierKey;
  /** A checkpoint of it that the key service remembers. */
  readonly seenText: string | null;
}

interface Ports {
  readonly store: Store;
  readonly sha256: Sha256;
  readonly signatures: Signatures;
}

/** How many entries the database has, and how many the signed tree has; null where the tree cannot be read to its end. */
export async function checkLedger(
  ports: Ports,
  copy: LedgerCopy,
  findings: Findings,
): Promise<{
  entries: number;
  treeSize: number | null;
  waiting: readonly EventRecord[];
  facts: LedgerFacts;
}> {
  const facts = new LedgerFacts();
  const sequenced = await checkEvents(ports, facts, findings);
  const waiting = await ports.store.read((view) => view.waitingEvents(WAITING_LIMIT));
  await checkPage(ports, waiting, facts, findings);
  const entries = sequenced + waiting.length;
  // Nothing was ever written down, and the ledger was not begun: a start that did not come to its end.
  if (copy.checkpointText === null && entries === 0) return { entries, treeSize: 0, waiting, facts };
  const treeSize = await checkTree(ports, copy, findings);
  if (treeSize === null) return { entries, treeSize, waiting, facts };
  if (sequenced < treeSize) findings.add("ledger/database-behind", { count: treeSize - sequenced });
  const late = waiting.length + Math.max(0, sequenced - treeSize);
  if (late > 0) findings.add("ledger/waiting", { count: late });
  return { entries, treeSize, waiting, facts };
}

async function checkEvents(ports: Ports, facts: LedgerFacts, findings: Findings): Promise<number> {
  let next = 0;
  for (;;) {
    const page = await ports.store.read((view) => view.leavesFrom(next, PAGE_LIMIT));
    for (const event of page) {
      if (event.index !== next) findings.add("ledger/gap", { entry: next });
      next = event.index + 1;
    }
    await checkPage(ports, page, facts, findings);
    if (page.length < PAGE_LIMIT) return next;
  }
}

async function checkPage(
  { store, sha256 }: Ports,
  page: readonly (EventRecord & { readonly index?: number })[],
  facts: LedgerFacts,
  findings: Findings,
): Promise<void> {
  const salts = await store.read(async (view) => {
    const found = new Map<TransferId, Bytes | null>();
    for (const { transfer } of page) {
      if (transfer !== null && !found.has(transfer))
        found.set(transfer, (await view.findTransfer(transfer))?.subjectSalt ?? null);
    }
    return found;
  });
  for (const event of page) {
    const { transfer, index } = event;
    const leaf = leafOf(event);
    if (leaf !== null) facts.take(event, leaf.payloadHash, { isRefused: isRefused(event) });
    if (isTrue(sha256, event, transfer === null ? null : (salts.get(transfer) ?? null))) continue;
    findings.add("event/differs", {
      ...(index === undefined ? {} : { entry: index }),
      ...(transfer === null ? {} : { transfer }),
    });
  }
}

/**
 * Whether leaf and readable event say the same. What was erased has nothing left to compare, and its leaf stands; with the
 * subject salt gone, nobody can say any more which transfer a leaf is about, and that is what erasing is for.
 */
function isTrue(sha256: Sha256, event: EventRecord, subjectSalt: Bytes | null): boolean {
  const leaf = leafOf(event);
  if (leaf === null || leaf.type !== event.type || leaf.minute !== minuteOf(event.at)) return false;
  const { transfer, body, salt } = event;
  const isForgotten = subjectSalt !== null && isErased({ subjectSalt });
  const subject = transfer === null || subjectSalt === null ? NO_HASH : commitSubject(sha256, subjectSalt, transfer);
  const sameSubject = isForgotten || equalBytes(leaf.subject, subject);
  const erased = body === null || salt === null;
  if (erased) return event.member === null && event.outcome === null;
  return sameSubject && isFiledRight(event) && equalBytes(leaf.commitment, commitEvent(sha256, salt, utf8Bytes(body)));
}

/** What searches go by repeats the readable event: a column that says otherwise would hide an entry from whoever looks for it. */
function isFiledRight({ body, at, organisation, transfer, grant, member, outcome }: EventRecord): boolean {
  const event = body === null ? undefined : parseCanonicalJson(body);
  if (!isJsonObject(event)) return false;
  const actor = isJsonObject(event["actor"]) ? event["actor"] : {};
  return (
    event["at"] === at &&
    event["organisation"] === organisation &&
    event["transfer"] === transfer &&
    event["grant"] === grant &&
    event["outcome"] === outcome &&
    (actor["kind"] === "member" ? actor["id"] : null) === member
  );
}

/** What was refused has the problem's code as its outcome. */
function isRefused({ body }: EventRecord): boolean {
  const event = body === null ? undefined : parseCanonicalJson(body);
  return isJsonObject(event) && event["outcome"] !== "done";
}

function leafOf({ leaf }: EventRecord): Leaf | null {
  try {
    return decodeLeaf(leaf);
  } catch (error) {
    if (error instanceof MalformedBinary) return null;
    throw error;
  }
}

async function checkTree(
  { store, sha256, signatures }: Ports,
  { readTile, checkpointText, logKey, seenText }: LedgerCopy,
  findings: Findings,
): Promise<number | null> {
  if (checkpointText === null) {
    findings.add("ledger/checkpoint-refused");
    return null;
  }
  let page: readonly SequencedEvent[] = [];
  let pageStart = 0;
  const differing: number[] = [];
  const onEntry = async (index: number, entry: Bytes) => {
    if (index >= pageStart + page.length) {
      page = await store.read((view) => view.leavesFrom(index, PAGE_LIMIT));
      pageStart = index;
    }
    const event = page[index - pageStart];
    if (event === undefined || equalBytes(event.leaf, entry) || differing.length >= DIFFERENCE_LIMIT) return;
    differing.push(index);
  };
  const ports = { sha256, signatures };
  const verdict = await verifyLog(ports, { readTile, checkpointText, logKey, onEntry });
  // In a damaged tree the entry is what is wrong, and that is told already.
  if (verdict.ok) for (const entry of differing) findings.add("ledger/entry-differs", { entry });
  // Only of a whole ledger it can be said that it is an older one.
  const compared =
    verdict.ok && seenText !== null
      ? await verifyLog(ports, { readTile, checkpointText, logKey, earlierText: seenText })
      : verdict;
  if (compared.ok) return compared.checkpoint.size;
  tell(compared, findings);
  return null;
}

function tell(verdict: Extract<LogVerdict, { ok: false }>, findings: Findings): void {
  if (verdict.failure === "checkpoint-refused") findings.add("ledger/checkpoint-refused");
  else if (verdict.failure === "rolled-back" || verdict.failure.startsWith("earlier-"))
    findings.add("ledger/older-copy");
  else findings.add("ledger/damaged", verdict.path === undefined ? {} : { tile: verdict.path });
}
