/** Names of files and folders: kebab-case nouns, and none that hides what is inside. */
import { expect, test } from "vitest";
import { projectFiles } from "../../tools/source-tree.ts";

const AREAS = ["packages", "adapters", "apps", "testkit", "tests", "bench", "tools", "docs", "vectors"];
const KEBAB = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
/** Whole words of a name: `key-service` says what it is, `service` alone does not. */
const BAGS = /(^|[-.])(utils?|helpers?|common|manager|misc)([-.]|$)|^services?([.]|$)/;

/** Each folder and file name once, with a path that has it. */
const names = new Map<string, string>();
for (const area of AREAS) for (const file of filesOf(area)) for (const part of file.split("/")) names.set(part, file);

test("the tree has names to look at", () => {
  expect(names.size).toBeGreaterThan(50);
});

test("files and folders are named in kebab-case", () => {
  const wrong = [...names].filter(([name]) => !KEBAB.test(name) && name !== "README.md");
  expect(wrong.map(([, path]) => path)).toEqual([]);
});

test("no file or folder is a bag", () => {
  expect([...names].filter(([name]) => BAGS.test(name)).map(([, path]) => path)).toEqual([]);
});

test.each(["utils", "date-utils.ts", "test-helpers.ts", "common", "key-manager.ts", "misc.ts", "service.ts"])(
  "%s would be refused as a bag",
  (name) => {
    expect(name).toMatch(BAGS);
  },
);

test.each(["key-service.ts", "commons-clause.ts", "manage-hold.ts", "miscount.ts"])("%s is a name", (name) => {
  expect(name).not.toMatch(BAGS);
});

function filesOf(area: string): string[] {
  return projectFiles().filter((file) => file.startsWith(`${area}/`));
}
