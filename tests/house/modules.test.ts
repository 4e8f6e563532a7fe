/** Every module of the project against the rules of the house, and the rules themselves against what they must catch. */
import { describe, expect, test } from "vitest";
import { brokenRules, LONG_FILE_LINES } from "../../tools/house-rules.ts";
import { isModule, projectFiles, projectText } from "../../tools/source-tree.ts";

const modules = projectFiles().filter(isModule);
const HEADER = "/** What it is. */\n";
/** Not written out, because this file is read by the same rules. */
const [LATER, REPAIR] = [
  ["TO", "DO"],
  ["FIX", "ME"],
].map((halves) => halves.join(""));

test("there are modules to read", () => {
  expect(modules.length).toBeGreaterThan(30);
});

test("every module keeps the rules of the house", () => {
  const broken = modules.flatMap((path) => brokenRules(path, projectText(path)).map((rule) => `${path} ${rule}`));
  expect(broken).toEqual([]);
});

describe("a rule is broken by", () => {
  const pure = "packages/ledger/src/sample.ts";
  const cases: readonly [what: string, path: string, text: string, rule: string][] = [
    ["an enum", pure, "export enum Colour { Red }", "enum"],
    ["a constant enum", pure, "export const enum Colour { Red }", "enum"],
    ["a default export", pure, "export default 1;", "default export"],
    ["a default function", pure, "export default function a() {}", "default export"],
    ["a namespace", pure, "export namespace A { export const a = 1; }", "namespace"],
    ["any as a parameter", pure, "export const a = (b: any) => b;", "type any"],
    ["any inside a generic", pure, "export const a: Map<string, any> = new Map();", "type any"],
    ["the clock", pure, "export const a = () => Date.now();", "Date.now"],
    ["the clock by its global", pure, "export const a = () => globalThis.Date.now();", "Date.now"],
    ["the present date", pure, "export const a = () => new Date();", "new Date()"],
    ["a monotonic clock", pure, "export const a = () => performance.now();", "performance.now"],
    ["chance", pure, "export const a = Math.random;", "Math.random"],
    ["chance of the platform", pure, "export const a = crypto.getRandomValues(new Uint8Array(1));", "getRandomValues"],
    ["chance by import", "apps/cli/src/send.ts", 'import { randomBytes } from "node:crypto";', "randomBytes"],
    ["chance renamed", "apps/cli/src/send.ts", 'import { randomUUID as id } from "node:crypto";', "randomUUID"],
    ["the environment", "apps/server/src/routes.ts", "export const a = process.env;", "process.env"],
    ["one variable", "apps/server/src/routes.ts", 'export const a = process.env["A"];', "process.env"],
    ["the network", "packages/contract/src/client.ts", 'await fetch("a");', "fetch"],
    ["the network by its global", "packages/contract/src/client.ts", 'await globalThis.fetch("a");', "fetch"],
    ["a timer", "apps/server/src/worker.ts", "setTimeout(() => {}, 1);", "setTimeout"],
    [
      "a timer by import",
      "apps/server/src/worker.ts",
      'import { setTimeout as a } from "node:timers/promises";',
      "timers",
    ],
    ["a deadline", "apps/server/src/worker.ts", "export const a = AbortSignal.timeout(1);", "AbortSignal.timeout"],
    ["a test left out", "packages/ledger/src/a.test.ts", 'test.skip("a", () => {});', ".skip"],
    ["a test alone", "packages/ledger/src/a.test.ts", 'describe.only("a", () => {});', ".only"],
    ["a test to come", "packages/ledger/src/a.test.ts", 'it.todo("a");', ".todo"],
    ["a table of tests left out", "packages/ledger/src/a.test.ts", 'test.skip.each([1])("a", () => {});', ".skip"],
    ["a condition without its reason", "tests/fault/a.test.ts", 'describe.skipIf(missing)("a", () => {});', "reason"],
    ["work for later", pure, `// ${LATER} make it faster\nexport const a = 1;`, "number of an issue"],
    ["a repair for later", pure, `/* ${REPAIR} */ export const a = 1;`, "repair"],
    ["a long file", pure, "export const a = 1;\n".repeat(LONG_FILE_LINES), "longer than 500 lines"],
  ];
  test.each(cases)("%s", (_what, path, text, rule) => {
    expect(brokenRules(path, HEADER + text).join("\n")).toContain(rule);
  });

  test("a module without a header", () => {
    expect(brokenRules(pure, "export const a = 1;")).toHaveLength(1);
    expect(brokenRules("tests/fault/a.test.ts", "export const a = 1;")).toHaveLength(1);
  });
});

describe("no rule is broken by", () => {
  const cases: readonly [what: string, path: string, text: string][] = [
    ["a word in a string", "packages/ledger/src/a.ts", 'export const a = "Date.now() any enum TODO";'],
    [
      "a word in a comment",
      "packages/ledger/src/a.ts",
      "// any enum, and Date.now() says nothing here\nexport const a = 1;",
    ],
    ["work for later with its issue", "packages/ledger/src/a.ts", `// ${LATER}(#3) hold\nexport const a = 1;`],
    ["a date that is given", "packages/ledger/src/a.ts", "export const a = (ms: number) => new Date(ms);"],
    [
      "a port named like a global",
      "packages/contract/src/a.ts",
      "export const a = (o: { fetch(): void }) => o.fetch();",
    ],
    ["a type of a global", "packages/contract/src/a.ts", "export interface A { fetch: typeof globalThis.fetch }"],
    ["the environment in an app's root", "apps/server/src/main.ts", "export const a = process.env;"],
    ["the clock in an adapter", "adapters/system/src/clock.ts", "export const a = () => Date.now();"],
    ["the default export of a configuration", "apps/portal/vite.config.ts", "export default {};"],
    ["a condition with its reason", "tests/fault/a.test.ts", "describe.skipIf(why)(`a (skipped: ${why})`, () => {});"],
    ["a long file that says why", "packages/ledger/src/a.ts", "export const a = 1;\n".repeat(LONG_FILE_LINES + 1)],
  ];
  test.each(cases)("%s", (what, path, text) => {
    const header = what.startsWith("a long") ? "/** One table, so one thing: it is read as a whole. */\n" : HEADER;
    expect(brokenRules(path, header + text)).toEqual([]);
  });
});
