import { describe, expect, test } from "vitest";
import { csvRow } from "./csv.ts";

describe("a field of CSV", () => {
  test.each([
    ["=1+1", `"'=1+1"`],
    ["+1", `"'+1"`],
    ["-1", `"'-1"`],
    ["@SUM(A1)", `"'@SUM(A1)"`],
    ["\t=1", `"'\t=1"`],
    ["\r=1", `"'\r=1"`],
    ["\n=1", `"'\n=1"`],
    ["\uff1d1", `"'\uff1d1"`],
  ])("%j is not run as a formula", (field, expected) => {
    expect(csvRow([field])).toBe(`${expected}\r\n`);
  });

  test.each([
    ["a,b", '"a,b"'],
    ['say "ah"', '"say ""ah"""'],
    ["two\r\nlines", '"two\r\nlines"'],
    ["José", '"José"'],
    ["a=1", '"a=1"'],
  ])("%j stays what it is", (field, expected) => {
    expect(csvRow([field])).toBe(`${expected}\r\n`);
  });

  test("that is nothing is empty, and a number is bare", () => {
    expect(csvRow([null, 7, "a"])).toBe(',7,"a"\r\n');
  });
});
