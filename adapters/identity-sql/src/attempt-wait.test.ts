import { describe, expect, it } from "vitest";
import { isWaiting, LONGEST_WAIT_MS, waitAfterMs } from "./attempt-wait.ts";

describe("the wait after failures", () => {
  it.each([
    [0, 0],
    [4, 0],
    [5, 30_000],
    [6, 60_000],
    [9, 480_000],
    [10, LONGEST_WAIT_MS],
    [11, LONGEST_WAIT_MS],
    [100_000, LONGEST_WAIT_MS],
  ])("after %d in a row is %d ms", (failures, waitMs) => {
    expect(waitAfterMs(failures)).toBe(waitMs);
  });

  it.each([
    ["over", -1, false],
    ["over this instant", 0, false],
    ["almost over", 1, true],
    ["the longest", LONGEST_WAIT_MS, true],
    ["longer than any we set", LONGEST_WAIT_MS + 1, false],
  ])("is judged when it is %s", (_, leftMs, waiting) => {
    expect(isWaiting(1_000_000 + leftMs, 1_000_000)).toBe(waiting);
  });
});
