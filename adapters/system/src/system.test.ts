import { expect, test } from "vitest";
import { systemClock, systemRandom } from "./index.ts";

test("the wall clock counts milliseconds since 1970 in whole numbers", () => {
  const before = Date.now();
  const now = systemClock().now();
  expect(Number.isInteger(now)).toBe(true);
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(Date.now());
});

test("the monotonic clock never goes back", () => {
  const clock = systemClock();
  const moments = Array.from({ length: 1000 }, () => clock.monotonic());
  expect(moments).toEqual([...moments].sort((a, b) => a - b));
});

test.each([0, 1, 32, 65_535, 65_536, 65_537, 200_000])("draws %i bytes, each filled", (length) => {
  const bytes = systemRandom().bytes(length);
  expect(bytes.length).toBe(length);
  // A block left at zero would show as a long run; 16 zero bytes in a row have a chance of 2^-128 at each place.
  let run = 0;
  let longest = 0;
  for (const byte of bytes) {
    run = byte === 0 ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  expect(longest).toBeLessThan(16);
});

test("two draws differ", () => {
  expect(systemRandom().bytes(32)).not.toEqual(systemRandom().bytes(32));
});
