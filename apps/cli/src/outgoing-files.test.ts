import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { collidingPath, validPath } from "@safeconduct/envelope";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openFiles } from "./outgoing-files.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "outgoing-"));
});
afterEach(() => rm(root, { recursive: true }));

async function opened(paths: readonly string[], given: readonly string[]): Promise<string[]> {
  for (const path of paths) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), path);
  }
  const set = await openFiles(given.map((path) => join(root, path)));
  await set.close();
  const names = set.files.map(({ path }) => path);
  expect(names.every(validPath)).toBe(true);
  expect(collidingPath(names)).toBeNull();
  return names;
}

describe("files that would have one name", () => {
  test("get a number, each its own", async () => {
    expect(await opened(["a/x.txt", "b/x.txt", "c/X.txt"], ["a/x.txt", "b/x.txt", "c/X.txt"])).toEqual([
      "x.txt",
      "x (2).txt",
      "X (3).txt",
    ]);
  });

  test("of the longest length get a shorter one", async () => {
    const long = `${"n".repeat(251)}.txt`;
    const names = await opened([`a/${long}`, `b/${long}`, `c/${long}`], [`a/${long}`, `b/${long}`, `c/${long}`]);
    expect(names[1]).toBe(`${"n".repeat(247)} (2).txt`);
    expect(names[2]).toBe(`${"n".repeat(247)} (3).txt`);
  });

  test("one of which is a folder are kept apart, in either order", async () => {
    expect(await opened(["a/x", "b/x/y.txt"], ["a/x", "b/x"])).toEqual(["x", "x (2)/y.txt"]);
    expect(await opened([], ["b/x", "a/x"])).toEqual(["x/y.txt", "x (2)"]);
  });
});
