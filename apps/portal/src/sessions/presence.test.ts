import { beforeEach, describe, expect, test } from "vitest";
import { LOCK_AFTER_MS, Presence, REPORT_EVERY_MS, WARN_BEFORE_MS } from "./presence.ts";

const START = 1_000_000;
let now: number;
let reports: number[];
let notes: number[];
let timers: { at: number; act: () => void }[];
let presence: Presence;
beforeEach(() => {
  now = START;
  [reports, notes, timers] = [[], [], []];
  presence = new Presence({
    now: () => now,
    after(milliseconds, act) {
      const timer = { at: now + milliseconds, act };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
    report: () => reports.push(now),
    note: (usedAt) => notes.push(usedAt),
  });
});
function pass(milliseconds: number): void {
  const end = now + milliseconds;
  for (const timer of timers.filter(({ at }) => at <= end)) {
    timers = timers.filter((each) => each !== timer);
    now = timer.at;
    timer.act();
  }
  now = end;
}

describe("a page that nobody uses", () => {
  test.each([
    [0, "present"],
    [LOCK_AFTER_MS - WARN_BEFORE_MS - 1, "present"],
    [LOCK_AFTER_MS - WARN_BEFORE_MS, "warned"],
    [LOCK_AFTER_MS - 1, "warned"],
    [LOCK_AFTER_MS, "absent"],
    [100 * LOCK_AFTER_MS, "absent"],
  ])("for %i ms is %s", (idle, phase) => {
    pass(idle);
    expect(presence.phase()).toBe(phase);
  });

  test("is not brought back by a hand once it asks, only by an answer", () => {
    pass(LOCK_AFTER_MS - WARN_BEFORE_MS);
    presence.used();
    expect(presence.phase()).toBe("warned");
    presence.stay();
    expect(presence.phase()).toBe("present");
    expect(presence.leftMs()).toBe(LOCK_AFTER_MS);
  });

  test("is not brought back by the first key after a night's sleep, nor by a late answer", () => {
    pass(8 * 3_600_000);
    presence.used();
    presence.stay();
    expect(presence.phase()).toBe("absent");
    expect([reports, notes]).toEqual([[], []]);
    presence.begin();
    expect(presence.phase()).toBe("present");
  });

  test("waits no longer because its clock was set back, and locks at once when it was set forward", () => {
    now -= 3_600_000;
    expect(presence.leftMs()).toBe(LOCK_AFTER_MS);
    pass(LOCK_AFTER_MS);
    expect(presence.phase()).toBe("absent");
    presence.begin();
    now += 3_600_000;
    expect(presence.phase()).toBe("absent");
  });
});

describe("use", () => {
  test("of another page counts here; older than our own it does not, nor longer than from now", () => {
    pass(10 * 60_000);
    presence.heard(START - 1);
    presence.heard(Number.NaN);
    expect(presence.leftMs()).toBe(5 * 60_000);
    presence.heard(now - 1000);
    expect(presence.leftMs()).toBe(LOCK_AFTER_MS - 1000);
    presence.heard(now + 3_600_000);
    expect(presence.leftMs()).toBe(LOCK_AFTER_MS);
  });

  test("is told to the server at once, then every half minute, and the last of it is not lost", () => {
    for (let second = 0; second < 45; second++) {
      presence.used();
      pass(1000);
    }
    expect(reports).toEqual([START, START + REPORT_EVERY_MS]);
    pass(REPORT_EVERY_MS);
    expect(reports).toEqual([START, START + REPORT_EVERY_MS, START + 2 * REPORT_EVERY_MS]);
    pass(10 * REPORT_EVERY_MS);
    expect(reports).toHaveLength(3);
  });

  test("is told to other pages once a second at most", () => {
    for (let tenth = 0; tenth < 25; tenth++) {
      presence.used();
      pass(100);
    }
    expect(notes).toEqual([START, START + 1000, START + 2000]);
  });

  test("is told no more after the page has gone", () => {
    presence.used();
    pass(1000);
    presence.used();
    presence.stop();
    pass(REPORT_EVERY_MS);
    expect(reports).toEqual([START]);
  });
});
