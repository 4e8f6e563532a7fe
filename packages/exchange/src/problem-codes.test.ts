import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { EVENT_TYPES } from "@safeconduct/ledger";
import { expect, test } from "vitest";

const folder = fileURLToPath(new URL(".", import.meta.url));
const read = (pattern: string) =>
  globSync(pattern, { cwd: folder }).map((file) => ({ file, text: readFileSync(`${folder}${file}`, "utf8") }));
const codesIn = (text: string) =>
  new Set(text.match(/(?<=["`])(?:factor|grant|transfer|device|setup|sign-in|token)\/[a-z-]+(?=["`])/g) ?? []);

const declared = new Set(read("*/errors.ts").flatMap(({ text }) => [...codesIn(text)]));
const tested = new Set(read("*/*.test.ts").flatMap(({ text }) => [...codesIn(text)]));
test("there are codes to look at", () => {
  expect(declared.size).toBeGreaterThan(25);
});

test("every code that a use case names is expected by a test of it", () => {
  expect([...declared].filter((code) => !tested.has(code)).toSorted()).toEqual([]);
});

test("every code that a test expects is one that a use case names, or an entry", () => {
  expect([...tested].filter((code) => !declared.has(code) && !(code in EVENT_TYPES))).toEqual([]);
});
