/**
 * What a question finds, as a file: CSV to read, or JSON with the proofs (docs/formats/audit-export.md). It is made while it is
 * sent, a page of the database at a time, so its length does not matter to the server. The export is an entry before its first
 * byte goes out.
 */
import { base64Text, type Sha256 } from "@safeconduct/foundation";
import { canonicalJson, inclusionProof, type JsonValue, parseCanonicalJson, TreeReader } from "@safeconduct/ledger";
import type { MemberCaller } from "../callers.ts";
import type { Perform } from "../ledger/performer.ts";
import type { EventPlace, Store } from "../store.ts";
import type { LedgerView } from "../transfers/issue-certificate.ts";
import { presentReaches } from "../transfers/permitted-transfer.ts";
import { CSV_BYTE_ORDER_MARK, csvRow } from "./csv.ts";
import type { AuditQuestion } from "./question.ts";
import { type AuditFindings, findEvents, type FoundEvent } from "./search-events.ts";

/** Entries in one file, at most; the file says when there were more. */
export const AUDIT_EXPORT_LIMIT_ENTRIES = 100_000;
const PAGE = { page: 500, look: 10_000 };

export type ExportFormat = "csv" | "json";

interface Deps {
  readonly store: Store;
  readonly perform: Perform;
  readonly ledger: LedgerView;
  readonly sha256: Sha256;
  readonly now: number;
}

/** Problems as of a search; afterwards the pieces of the file. */
export async function exportEvents(
  deps: Deps,
  caller: MemberCaller,
  { asked, format, limit = AUDIT_EXPORT_LIMIT_ENTRIES }: { asked: AuditQuestion; format: ExportFormat; limit?: number },
): Promise<AsyncIterable<string>> {
  const { store, perform, sha256 } = deps;
  // What is wrong with the question is said before anything is sent.
  await store.read(async (view) => {
    await presentReaches(view, caller, "exportAudit");
    return findEvents({ view, sha256 }, caller, { asked, after: null }, { page: 1, look: 1 });
  });
  await perform(async () => ({
    entries: [
      {
        type: "ledger/exported",
        actor: { kind: "member", id: caller.member },
        organisation: caller.organisation,
        detail: { question: asked.question, format },
      },
    ],
    value: undefined,
  }));
  const checkpoint = await deps.ledger.checkpointCovering(deps.ledger.size);
  const found = limited(allFound(deps, caller, asked, checkpoint.size), limit);
  return format === "csv" ? csv(found) : json(deps, caller, { found, checkpoint });
}

/** Newest first. What has no proof under the checkpoint yet is left for the next export. */
async function* allFound(
  { store, sha256 }: Deps,
  caller: MemberCaller,
  asked: AuditQuestion,
  size: number,
): AsyncGenerator<FoundEvent> {
  let after: EventPlace | null = null;
  do {
    const from: EventPlace | null = after;
    const page: AuditFindings = await store.read((view) =>
      findEvents({ view, sha256 }, caller, { asked, after: from }, PAGE),
    );
    for (const each of page.found) if (each.event.index < size) yield each;
    after = page.next;
  } while (after !== null);
}

/** `null` in the end stands for more that was left out. */
async function* limited(found: AsyncIterable<FoundEvent>, limit: number): AsyncGenerator<FoundEvent | null> {
  let count = 0;
  for await (const each of found) {
    if (count++ >= limit) {
      yield null;
      return;
    }
    yield each;
  }
}

const CSV_HEADER = [
  "entry",
  "time",
  "type",
  "outcome",
  "actor",
  "actor_id",
  "actor_name",
  "transfer",
  "grant",
  "recipient_address",
  "recipient_name",
  "detail",
  "event",
];

async function* csv(found: AsyncIterable<FoundEvent | null>): AsyncGenerator<string> {
  yield CSV_BYTE_ORDER_MARK + csvRow(CSV_HEADER);
  for await (const each of found) yield each === null ? csvRow([null, null, "more entries were left out"]) : row(each);
}

function row({ event, memberName, recipient }: FoundEvent): string {
  const { actor = null, detail = null } = (event.body === null ? {} : (parseCanonicalJson(event.body) ?? {})) as {
    actor?: { kind?: string; id?: string } | null;
    detail?: JsonValue;
  };
  return csvRow([
    event.index,
    new Date(event.at).toISOString(),
    event.type,
    event.outcome,
    actor?.kind ?? null,
    actor?.id ?? null,
    memberName,
    event.transfer,
    event.grant,
    recipient?.address ?? null,
    recipient?.name ?? null,
    detail === null ? null : canonicalJson(detail),
    event.id,
  ]);
}

async function* json(
  { ledger, sha256, now }: Deps,
  caller: MemberCaller,
  {
    found,
    checkpoint,
  }: { found: AsyncIterable<FoundEvent | null>; checkpoint: { readonly size: number; readonly text: string } },
): AsyncGenerator<string> {
  const tree = new TreeReader({ sha256, size: checkpoint.size, readTile: ledger.readTile });
  const head = canonicalJson({
    checkpoint: checkpoint.text,
    format: "safeconduct-audit-export",
    issuedAt: now,
    organisation: caller.organisation,
    version: 1,
  });
  yield `${head.slice(0, -1)},"entries":[`;
  let [separator, complete] = ["\n", true];
  for await (const each of found) {
    if (each === null) {
      complete = false;
      continue;
    }
    const { index, id, body, salt } = each.event;
    const proof = await inclusionProof(tree, index);
    const entry = {
      id,
      index,
      event: body === null ? null : (parseCanonicalJson(body) ?? null),
      salt: salt && base64Text(salt),
      // From the log itself, as in a certificate.
      leaf: base64Text(await tree.entry(index)),
      proof: proof.map(base64Text),
    };
    yield separator + canonicalJson(entry);
    separator = ",\n";
  }
  yield `\n],"complete":${complete}}\n`;
}
