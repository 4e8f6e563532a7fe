import { describe, expect, test } from "vitest";
import { readJson } from "./json.ts";
import { NotATree, TREE_DEPTH_LIMIT, treeOrNull } from "./tree.ts";

const values = (text: string): unknown[] => readJson(text).children.map(({ label, value }) => [label, value]);

describe("JSON to look at", () => {
  test("shows a long number as it is written, and both of two fields with one name", () => {
    expect(values('{"id": 12345678901234567890123, "a": 1, "a": 1.50}')).toEqual([
      ["id", "12345678901234567890123"],
      ["a", "1"],
      ["a", "1.50"],
    ]);
  });

  test("takes a field for nothing but a name", () => {
    expect(values('{"__proto__": true, "constructor": null}')).toEqual([
      ["__proto__", "true"],
      ["constructor", "null"],
    ]);
  });

  test("counts the entries of a list from one", () => {
    expect(values('\ufeff [ "a\\u0041\\n", [] ]')).toEqual([
      ["1", '"aA\n"'],
      ["2", null],
    ]);
  });

  test.each(["", "{", '{"a"}', '{"a":1,}', "[1 2]", "01", '"open', '"bad \\x"', "nul", "1 2", "{a:1}", '"\n"'])(
    "is no JSON: %j",
    (text) => {
      expect(() => readJson(text)).toThrow(NotATree);
    },
  );

  test("is refused one level above the limit, and does not run out of stack", () => {
    const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
    expect(treeOrNull(() => readJson(nested(TREE_DEPTH_LIMIT + 1)))).not.toBeNull();
    expect(treeOrNull(() => readJson(nested(TREE_DEPTH_LIMIT + 2)))).toBeNull();
    expect(treeOrNull(() => readJson(nested(1_000_000)))).toBeNull();
  });

  test("holds an attachment of megabytes in one string", () => {
    expect(values(`{"data":"${"QUJD".repeat(1_000_000)}"}`)[0]).toHaveLength(2);
  });
});
