import { expect, test } from "vitest";
import { type Grant, grantEnded } from "./custody.ts";
import { troublesOf } from "./troubles.ts";

const NOW = 1000;
const open = {
  state: "used",
  endedAt: null,
  closesAt: null,
  notAfter: NOW + 1,
  suspendedAt: null,
  locked: false,
  codeUndeliveredAt: null,
  problem: null,
} as unknown as Grant;
const problem = { kind: "wrong-patient", reportedAt: 5, reports: 1, settledAt: null } as const;

test("an open link has each trouble that the server counts, and an ended one none", () => {
  expect(troublesOf(open, NOW)).toEqual([]);
  const troubled: Grant = { ...open, suspendedAt: 1, locked: true, codeUndeliveredAt: 1, problem };
  expect(troublesOf(troubled, NOW)).toEqual(["suspended", "locked", "code-undelivered", "problem"]);
  expect(troublesOf({ ...open, problem }, NOW)).toEqual(["problem"]);
  expect(troublesOf({ ...open, problem: { ...problem, settledAt: 6 } }, NOW)).toEqual([]);
  for (const ended of [{ endedAt: 1 }, { state: "closed" }, { notAfter: NOW }, { closesAt: NOW }] as Partial<Grant>[]) {
    expect(grantEnded({ ...troubled, ...ended }, NOW)).toBe(true);
    expect(troublesOf({ ...troubled, ...ended }, NOW)).toEqual([]);
  }
});
