/** Guesses are answered at the same times whatever was found, by a clock that only the work moves. */
import type { RouteName } from "@safeconduct/contract";
import { describe, expect, test } from "vitest";
import { atEvenTime, SLOT_MS } from "./even-answers.ts";

/** When the answer goes out if the work takes so long, and how it ends. */
async function answered(route: RouteName, workMs: number, refused = false): Promise<{ at: number; as: string }> {
  let now = 5000;
  const clock = { monotonic: () => now };
  const wait = async (milliseconds: number) => {
    now += milliseconds;
  };
  const as = await atEvenTime({ clock, wait }, route, async () => {
    now += workMs;
    if (refused) throw new Error("refused");
    return "done";
  }).catch((error: Error) => error.message);
  return { at: now - 5000, as };
}

describe.each([
  "sendCode",
  "confirm",
  "sendDeletionCode",
  "confirmDeletion",
  "provePasscode",
  "proveAuthenticator",
  "provePasskey",
] as const)("the answer to %s", (route) => {
  test.each([
    [0, SLOT_MS],
    [0.2, SLOT_MS],
    [2.5, SLOT_MS],
    [25, SLOT_MS],
    [SLOT_MS, SLOT_MS],
    [SLOT_MS + 0.5, 2 * SLOT_MS],
    [7.5 * SLOT_MS, 8 * SLOT_MS],
  ])("comes after whole slots, given or refused, when the work takes %d ms", async (workMs, at) => {
    for (const refused of [false, true]) {
      const answer = await answered(route, workMs, refused);
      expect(answer.as).toBe(refused ? "refused" : "done");
      expect(answer.at).toBeCloseTo(at, 6);
    }
  });
});

test("what nobody guesses at is answered at once", async () => {
  expect(await answered("invitation", 2.5)).toEqual({ at: 2.5, as: "done" });
  expect(await answered("release", 2.5, true)).toEqual({ at: 2.5, as: "refused" });
});
