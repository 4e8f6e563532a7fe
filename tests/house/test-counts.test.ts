/** What `npm test` makes of a run: nothing that went wrong ends as a pass. */
import { expect, test } from "vitest";
import { countTests, exitCode, lastLine } from "../../tools/test-counts.mjs";

const report = (...files: readonly { status: string; tests: readonly string[] }[]): string =>
  JSON.stringify({
    testResults: files.map(({ status, tests }, index) => ({
      name: `file-${index}`,
      status,
      assertionResults: tests.map((each, at) => ({ status: each, fullName: `claim ${at}` })),
    })),
  });

test("passes, failures and skips are counted, and a skip keeps its name", () => {
  const text = report(
    { status: "failed", tests: ["passed", "failed", "skipped"] },
    { status: "passed", tests: ["passed"] },
  );
  expect(countTests(text, 1)).toEqual({
    passed: 2,
    failed: 1,
    skipped: 1,
    files: 2,
    skippedNames: ["file-0: claim 2"],
  });
});

test.each(["skipped", "pending", "todo", "disabled"])("a test that is %s counts as skipped", (status) => {
  expect(countTests(report({ status: "passed", tests: [status] }), 0).skipped).toBe(1);
});

test.each([
  ["a file that does not load", report({ status: "failed", tests: [] }, { status: "passed", tests: ["passed"] }), 1],
  ["an error outside every test", report({ status: "passed", tests: ["passed"] }), 1],
  ["no report", null, 1],
  ["half a report", report({ status: "passed", tests: ["passed"] }).slice(0, -2), 1],
  ["a run that was killed", report({ status: "passed", tests: ["passed"] }), null],
])("%s is one failure", (_what, text, status) => {
  const counts = countTests(text, status);
  expect(counts.failed).toBe(1);
  expect(exitCode(counts, { ci: false })).toBe(1);
});

test("no test at all is no success", () => {
  expect(exitCode(countTests(report(), 0), { ci: false })).toBe(1);
});

test("a skip fails the run where CI is set, and only there", () => {
  const counts = { passed: 3, failed: 0, skipped: 1 };
  expect(exitCode(counts, { ci: true })).toBe(1);
  expect(exitCode(counts, { ci: false })).toBe(0);
  expect(exitCode({ ...counts, skipped: 0 }, { ci: true })).toBe(0);
});

test("the last line has one form", () => {
  expect(lastLine({ passed: 12, failed: 0, skipped: 0 })).toBe("12 passed, 0 failed");
  expect(lastLine({ passed: 12, failed: 2, skipped: 1 })).toBe("12 passed, 2 failed, 1 skipped");
});
