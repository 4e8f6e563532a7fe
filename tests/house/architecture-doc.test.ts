/**
 * What pages say of the tree: docs/architecture.md has every package on its floor and every import of the pure ones,
 * the leaf format every event type, and a file that a page names is there.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { EVENT_TYPES } from "@safeconduct/ledger";
import { beforeAll, expect, test } from "vitest";
import { packageImports } from "../../tools/floors.ts";
import { projectFiles, projectRoot, projectText } from "../../tools/source-tree.ts";

const page = projectText("docs/architecture.md");
const HIGHEST_PURE_FLOOR = 2;

let packages: Awaited<ReturnType<typeof packageImports>>;
beforeAll(async () => {
  packages = await packageImports(projectRoot);
});

test("the picture shows every package on the floor on which the gate has it, and none besides", () => {
  const drawn = [...page.matchAll(/^floor (\d) +(\w+) +(.+)$/gm)].flatMap(([, floor, area, names = ""]) =>
    names.split(" ").map((name) => `${area}/${name} on floor ${floor}`),
  );
  const real = [...packages].map(([home, { floor }]) => `${home} on floor ${floor}`);
  expect(real.length).toBeGreaterThan(20);
  expect(sorted(drawn)).toEqual(sorted(real));
});

test("the table gives every pure package the imports that its code has", () => {
  const rows = [...page.matchAll(/^\| ([a-z]+) \| [^|]+ \|([ a-z]*)\|$(?!\n\|-)/gm)].map(
    ([, name = "", imports = ""]) => [name, ...sorted(imports.split(" ").filter(Boolean))].join(" "),
  );
  const real = [...packages]
    .filter(([, { floor }]) => floor <= HIGHEST_PURE_FLOOR)
    .map(([home, { imports }]) => [home, ...sorted(imports)].map((each) => each.replace("packages/", "")).join(" "));
  expect(sorted(rows)).toEqual(sorted(real));
});

test.each(["adapters", "apps"])("the tables have a row for each of the %s", (area) => {
  const named = new Set(
    [...page.matchAll(/^\| ([a-z, -]+) \|/gm)].flatMap(([, names = ""]) => names.split(",").map((name) => name.trim())),
  );
  const homes = [...packages.keys()].filter((home) => home.startsWith(`${area}/`));
  expect(homes.filter((home) => !named.has(home.slice(area.length + 1)))).toEqual([]);
});

test("the leaf format lists every event type with its number", () => {
  const listed = [...projectText("docs/formats/leaf.md").matchAll(/\b(\d+) \| ([a-z]+\/[a-z-]+) \|/g)];
  expect(sorted(listed.map(([, number, name]) => `${name} ${number}`))).toEqual(
    sorted(Object.entries(EVENT_TYPES).map(([name, number]) => `${name} ${number}`)),
  );
});

test("every file and folder that a page names in code is there", () => {
  const pages = projectFiles().filter((path) => path.endsWith(".md"));
  const gone = pages.flatMap((path) =>
    [...projectText(path).matchAll(/`((?:packages|adapters|apps|testkit|tests|tools|bench|vectors)\/[a-z0-9._/-]+)`/g)]
      .map(([, named = ""]) => named)
      .filter((named) => !existsSync(join(projectRoot, named)))
      .map((named) => `${path}: ${named}`),
  );
  expect(gone).toEqual([]);
});

function sorted(texts: Iterable<string>): string[] {
  return [...texts].sort((a, b) => (a < b ? -1 : 1));
}
