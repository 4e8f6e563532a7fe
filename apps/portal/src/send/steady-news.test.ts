import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { steadyNews } from "./steady-news.ts";
import type { UploadNews } from "./upload-messages.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const progress = (storedBytes: number): UploadNews => ({ kind: "progress", storedBytes, totalBytes: 100 });
const begin = () => {
  const told: UploadNews[] = [];
  return { told, tell: steadyNews((news) => told.push(news), 250) };
};

test("of many steps the first is told at once and then the newest of each while", () => {
  const { told, tell } = begin();
  for (let at = 1; at <= 20; at++) {
    tell(progress(at));
    vi.advanceTimersByTime(50);
  }
  vi.advanceTimersByTime(1_000);
  expect(told).toEqual([1, 5, 10, 15, 20].map(progress));
  expect(vi.getTimerCount()).toBe(0);
});

test("the last step is told though nothing follows, and one after a rest at once", () => {
  const { told, tell } = begin();
  tell(progress(1));
  tell(progress(2));
  expect(told).toEqual([progress(1)]);
  vi.advanceTimersByTime(250);
  expect(told).toEqual([progress(1), progress(2)]);
  vi.advanceTimersByTime(250);
  tell(progress(3));
  expect(told).toHaveLength(3);
});

test("other news come at once, and never before the progress that was there first", () => {
  const { told, tell } = begin();
  tell(progress(1));
  tell(progress(2));
  tell({ kind: "waiting" });
  expect(told).toEqual([progress(1), progress(2), { kind: "waiting" }]);
  vi.advanceTimersByTime(1_000);
  expect(told).toHaveLength(3);
});
