/**
 * Instants in words. Always absolute with the zone's name, because a deadline is read by people in several zones;
 * relative beside it, never instead. The words follow the language of the catalogue, the order and the clock
 * (12 or 24 hours) the reader's own region.
 */
import type { Language } from "./language.ts";

/** Where the reader has another language than the catalogue's. */
const PLAIN_LOCALES: Readonly<Record<Language, string>> = { en: "en-GB", es: "es" };

/** The reader's own spelling of the catalogue's language: en-US has another order of day and month. */
export function dateLocale(language: Language, wanted: readonly string[]): string {
  return wanted.find((tag) => tag.toLowerCase().split("-")[0] === language) ?? PLAIN_LOCALES[language];
}

export interface DateWords {
  /** `Sunday, 22 November 2026 at 14:05 CET` */
  readonly long: (at: number) => string;
  /** `22 Nov 2026, 14:05 CET` */
  readonly short: (at: number) => string;
  /** `22 Nov, 14:05`: where the zone stands nearby already. */
  readonly brief: (at: number) => string;
  /** `in 19 hours`, `3 minutes ago`, `now` */
  readonly relative: (at: number, now: number) => string;
}

/** `timeZone` is an IANA name; absent: the reader's own. */
export function dateWords(locale: string, timeZone?: string): DateWords {
  const zone = timeZone === undefined ? {} : { timeZone };
  const clock = { hour: "2-digit", minute: "2-digit" } as const;
  const long = new Intl.DateTimeFormat(locale, {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
    ...clock,
    timeZoneName: "short",
    ...zone,
  });
  const short = new Intl.DateTimeFormat(locale, {
    day: "numeric",
    month: "short",
    year: "numeric",
    ...clock,
    timeZoneName: "short",
    ...zone,
  });
  const brief = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", ...clock, ...zone });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  return {
    long: (at) => long.format(at),
    short: (at) => short.format(at),
    brief: (at) => brief.format(at),
    relative(at, now) {
      const { value, unit } = largestUnit(at - now);
      return relative.format(value, unit);
    },
  };
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Hours up to two days, because a deadline of "tomorrow" hides half a day. */
function largestUnit(differenceMs: number): { value: number; unit: Intl.RelativeTimeFormatUnit } {
  const size = Math.abs(differenceMs);
  if (size < MINUTE_MS) return { value: 0, unit: "second" };
  if (size < HOUR_MS) return { value: Math.trunc(differenceMs / MINUTE_MS), unit: "minute" };
  if (size < 2 * DAY_MS) return { value: Math.trunc(differenceMs / HOUR_MS), unit: "hour" };
  return { value: Math.trunc(differenceMs / DAY_MS), unit: "day" };
}
