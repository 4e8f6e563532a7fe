/** Types of test-counts.mjs, for its test. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}
export function countTests(
  reportText: string | null,
  status: number | null,
): Counts & { files: number; skippedNames: string[] };
export function lastLine(counts: Counts): string;
export function exitCode(counts: Counts, options: { ci: boolean }): 0 | 1;
