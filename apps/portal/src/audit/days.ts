/** Days as the reader's calendar has them: what a date field holds, and the instants at which it begins and ends. */
import { dateLocale } from "../elements/dates.ts";
import { language } from "../elements/language.ts";
import { wantedLanguages } from "../platform.ts";

/** `2026-11-22`, in the reader's zone. */
export function dayOf(at: number): string {
  const date = new Date(at);
  return `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

const two = (number: number): string => String(number).padStart(2, "0");

/** The first instant of the day, or of one that is `later` days after it; null for what is no day. */
export function dayStart(day: string, later = 0): number | null {
  const [, year, month, date] = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(day) ?? [];
  if (year === undefined || month === undefined || date === undefined) return null;
  const start = new Date(Number(year), Number(month) - 1, Number(date));
  if (dayOf(start.getTime()) !== day) return null;
  // By the calendar, not by 24 hours: clocks change.
  return Math.max(0, new Date(Number(year), Number(month) - 1, Number(date) + later).getTime());
}

export function daysAgo(now: number, days: number): string {
  const today = new Date(now);
  return dayOf(new Date(today.getFullYear(), today.getMonth(), today.getDate() - days).getTime());
}

const locale = dateLocale(language, wantedLanguages());
const heading = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const time = new Intl.DateTimeFormat(locale, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
});

export const dayHeading = (at: number): string => heading.format(at);
/** To the second, with the zone. */
export const timeOfDay = (at: number): string => time.format(at);
export const zoneName = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
