/** A question to the audit log, and which events can answer it. */
import type { AuditQuestionKind, EventGroup } from "@safeconduct/contract";
import { type OrganisationId, parseId, type TransferId } from "@safeconduct/foundation";
import type { EventType } from "@safeconduct/ledger";
import type { MemberCaller } from "../callers.ts";
import type { EventPlace, EventWalk, PlacedEvent, View } from "../store.ts";
import { transferProblem } from "../transfers/errors.ts";
import { auditProblem } from "./errors.ts";
import { groupOf, typesOf } from "./event-groups.ts";
import { mergedWalk } from "./merged-walk.ts";

export interface AuditQuestion {
  readonly question: AuditQuestionKind;
  /** A mail address: of a recipient, of a member, or of both. */
  readonly person: string | null;
  /** Where a recipient works, in the sender's words. */
  readonly recipientOrganisation: string | null;
  readonly transfer: TransferId | null;
  /** Milliseconds since the Unix epoch; the first instant that counts. */
  readonly from: number | null;
  /** The first instant that counts no more. */
  readonly to: number | null;
  readonly group: EventGroup | null;
  readonly outcome: "done" | "refused" | null;
  /** An id of anything that an event names, or an entry's place in the ledger. */
  readonly id: string | null;
}

/** The three acts of a recipient that a link's time decides about. A receipt may come later, of what was released in time. */
const USES: ReadonlySet<EventType> = new Set(["grant/confirmed", "grant/factor-passed", "grant/released"]);
/** What opens files. */
const OPENINGS: ReadonlySet<EventType> = new Set([
  "grant/released",
  "grant/released-to-member",
  "recovery/released",
  "package/downloaded",
]);

/** After every event there is. */
const NEWEST = Number.MAX_SAFE_INTEGER;

/**
 * Events that the question's fields let through, newest first, and with them those that were looked at and did not fit (`fits`
 * false): whoever reads decides how many to look at. Problems: `audit/time-reversed`, `transfer/unknown`.
 */
export async function* eventsFor(
  view: View,
  caller: MemberCaller,
  asked: AuditQuestion,
  after: EventPlace | null,
): AsyncGenerator<{ readonly event: PlacedEvent; readonly fits: boolean }> {
  const { from, to } = asked;
  if (from !== null && to !== null && to <= from) throw auditProblem("audit/time-reversed");
  const range = { before: after ?? { at: to ?? NEWEST, number: 0 }, since: from ?? 0 };
  const { organisation } = caller;
  const person = asked.person === null ? null : await personOf(view, organisation, asked.person);
  for await (const event of walk(view, caller, { asked, person, range })) {
    const isOurs = event.organisation === organisation || event.organisation === null;
    if (isOurs)
      yield {
        event,
        fits: fits(event, asked) && (await isOf(view, event, person)) && (await isAt(view, event, asked)),
      };
  }
}

/** The narrowest way to everything that could fit. */
async function* walk(
  view: View,
  caller: MemberCaller,
  { asked, person, range }: { asked: AuditQuestion; person: Person | null; range: Range },
): AsyncGenerator<PlacedEvent> {
  const { organisation } = caller;
  const { id, group, outcome, recipientOrganisation } = asked;
  const index = id === null ? null : /^#?([0-9]{1,15})$/.exec(id)?.[1];
  if (index !== undefined && index !== null) {
    yield* placed(await view.leavesFrom(Number(index), 1), range);
    return;
  }
  const grant = id === null ? null : parseId("grant", id);
  const transfer =
    asked.transfer ??
    (id === null ? null : parseId("transfer", id)) ??
    (grant === null ? null : ((await view.findGrant(grant))?.transfer ?? null));
  if (transfer !== null) {
    if ((await view.findTransfer(transfer))?.organisation !== organisation) throw transferProblem("transfer/unknown");
    yield* placed(await view.eventsOf(transfer), range);
    return;
  }
  const both = [organisation, null];
  const member = id === null ? null : parseId("member", id);
  const types = typesAsked(asked);
  const walks: readonly EventWalk[] =
    person !== null
      ? person.walks
      : recipientOrganisation !== null
        ? [{ along: "recipient-organisation", organisation, name: recipientOrganisation }]
        : member !== null
          ? [{ along: "member", organisation, member }]
          : outcome === "refused"
            ? both.map((of) => ({ along: "refused", organisation: of }))
            : types !== null || group !== null
              ? (types ?? typesOf(group ?? "audit")).flatMap((type) =>
                  both.map((of) => ({ along: "type" as const, organisation: of, type })),
                )
              : both.map((of) => ({ along: "time", organisation: of }));
  yield* mergedWalk(view, walks, range);
}

interface Range {
  readonly before: EventPlace;
  readonly since: number;
}

/** Events that are few enough to be held, in the order of a walk and with places in it. */
function* placed(events: Awaited<ReturnType<View["eventsOf"]>>, { before, since }: Range): Generator<PlacedEvent> {
  const ordered = events
    // Their order in the ledger is as good as their numbers, and equal times are settled among these alone.
    .map((event) => ({ ...event, number: event.index + 1 }))
    .sort((a, b) => b.at - a.at || b.number - a.number);
  for (const event of ordered) {
    const isBefore = event.at < before.at || (event.at === before.at && event.number < before.number);
    if (isBefore && event.at >= since) yield event;
  }
}

function typesAsked({ question }: AuditQuestion): readonly EventType[] | null {
  if (question === "after-deadline") return [...USES];
  return question === "opened" ? [...OPENINGS] : null;
}

function fits(event: PlacedEvent, asked: AuditQuestion): boolean {
  const types = typesAsked(asked);
  if (types !== null && !types.includes(event.type)) return false;
  if (asked.group !== null && groupOf(event.type) !== asked.group) return false;
  if (asked.outcome !== null && (event.outcome === null || (event.outcome === "done") !== (asked.outcome === "done")))
    return false;
  return asked.id === null || names(event, asked.id);
}

function names(event: PlacedEvent, id: string): boolean {
  if (/^#?[0-9]+$/.test(id)) return event.index === Number(id.replace("#", ""));
  return event.id === id || event.grant === id || event.transfer === id || (event.body?.includes(`"${id}"`) ?? false);
}

interface Person {
  readonly address: string;
  readonly member: string | null;
  readonly walks: readonly EventWalk[];
}

async function personOf(view: View, organisation: OrganisationId, address: string): Promise<Person> {
  const member = await view.findMemberByAddress(organisation, address);
  const walks: EventWalk[] = [{ along: "address", organisation, address }];
  if (member !== null) walks.push({ along: "member", organisation, member: member.id });
  return { address: address.toLowerCase(), member: member?.id ?? null, walks };
}

async function isAt(view: View, event: PlacedEvent, { recipientOrganisation: asked }: AuditQuestion): Promise<boolean> {
  if (asked === null) return true;
  const grant = event.grant === null ? null : await view.findGrant(event.grant);
  return grant?.recipientOrganisation?.toLowerCase() === asked.toLowerCase();
}

/** Of those of a transfer some are another recipient's. */
async function isOf(view: View, event: PlacedEvent, person: Person | null): Promise<boolean> {
  if (person === null || (event.member !== null && event.member === person.member)) return true;
  if (event.grant === null) return false;
  return (await view.findGrant(event.grant))?.address.toLowerCase() === person.address;
}
