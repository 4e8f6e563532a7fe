/**
 * What the list of transfers is asked for. It is kept in this page's memory and nowhere else: whom one looks for is personal, so it
 * stands in no address, no history and no storage, and is gone when the page is. Coming back to the list finds it as it was.
 */
import type { routes } from "@safeconduct/contract";
import { displayName, LIMITS } from "@safeconduct/contract";
import type { z } from "zod";

type Search = z.input<(typeof routes)["searchTransfers"]["request"]>;

export const GROUPS = ["all", "open", "waiting", "attention", "drafts", "ended"] as const;
export type Group = (typeof GROUPS)[number];
export const SPANS = ["ever", "today", "week", "month", "year", "dates"] as const;
export type Span = (typeof SPANS)[number];

export interface Filter {
  readonly group: Group;
  readonly sender: "all" | "own";
  readonly span: Span;
  /** As a date field gives them, `2026-11-22`, where the span is `dates`; empty: open on this side. */
  readonly firstDay: string;
  readonly lastDay: string;
  readonly text: string;
}

export const EVERYTHING: Filter = { group: "all", sender: "all", span: "ever", firstDay: "", lastDay: "", text: "" };

export const isEverything = (filter: Filter): boolean => keyOf(filter) === keyOf(EVERYTHING);

/** The same for filters that ask for the same. */
export const keyOf = ({ group, sender, span, firstDay, lastDay, text }: Filter): string =>
  JSON.stringify([group, sender, span, ...(span === "dates" ? [firstDay, lastDay] : []), searchText(text)]);

const DAY_MS = 24 * 60 * 60 * 1000;
const SPAN_DAYS: Readonly<Partial<Record<Span, number>>> = { week: 7, month: 30, year: 365 };

export function searchOf(filter: Filter, now: number): Search {
  const { group, sender, span } = filter;
  const text = searchText(filter.text);
  const days = SPAN_DAYS[span];
  if (days !== undefined) return { group, sender, text, from: now - days * DAY_MS };
  if (span === "today") return { group, sender, text, from: midnight(new Date(now)) };
  if (span === "ever") return { group, sender, text };
  // The last day counts to its end, also where a clock change makes it 23 hours long.
  return { group, sender, text, from: dayStart(filter.firstDay, 0), to: dayStart(filter.lastDay, 1) };
}

/** Null where there is nothing to search for, or nothing that a name could be. */
function searchText(text: string): string | null {
  const parsed = displayName(LIMITS.searchTextLength).safeParse(text);
  return parsed.success ? parsed.data : null;
}

const midnight = (day: Date): number => new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime();

function dayStart(text: string, daysLater: number): number | null {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/u.exec(text);
  if (found === null) return null;
  return Math.max(0, new Date(Number(found[1]), Number(found[2]) - 1, Number(found[3]) + daysLater).getTime());
}

let kept: { readonly member: string; readonly filter: Filter } | null = null;

/** What this member last asked for in this page; another member's is not shown. */
export const keptFilter = (member: string): Filter => (kept?.member === member ? kept.filter : EVERYTHING);

export function keepFilter(member: string, filter: Filter): void {
  kept = { member, filter };
}
