import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LEAST_LIFE_MS, localTimeOf, readTimes } from "./expiry.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const zone = process.env["TZ"];
beforeAll(() => {
  process.env["TZ"] = "Europe/Berlin";
});
afterAll(() => {
  if (zone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = zone;
});

/** Noon in Berlin, in winter. */
const NOW = Date.UTC(2026, 10, 22, 11, 0);
const at = (ms: number) => ({ kind: "date", ...localTimeOf(ms) }) as const;
const endOf = (end: Parameters<typeof readTimes>[0]["end"], now = NOW, begin: number | null = null) => {
  const read = readTimes({ begin: begin === null ? null : localTimeOf(begin), end }, now);
  return read.fault === null ? read.times.expectedEnd : `${read.fault.field} ${read.fault.kind}`;
};

describe("the end of links", () => {
  it("as a preset counts from the seal, or from the begin where that is later", () => {
    expect(readTimes({ begin: null, end: { kind: "preset", hours: 48 } }, NOW).times).toEqual({
      notBefore: 0,
      lifeMs: 48 * HOUR_MS,
      endsAt: null,
      expectedEnd: NOW + 48 * HOUR_MS,
    });
    expect(endOf({ kind: "preset", hours: 24 }, NOW, NOW + DAY_MS)).toBe(NOW + 2 * DAY_MS);
  });

  it("as a date is that minute in the reader's zone, whatever the upload takes", () => {
    const read = readTimes({ begin: null, end: { kind: "date", date: "2026-11-24", time: "14:05" } }, NOW);
    expect(read.times?.endsAt).toBe(Date.UTC(2026, 10, 24, 13, 5));
  });

  it("lies on the right side of the night in which clocks go back", () => {
    const before = Date.UTC(2026, 9, 24, 10, 0);
    expect(endOf({ kind: "date", date: "2026-10-24", time: "18:00" }, before)).toBe(Date.UTC(2026, 9, 24, 16, 0));
    expect(endOf({ kind: "date", date: "2026-10-25", time: "18:00" }, before)).toBe(Date.UTC(2026, 9, 25, 17, 0));
    // Two o'clock thirty comes twice: the earlier one.
    expect(endOf({ kind: "date", date: "2026-10-25", time: "02:30" }, before)).toBe(Date.UTC(2026, 9, 25, 0, 30));
    // A preset is a number of hours, not of days on the calendar.
    expect(endOf({ kind: "preset", hours: 24 }, before)).toBe(before + DAY_MS);
  });

  it("is not a minute that clocks pass over", () => {
    const before = Date.UTC(2026, 2, 28, 11, 0);
    expect(endOf({ kind: "date", date: "2026-03-29", time: "02:30" }, before)).toBe("end skipped");
    expect(endOf({ kind: "date", date: "2026-03-29", time: "03:00" }, before)).toBe(Date.UTC(2026, 2, 29, 1, 0));
  });

  it.each([
    ["", "10:00"],
    ["2026-11-24", ""],
    ["2026-13-01", "10:00"],
    ["2026-02-31", "10:00"],
    ["24.11.2026", "10:00"],
    ["2026-11-24", "25:00"],
  ])("is not told by %j %j", (date, time) => {
    expect(endOf({ kind: "date", date, time })).toMatch(/^end (missing|skipped)$/);
  });

  it("is neither past nor so near that nobody could open them", () => {
    expect(endOf(at(NOW))).toBe("end past");
    expect(endOf(at(NOW + LEAST_LIFE_MS - 60_000))).toBe("end too-soon");
    expect(endOf(at(NOW + LEAST_LIFE_MS))).toBe(NOW + LEAST_LIFE_MS);
  });

  it("is seven days away at the most, wherever they begin", () => {
    expect(endOf(at(NOW + 7 * DAY_MS))).toBe(NOW + 7 * DAY_MS);
    expect(endOf(at(NOW + 7 * DAY_MS + 60_000))).toBe("end too-far");
    expect(endOf({ kind: "preset", hours: 168 })).toBe(NOW + 7 * DAY_MS);
    expect(endOf({ kind: "preset", hours: 168 }, NOW, NOW + 60_000)).toBe("begin too-far");
    expect(endOf(at(NOW + DAY_MS), NOW, NOW + DAY_MS)).toBe("end before-begin");
    expect(endOf(at(NOW + DAY_MS), NOW, NOW)).toBe("begin past");
  });
});
