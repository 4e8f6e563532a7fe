import { expect, it } from "vitest";
import { PaceMeter } from "./pace.ts";

const totalBytes = 1000;
it("nothing is promised before there is something to go by", () => {
  const meter = new PaceMeter();
  expect(meter.note({ at: 0, doneBytes: 0, totalBytes })).toBeNull();
  expect(meter.note({ at: 1999, doneBytes: 500, totalBytes })).toBeNull();
  expect(meter.note({ at: 2000, doneBytes: 500, totalBytes })).toEqual({ bytesPerSecond: 250, secondsLeft: 2 });
});

it("what was long ago does not count", () => {
  const meter = new PaceMeter();
  for (let second = 0; second <= 60; second++)
    meter.note({ at: second * 1000, doneBytes: second <= 30 ? 0 : (second - 30) * 10, totalBytes });
  const pace = meter.note({ at: 61_000, doneBytes: 310, totalBytes });
  expect(pace?.bytesPerSecond).toBeCloseTo(10, 1);
});

it("slow parts are held against the one before them", () => {
  const meter = new PaceMeter();
  meter.note({ at: 0, doneBytes: 0, totalBytes });
  expect(meter.note({ at: 50_000, doneBytes: 50, totalBytes })?.secondsLeft).toBe(950);
});

it("a pause is forgotten", () => {
  const meter = new PaceMeter();
  meter.note({ at: 0, doneBytes: 100, totalBytes });
  meter.restart();
  meter.note({ at: 100_000, doneBytes: 100, totalBytes });
  expect(meter.note({ at: 102_000, doneBytes: 300, totalBytes })?.bytesPerSecond).toBe(100);
});
