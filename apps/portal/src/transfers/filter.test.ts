import { expect, test } from "vitest";
import { EVERYTHING, isEverything, keepFilter, keptFilter, keyOf, searchOf } from "./filter.ts";

const NOW = new Date(2026, 10, 22, 14, 30).getTime();
const DAY_MS = 24 * 60 * 60 * 1000;
const ask = (change: Partial<typeof EVERYTHING>) => searchOf({ ...EVERYTHING, ...change }, NOW);

test("nothing asked for asks for everything", () => {
  expect(ask({})).toEqual({ group: "all", sender: "all", text: null });
  expect(isEverything({ ...EVERYTHING, text: "   " })).toBe(true);
  expect(isEverything({ ...EVERYTHING, group: "open" })).toBe(false);
});

test("spans count back from now; today begins at this reader's midnight", () => {
  expect(ask({ span: "week" })).toMatchObject({ from: NOW - 7 * DAY_MS });
  expect(ask({ span: "today" })).toMatchObject({ from: new Date(2026, 10, 22).getTime() });
});

test("the last day of two dates counts to its end, and a side that is left empty is open", () => {
  expect(ask({ span: "dates", firstDay: "2026-11-01", lastDay: "2026-11-03" })).toMatchObject({
    from: new Date(2026, 10, 1).getTime(),
    to: new Date(2026, 10, 4).getTime(),
  });
  expect(ask({ span: "dates", firstDay: "", lastDay: "yesterday" })).toMatchObject({ from: null, to: null });
});

test("dates that are not shown make no other question", () => {
  expect(keyOf({ ...EVERYTHING, firstDay: "2026-11-01" })).toBe(keyOf(EVERYTHING));
  expect(keyOf({ ...EVERYTHING, span: "dates", firstDay: "2026-11-01" })).not.toBe(keyOf(EVERYTHING));
});

test("a text that no name could be is not sent", () => {
  expect(ask({ text: " Brandt " })).toMatchObject({ text: "Brandt" });
  for (const text of ["", " ", "a\u0007b", "\u202e", "x".repeat(101)])
    expect(ask({ text })).toMatchObject({ text: null });
});

test("what one member asked for is not shown to another who signs in on the same page", () => {
  const asked = { ...EVERYTHING, text: "Brandt" };
  keepFilter("mem_one", asked);
  expect(keptFilter("mem_one")).toBe(asked);
  expect(keptFilter("mem_two")).toBe(EVERYTHING);
});
