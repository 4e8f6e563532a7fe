import { expect, test } from "vitest";
import { changesBetween } from "./changes.ts";
import type { Grant, Transfer } from "./custody.ts";

const BARE = {
  id: "grt_a",
  address: "a@x.example",
  locked: false,
  releases: 0,
  confirmedAt: null,
  receiptAt: null,
  codeUndeliveredAt: null,
  problem: null,
  endedAt: null,
  destroyedAt: null,
};
const listOf = (...grants: readonly object[]) => [{ grants: grants as Grant[] }] as unknown as readonly Transfer[];
const steps = (before: object, after: object) =>
  changesBetween(listOf({ ...BARE, ...before }), listOf({ ...BARE, ...after })).map(({ step }) => step);

test("each step of a recipient is told once, the furthest where several came at once", () => {
  expect(steps({}, {})).toEqual([]);
  expect(steps({}, { confirmedAt: 1 })).toEqual(["confirmed"]);
  expect(steps({ confirmedAt: 1, releases: 1 }, { confirmedAt: 1, releases: 2 })).toEqual(["released"]);
  expect(steps({}, { confirmedAt: 1, releases: 1, receiptAt: 2 })).toEqual(["receipt"]);
  expect(steps({}, { locked: true })).toEqual(["locked"]);
  expect(steps({ codeUndeliveredAt: 1 }, { codeUndeliveredAt: 2 })).toEqual(["code-undelivered"]);
  expect(steps({ codeUndeliveredAt: 1 }, { codeUndeliveredAt: null })).toEqual([]);
  const problem = { kind: "other", reportedAt: 5 };
  expect(steps({}, { problem, releases: 1 })).toEqual(["problem"]);
  expect(steps({ problem }, { problem })).toEqual([]);
  expect(steps({ problem }, { problem: { ...problem, reportedAt: 6 } })).toEqual(["problem"]);
  expect(steps({}, { endedAt: 1, destroyedAt: 2 })).toEqual(["destroyed"]);
  expect(steps({ endedAt: 1 }, { endedAt: 1 })).toEqual([]);
});

test("what was not in the list before is no news", () => {
  expect(changesBetween([], listOf({ ...BARE, confirmedAt: 1 }))).toEqual([]);
});
