/**
 * What was asked, in the page's address: so that going back, loading again and sharing work. A person's address never stands
 * there: it is in the state of this one step of the browser's history, and an address that was shared comes without.
 */
import {
  auditQuestionKind,
  eventGroup,
  mailAddress,
  type AuditQuestionKind,
  type EventGroup,
} from "@safeconduct/contract";
import { dayStart } from "./days.ts";

export interface Asked {
  readonly question: AuditQuestionKind;
  /** The mail address of a recipient or a member, or the name of an organisation that recipients work at. */
  readonly whom: string | null;
  readonly transfer: string | null;
  /** Days as date fields have them; `to` is included. */
  readonly from: string | null;
  readonly to: string | null;
  readonly group: EventGroup | null;
  readonly outcome: "done" | "refused" | null;
  readonly id: string | null;
}

export const ASKED_NOTHING: Asked = {
  question: "search",
  whom: null,
  transfer: null,
  from: null,
  to: null,
  group: null,
  outcome: null,
  id: null,
};

/** Says in the address that somebody was asked for, and not who. */
const SOMEBODY = "somebody";

/** Null where nothing is asked. `isPersonLost`: somebody was asked for, and this browser does not know who. */
export function askedIn(search: string, state: unknown): { asked: Asked | null; isPersonLost: boolean } {
  const parameters = new URLSearchParams(search);
  const text = (name: string): string | null => parameters.get(name) || null;
  const question = auditQuestionKind.safeParse(parameters.get("question"));
  if (!question.success) return { asked: null, isPersonLost: false };
  const day = (name: string) => (dayStart(text(name) ?? "") === null ? null : text(name));
  const outcome = text("outcome");
  const hasPerson = parameters.get("person") === SOMEBODY;
  const whom = hasPerson ? personIn(state) : null;
  const asked: Asked = {
    question: question.data,
    whom,
    transfer: text("transfer"),
    from: day("from"),
    to: day("to"),
    group: eventGroup.safeParse(parameters.get("group")).data ?? null,
    outcome: outcome === "done" || outcome === "refused" ? outcome : null,
    id: text("id"),
  };
  return { asked, isPersonLost: hasPerson && whom === null };
}

export function addressOf(asked: Asked): { path: string; state: { readonly auditPerson: string } | null } {
  const parameters = new URLSearchParams({ question: asked.question });
  for (const name of ["transfer", "from", "to", "group", "outcome", "id"] as const) {
    const value = asked[name];
    if (value !== null) parameters.set(name, value);
  }
  if (asked.whom !== null) parameters.set("person", SOMEBODY);
  return { path: `/audit?${parameters}`, state: asked.whom === null ? null : { auditPerson: asked.whom } };
}

/** As the server is asked. The last day counts to its end. */
export function requestOf(asked: Asked) {
  const { question, from, to, whom, ...rest } = asked;
  const isAddress = whom !== null && mailAddress.safeParse(whom).success;
  return {
    ...rest,
    person: isAddress ? whom : null,
    recipientOrganisation: isAddress ? null : whom,
    question: question === "open-links" ? ("search" as const) : question,
    from: from === null ? null : dayStart(from),
    to: to === null ? null : dayStart(to, 1),
  };
}

function personIn(state: unknown): string | null {
  const person = (state as { auditPerson?: unknown } | null)?.auditPerson;
  return typeof person === "string" ? person : null;
}
