import { expect, test } from "vitest";
import { steadyNews } from "./steady-news.ts";
import type { UploadNews } from "./upload-messages.ts";

const progress = (storedBytes: number): UploadNews => ({ kind: "progress", storedBytes, totalBytes: 100 });

/** Waits end when the test says so. */
function begin() {
  const told: UploadNews[] = [];
  const waits: (() => void)[] = [];
  const wait = () => new Promise<void>((resolve) => waits.push(resolve));
  const letPass = async () => {
    for (const end of waits.splice(0)) end();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { told, waits, letPass, tell: steadyNews((news) => told.push(news), wait) };
}

test("of many steps the first is told at once and then the newest of each while", async () => {
  const { told, tell, letPass, waits } = begin();
  for (let at = 1; at <= 20; at++) {
    tell(progress(at));
    if (at % 5 === 0) await letPass();
  }
  await letPass();
  expect(told).toEqual([1, 5, 10, 15, 20].map(progress));
  expect(waits).toEqual([]);
});

test("the last step is told though nothing follows, and one after a rest at once", async () => {
  const { told, tell, letPass } = begin();
  tell(progress(1));
  tell(progress(2));
  expect(told).toEqual([progress(1)]);
  await letPass();
  expect(told).toEqual([progress(1), progress(2)]);
  await letPass();
  tell(progress(3));
  expect(told).toHaveLength(3);
});

test("other news come at once, and never before the progress that was there first", async () => {
  const { told, tell, letPass } = begin();
  tell(progress(1));
  tell(progress(2));
  tell({ kind: "waiting" });
  expect(told).toEqual([progress(1), progress(2), { kind: "waiting" }]);
  await letPass();
  expect(told).toHaveLength(3);
});
