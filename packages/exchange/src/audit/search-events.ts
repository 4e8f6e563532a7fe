/**
 * A member's question to the audit log: a page of events, newest first. Each look is itself an entry, which says what kind of
 * question it was and not what was asked for. Bounded by what it looks at: a page that comes back short says where to go on.
 */
import type { MemberId, Sha256 } from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import type { Perform } from "../ledger/performer.ts";
import type { EventPlace, PlacedEvent, Store, View } from "../store.ts";
import { presentReaches } from "../transfers/permitted-transfer.ts";
import { Deadlines } from "./late-use.ts";
import { type AuditQuestion, eventsFor } from "./question.ts";

export const AUDIT_PAGE_EVENTS = 50;
/** Events that one request looks at, found ones or not. */
const AUDIT_LOOK_LIMIT = 10_000;
const JUDGED_USES_LIMIT = 2000;

export interface FoundEvent {
  readonly event: PlacedEvent;
  /** The member who acted, as called today. */
  readonly memberName: string | null;
  /** Whose link it was, as the grant says today; empty after an erasure. */
  readonly recipient: { readonly address: string; readonly name: string | null } | null;
}

export interface AuditFindings {
  readonly found: readonly FoundEvent[];
  /** Where to go on; null when everything was looked at. */
  readonly next: EventPlace | null;
  readonly looked: number;
  /** Of those, uses of links whose terms are not there to tell. Only for the question about deadlines. */
  readonly unproven: number;
}

interface Limits {
  readonly page: number;
  readonly look: number;
}

/** Problems: `audit/time-reversed`, `transfer/unknown`, `permission/refused`, `sign-in/required`, `ledger/unavailable`. */
export async function searchEvents(
  { store, perform, sha256 }: { store: Store; perform: Perform; sha256: Sha256 },
  caller: MemberCaller,
  { asked, after }: { asked: AuditQuestion; after: EventPlace | null },
  limits: Limits = { page: AUDIT_PAGE_EVENTS, look: AUDIT_LOOK_LIMIT },
): Promise<AuditFindings> {
  const findings = await store.read(async (view) => {
    await presentReaches(view, caller, "searchAudit");
    return findEvents({ view, sha256 }, caller, { asked, after }, limits);
  });
  await recordSearch(perform, caller, asked);
  return findings;
}

/** One page, unrecorded. */
export async function findEvents(
  ports: { readonly view: View; readonly sha256: Sha256 },
  caller: MemberCaller,
  { asked, after }: { asked: AuditQuestion; after: EventPlace | null },
  { page, look }: Limits,
): Promise<AuditFindings> {
  const found: FoundEvent[] = [];
  const names = new Map<MemberId, string | null>();
  const deadlines = new Deadlines(ports);
  // To judge a use costs a look at its link.
  const most = asked.question === "after-deadline" ? Math.min(look, JUDGED_USES_LIMIT) : look;
  let next: EventPlace | null = null;
  let [looked, unproven] = [0, 0];
  for await (const { event, fits } of eventsFor(ports.view, caller, asked, after)) {
    // One more was there: the page ends before it.
    if (found.length >= page || looked >= most) return { found, next, looked, unproven };
    looked++;
    next = { at: event.at, number: event.number };
    if (!fits) continue;
    if (asked.question === "after-deadline") {
      const timeliness = await deadlines.timelinessOf(event);
      if (timeliness === "unproven") unproven++;
      if (timeliness !== "late") continue;
    }
    found.push(await named(ports.view, event, names));
  }
  return { found, next: null, looked, unproven };
}

export function recordSearch(
  perform: Perform,
  caller: MemberCaller,
  { question }: Pick<AuditQuestion, "question">,
): Promise<void> {
  return perform(async () => ({
    entries: [
      {
        type: "audit/searched",
        actor: { kind: "member", id: caller.member },
        organisation: caller.organisation,
        detail: { question },
      },
    ],
    value: undefined,
  }));
}

async function named(view: View, event: PlacedEvent, names: Map<MemberId, string | null>): Promise<FoundEvent> {
  const { member } = event;
  if (member !== null && !names.has(member)) names.set(member, (await view.findMember(member))?.name ?? null);
  const grant = event.grant === null ? null : await view.findGrant(event.grant);
  return {
    event,
    memberName: member === null ? null : (names.get(member) ?? null),
    recipient: grant?.kind === "recipient" ? { address: grant.address, name: grant.name } : null,
  };
}
