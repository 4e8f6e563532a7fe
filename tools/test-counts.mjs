// What a run of the tests amounts to: counts from vitest's report, the last line, and the exit code.
// Plain JavaScript on purpose: any Node from 20 on must be able to read it.

/**
 * Counts of vitest's JSON report. `reportText` is null where there is none, `status` is vitest's exit code, which is
 * believed where the two disagree: a file that does not load, an error outside every test, or no test at all.
 */
export function countTests(reportText, status) {
  const counts = { passed: 0, failed: 0, skipped: 0, files: 0, skippedNames: [] };
  for (const file of parsed(reportText)) {
    counts.files += 1;
    if (file.status === "failed" && file.assertionResults.length === 0) counts.failed += 1;
    for (const test of file.assertionResults) {
      if (test.status === "passed") counts.passed += 1;
      else if (test.status === "failed") counts.failed += 1;
      else {
        counts.skipped += 1;
        counts.skippedNames.push(`${file.name}: ${test.fullName}`);
      }
    }
  }
  if (status !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

function parsed(reportText) {
  try {
    return JSON.parse(reportText).testResults;
  } catch {
    return [];
  }
}

/** `12 passed, 0 failed`, and `, 1 skipped` where something was. */
export function lastLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** 0 only when something passed, nothing failed and, on a CI machine, nothing was skipped. */
export function exitCode({ passed, failed, skipped }, { ci }) {
  return failed > 0 || passed === 0 || (ci && skipped > 0) ? 1 : 0;
}
