/** What the benchmark report refuses and how its table reads. */
import { expect, test } from "vitest";
import { type Bench, BenchReport, benchTable } from "./report.ts";

const bench: Bench = { name: "sample", title: "A sample", run: async () => {} };

test("a ratio is the row's value over its anchor's", () => {
  const report = new BenchReport();
  report.row({ name: "anchor", value: 2000, unit: "MB/s" });
  report.row({ name: "ours", value: 1700, unit: "MB/s", ratioTo: "anchor" });
  const result = report.result(bench, { cores: 2 });
  expect(result.rows[1]?.ratio).toBeCloseTo(0.85);
  expect(benchTable(result)).toBe(
    ["A sample", "cores 2", "", "anchor  2000  MB/s", "ours    1700  MB/s  0.85 × anchor", ""].join("\n"),
  );
});

test("a row is refused when its anchor is missing, comes later or has another unit", () => {
  const report = new BenchReport();
  expect(() => report.row({ name: "ours", value: 1, unit: "ms", ratioTo: "anchor" })).toThrow(RangeError);
  report.row({ name: "anchor", value: 1, unit: "s" });
  expect(() => report.row({ name: "ours", value: 1, unit: "ms", ratioTo: "anchor" })).toThrow(RangeError);
});

test("a row is refused twice and without a number", () => {
  const report = new BenchReport();
  report.row({ name: "anchor", value: 1, unit: "s" });
  expect(() => report.row({ name: "anchor", value: 2, unit: "s" })).toThrow(RangeError);
  expect(() => report.row({ name: "other", value: Number.NaN, unit: "s" })).toThrow(RangeError);
});
