/**
 * When links begin and end. A preset counts from the moment when the files are sealed; a date is a date in the reader's own zone,
 * also across the nights in which clocks change, and stays what it was however long the upload takes.
 */
import { LIMITS } from "@safeconduct/contract";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
export const PRESET_HOURS = [24, 48, 72, 168] as const;
/** A link that ends before anybody could open it helps nobody. */
export const LEAST_LIFE_MS = 15 * MINUTE_MS;

/** As the browser's own fields give them: `2026-11-22` and `14:05`. */
export interface LocalTime {
  readonly date: string;
  readonly time: string;
}

export type Expiry =
  | { readonly kind: "preset"; readonly hours: (typeof PRESET_HOURS)[number] }
  | ({ readonly kind: "date" } & LocalTime);

/** `skipped`: clocks go over that minute. */
export type TimeFault = "missing" | "skipped" | "past" | "too-soon" | "too-far" | "before-begin";

interface Times {
  /** Milliseconds since the epoch; 0: at once. */
  readonly notBefore: number;
  readonly lifeMs: number;
  /** Where the end is a date. */
  readonly endsAt: number | null;
  /** When the links end, as far as it can be told before the upload. */
  readonly expectedEnd: number;
}

export type TimesRead =
  | { readonly times: Times; readonly fault: null }
  | { readonly times: null; readonly fault: { readonly field: "begin" | "end"; readonly kind: TimeFault } };

/** `begin` null: at once. */
export function readTimes({ begin, end }: { begin: LocalTime | null; end: Expiry }, now: number): TimesRead {
  const notBefore = begin === null ? 0 : instantOf(begin);
  if (typeof notBefore === "string") return wrong("begin", notBefore);
  if (begin !== null && notBefore <= now) return wrong("begin", "past");
  if (end.kind === "preset") {
    const lifeMs = end.hours * HOUR_MS;
    const expectedEnd = Math.max(now, notBefore) + lifeMs;
    // The longest life counts from the seal, whenever the link begins.
    if (expectedEnd > now + LIMITS.grantLifeMs) return wrong("begin", "too-far");
    return { times: { notBefore, lifeMs, endsAt: null, expectedEnd }, fault: null };
  }
  const endsAt = instantOf(end);
  if (typeof endsAt === "string") return wrong("end", endsAt);
  if (endsAt <= now) return wrong("end", "past");
  if (endsAt <= notBefore) return wrong("end", "before-begin");
  const lifeMs = endsAt - Math.max(now, notBefore);
  if (lifeMs < LEAST_LIFE_MS) return wrong("end", "too-soon");
  if (endsAt > now + LIMITS.grantLifeMs) return wrong("end", "too-far");
  return { times: { notBefore, lifeMs, endsAt, expectedEnd: endsAt }, fault: null };
}

const wrong = (field: "begin" | "end", kind: TimeFault): TimesRead => ({ times: null, fault: { field, kind } });

/** Of two instants that a clock shows alike, the first. */
function instantOf({ date, time }: LocalTime): number | "missing" | "skipped" {
  const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
  const clock = /^(\d{2}):(\d{2})(?::\d{2}(?:\.\d+)?)?$/.exec(time);
  if (day === null || clock === null) return "missing";
  const [year, month, dayOfMonth, hour, minute] = [day[1], day[2], day[3], clock[1], clock[2]].map(Number);
  if (year === undefined || month === undefined) return "missing";
  const instant = new Date(year, month - 1, dayOfMonth, hour, minute);
  if (!Number.isFinite(instant.getTime())) return "missing";
  const same =
    instant.getMonth() === month - 1 &&
    instant.getDate() === dayOfMonth &&
    instant.getHours() === hour &&
    instant.getMinutes() === minute;
  return same ? instant.getTime() : "skipped";
}

/** What the fields show for an instant. */
export function localTimeOf(at: number): LocalTime {
  const moment = new Date(at);
  return {
    date: `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`,
    time: `${two(moment.getHours())}:${two(moment.getMinutes())}`,
  };
}

const two = (value: number): string => String(value).padStart(2, "0");
