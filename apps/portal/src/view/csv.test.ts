import { describe, expect, test } from "vitest";
import { CELL_LIMIT, COLUMN_LIMIT, readCsv, ROW_LIMIT } from "./csv.ts";

describe("comma-separated values", () => {
  test.each([
    [
      "a,b\r\n1,2\r\n",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      "a;b\n1,5;2",
      [
        ["a", "b"],
        ["1,5", "2"],
      ],
    ],
    [
      "a\tb\n1\t2",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    ['"a ""quoted""","two\r\nlines"', [['a "quoted"', "two\r\nlines"]]],
    ["\ufeffa,b", [["a", "b"]]],
    [
      "a,\n,",
      [
        ["a", ""],
        ["", ""],
      ],
    ],
    ['a,"never closed\nb', [["a", "never closed\nb"]]],
    ["", []],
  ])("%j", (text, rows) => {
    expect(readCsv(text).rows).toEqual(rows);
  });

  test("a cell that a spreadsheet would run stays the text that it is", () => {
    expect(readCsv("a,=cmd|' /C calc'!A0").rows).toEqual([["a", "=cmd|' /C calc'!A0"]]);
  });

  test("rows, columns and cells are cut one above their limits, and that is said", () => {
    const row = (columns: number): string => Array(columns).fill("x").join(",");
    expect(readCsv("x\n".repeat(ROW_LIMIT))).toMatchObject({ isCut: false });
    const long = readCsv("x\n".repeat(ROW_LIMIT + 1));
    expect([long.rows.length, long.isCut]).toEqual([ROW_LIMIT, true]);
    expect(readCsv(row(COLUMN_LIMIT))).toMatchObject({ columns: COLUMN_LIMIT, isCut: false });
    expect(readCsv(row(COLUMN_LIMIT + 1))).toMatchObject({ columns: COLUMN_LIMIT, isCut: true });
    expect(readCsv(`a,${"y".repeat(CELL_LIMIT)}`).isCut).toBe(false);
    expect(readCsv(`a,${"y".repeat(CELL_LIMIT + 1)}`).rows[0]?.[1]).toHaveLength(CELL_LIMIT);
  });
});
