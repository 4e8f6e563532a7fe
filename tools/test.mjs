#!/usr/bin/env node
// `npm test`: brings what the tests need, runs the gates and then the tests, each under the pinned Node, and ends with
// the line "N passed, N failed" (", N skipped" may follow). A gate counts as one test. Exit code 0 only when nothing
// failed and, where CI is set, nothing was skipped either.
// `npm test -- NAME` runs only the tests whose file matches NAME, without the gates.
// Plain JavaScript on purpose: any Node from 20 on must be able to read it.
import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { prepareDebianPackages } from "./debian-packages.mjs";
import { countTests, exitCode, lastLine } from "./test-counts.mjs";
import { pinnedNode } from "./with-pinned-node.mjs";

const GATES = [
  { name: "types", script: "node_modules/typescript/bin/tsc", args: ["-p", "."] },
  { name: "lint", script: "node_modules/oxlint/bin/oxlint", args: ["--deny-warnings"] },
  { name: "format", script: "node_modules/@biomejs/biome/bin/biome", args: ["check", "--error-on-warnings", "."] },
  { name: "floors", script: "tools/floors.ts", args: [] },
  { name: "dead code", script: "node_modules/knip/bin/knip.js", args: ["--no-progress"] },
];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const filters = process.argv.slice(2);
const ci = Boolean(process.env.CI) && process.env.CI !== "false";
const node = pinnedNode();
const seed = process.env.PROPERTY_SEED ?? String(randomInt(2 ** 31));
// The suites see the same pinned Node when they start one by name.
const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ""}`, PROPERTY_SEED: seed };
if (!process.stdout.isTTY) env.NO_COLOR = "1";

const unavailable = prepareDebianPackages();
for (const line of unavailable) console.log(`will be skipped: ${line}`);
const rows = filters.length === 0 ? GATES.map(runGate) : [];
rows.push(runTests());
const total = { passed: 0, failed: 0, skipped: 0 };
for (const row of rows) for (const key of Object.keys(total)) total[key] += row[key];

console.log("");
for (const row of rows) {
  const result = row.failed > 0 ? "FAILED" : "ok";
  console.log(`${row.name.padEnd(12)}${result.padEnd(8)}${row.seconds.toFixed(1).padStart(7)} s  ${row.detail}`);
}
console.log(`PROPERTY_SEED=${seed} repeats this order of tests and these property tests.`);
if (filters.length > 0) console.log("A filter was given: the gates did not run.");
if (total.skipped > 0 && ci) console.log("CI is set: a skipped test counts as a failure of the run.");
console.log(lastLine(total));
process.exitCode = exitCode(total, { ci });

/** One gate; what it says is shown only where it fails, or as its last line. */
function runGate({ name, script, args }) {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(node, [join(root, script), ...args], {
    cwd: root,
    env: { ...env, NO_COLOR: "1" },
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const failed = status === 0 ? 0 : 1;
  if (failed) console.log(`\n== ${name} ==\n${stdout}${stderr}`);
  const seconds = (performance.now() - start) / 1000;
  const detail = failed ? `exit code ${status}` : (stdout.trim().split("\n").at(-1) ?? "");
  return { name, seconds, passed: 1 - failed, failed, skipped: 0, detail };
}

/** All tests, counted from vitest's own report. */
function runTests() {
  const start = performance.now();
  const folder = mkdtempSync(join(tmpdir(), "safeconduct-test-"));
  const reportFile = join(folder, "report.json");
  try {
    const { status } = spawnSync(
      node,
      [
        join(root, "node_modules/vitest/vitest.mjs"),
        "run",
        "--reporter=default",
        "--reporter=json",
        `--outputFile.json=${reportFile}`,
        ...filters,
      ],
      { cwd: root, env, stdio: "inherit" },
    );
    const seconds = (performance.now() - start) / 1000;
    const counts = countTests(existsSync(reportFile) ? readFileSync(reportFile, "utf8") : null, status);
    for (const name of counts.skippedNames) console.log(`skipped: ${relative(root, name)}`);
    return { name: "tests", seconds, ...counts, detail: `${counts.passed} passed in ${counts.files} files` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
