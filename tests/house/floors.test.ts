/** The floors gate itself: each kind of forbidden import is caught, and a tree that it cannot read does not pass. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkFloors } from "../../tools/floors.ts";

let root = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "floors-"));
  for (const folder of ["packages/foundation", "packages/ledger", "packages/envelope", "packages/exchange"]) {
    addPackage(folder);
  }
  for (const folder of ["adapters/sql", "adapters/sqlite", "apps/server", "apps/keys", "testkit"]) addPackage(folder);
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

test("imports downwards, within a package and from tests hold", async () => {
  declare("packages/ledger", "@safeconduct/foundation");
  declare("adapters/sqlite", "@safeconduct/sql", "@safeconduct/exchange", "node:sqlite");
  write("packages/ledger/src/tile.ts", 'import type { Bytes } from "@safeconduct/foundation";');
  write("packages/ledger/src/tree.ts", 'import "./tile.ts";');
  write("packages/ledger/src/tree.test.ts", 'import "@safeconduct/testkit"; import "node:fs";');
  write(
    "adapters/sqlite/src/open.ts",
    'import "@safeconduct/sql"; import "@safeconduct/exchange"; import "node:sqlite";',
  );
  expect(await checkFloors(root)).toEqual({ modulesRead: 13, filesOnDisk: 13, problems: [] });
});

const violations: readonly [claim: string, file: string, text: string, reason: string][] = [
  ["an import upwards", "packages/ledger/src/a.ts", 'import "@safeconduct/exchange";', "floor 2 is above floor 1"],
  [
    "a type-only import upwards",
    "packages/foundation/src/a.ts",
    'import type { A } from "@safeconduct/ledger";',
    "above",
  ],
  ["a re-export from above", "packages/foundation/src/a.ts", 'export { a } from "@safeconduct/ledger";', "above"],
  [
    "a dynamic import upwards",
    "packages/ledger/src/a.ts",
    'export const a = () => import("@safeconduct/server");',
    "above",
  ],
  ["a neighbour of floor 1", "packages/ledger/src/a.ts", 'import "@safeconduct/envelope";', "sideways on floor 1"],
  ["a neighbour among adapters", "adapters/sql/src/a.ts", 'import "@safeconduct/sqlite";', "sideways on floor 3"],
  ["a neighbour among apps", "apps/server/src/a.ts", 'import "@safeconduct/keys";', "sideways on floor 4"],
  ["a platform module in a pure package", "packages/exchange/src/a.ts", 'import "node:fs";', "no platform module"],
  ["a platform module without its prefix", "packages/exchange/src/a.ts", 'import "fs";', "no platform module"],
  ["a registry package in a pure package", "packages/ledger/src/a.ts", 'import "zod";', "nothing from a registry"],
  ["testkit in production code", "adapters/sql/src/a.ts", 'import "@safeconduct/testkit";', "stands aside"],
  ["a path into another package", "packages/ledger/src/a.ts", 'import "../../foundation/src/index.ts";', "by its name"],
  ["an import that leads nowhere", "packages/ledger/src/a.ts", 'import "./gone.ts";', "does not resolve"],
  ["a package without a floor", "packages/attic/src/a.ts", 'import "./a2.ts";', "stands on no floor"],
];

test.each(violations)("%s is caught", async (_claim, file, text, reason) => {
  declare("packages/ledger", "@safeconduct/foundation", "@safeconduct/envelope", "@safeconduct/exchange", "zod");
  write(file, text);
  const { problems } = await checkFloors(root);
  expect(problems.filter((problem) => problem.startsWith(file)).join("\n")).toContain(reason);
});

test("a test file that production code imports is caught", async () => {
  write("packages/ledger/src/a.test.ts", "export const a = 1;");
  write("packages/ledger/src/b.ts", 'import "./a.test.ts";');
  expect((await checkFloors(root)).problems).toEqual([
    "packages/ledger/src/b.ts imports ./a.test.ts: production code imports nothing that stands aside",
  ]);
});

test("a dependency that package.json does not declare is caught", async () => {
  write("packages/ledger/src/a.ts", 'import "@safeconduct/foundation";');
  expect((await checkFloors(root)).problems).toEqual([
    "packages/ledger/src/a.ts imports @safeconduct/foundation: packages/ledger/package.json does not declare it",
  ]);
});

test("a circle is caught, also one of types", async () => {
  write("packages/ledger/src/a.ts", 'import type { B } from "./b.ts";');
  write("packages/ledger/src/b.ts", 'import type { A } from "./a.ts";');
  expect((await checkFloors(root)).problems).toEqual([
    "packages/ledger/src/a.ts imports ./b.ts: a circle",
    "packages/ledger/src/b.ts imports ./a.ts: a circle",
  ]);
});

test("a file that cannot be parsed does not pass", async () => {
  write("packages/ledger/src/broken.ts", "export const = ;;; import {");
  await expect(checkFloors(root)).rejects.toThrow("packages/ledger/src/broken.ts");
});

test("an empty tree does not pass", async () => {
  rmSync(root, { recursive: true });
  mkdirSync(root);
  expect((await checkFloors(root)).problems).toEqual(["no module was read"]);
});

function addPackage(folder: string): void {
  const name = `@safeconduct/${folder.split("/").at(-1)}`;
  write(`${folder}/package.json`, JSON.stringify({ name, type: "module", exports: { ".": "./src/index.ts" } }));
  write(`${folder}/src/index.ts`, "export const a = 1;");
  const link = join(root, "node_modules", name);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(join(root, folder), link);
}

function declare(folder: string, ...names: readonly string[]): void {
  const name = `@safeconduct/${folder.split("/").at(-1)}`;
  const dependencies = Object.fromEntries(names.map((each) => [each, "0.1.0"]));
  write(
    `${folder}/package.json`,
    JSON.stringify({ name, type: "module", exports: { ".": "./src/index.ts" }, dependencies }),
  );
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
