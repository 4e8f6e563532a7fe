import { collidingPath, PATH_LIMIT_BYTES, TakenPaths, validPath } from "@safeconduct/envelope";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { copyName, mediaTypeOf, outgoingPaths } from "./outgoing-names.ts";

describe("paths of files that are sent", () => {
  it("stay as they are where they are safe and differ", () => {
    expect(outgoingPaths(["a/x.dcm", "a/y.dcm", "note.pdf"])).toEqual(["a/x.dcm", "a/y.dcm", "note.pdf"]);
  });

  it.each([
    [
      ["x.txt", "X.txt", "x.txt"],
      ["x.txt", "X (2).txt", "x (3).txt"],
    ],
    [
      ["x", "x/y.txt"],
      ["x", "x (2)/y.txt"],
    ],
    [
      ["x/y.txt", "x"],
      ["x/y.txt", "x (2)"],
    ],
    [
      ["../../etc/passwd", "etc/passwd"],
      ["etc/passwd", "etc/passwd (2)"],
    ],
    [
      ["a:b.txt", "a?b.txt"],
      ["a_b.txt", "a_b (2).txt"],
    ],
  ])("%j become %j", (names, paths) => {
    expect(outgoingPaths(names)).toEqual(paths);
  });

  it("that are as long as a path may be get shorter for their number", () => {
    const long = `${`${"f".repeat(200)}/`.repeat(5)}${"n".repeat(PATH_LIMIT_BYTES - 5 * 201)}`;
    const paths = outgoingPaths([long, long]);
    expect(paths[0]).toBe(long);
    expect(paths.every(validPath)).toBe(true);
    expect(collidingPath(paths)).toBeNull();
  });

  it("of three thousand files with one name are all given a number", () => {
    const paths = outgoingPaths(Array.from({ length: 3_000 }, () => "IM0001"));
    expect(new Set(paths).size).toBe(3_000);
    expect(paths.at(-1)).toBe("IM0001 (3000)");
  });

  it("are valid and never collide, whatever the names are", () => {
    const names = fc.array(
      fc.oneof(
        fc.string({ unit: "binary", maxLength: 12 }),
        fc.constantFrom("a", "A", "a/b", "a/B/c", "aux", "..", ""),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(names, (given) => {
        const paths = outgoingPaths(given);
        expect(paths).toHaveLength(given.length);
        expect(paths.every(validPath)).toBe(true);
        expect(collidingPath(paths)).toBeNull();
      }),
    );
  });
});

it("paths are taken one by one where all of them can stand side by side", () => {
  const segment = fc.constantFrom("a", "A", "b", "é", "é");
  const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join("/"));
  fc.assert(
    fc.property(fc.array(path, { maxLength: 5 }), (paths) => {
      const taken = new TakenPaths();
      expect(paths.every((each) => taken.take(each))).toBe(collidingPath(paths) === null);
    }),
  );
});

it("the type of a file is told by its extension, in any case", () => {
  expect(mediaTypeOf("CT chest/IM1.DCM")).toBe("application/dicom");
  expect(mediaTypeOf("a.pdf/b")).toBe("application/octet-stream");
  expect(mediaTypeOf(".csv")).toBe("application/octet-stream");
});

it("a number goes before the extension, and a long name gives way to it", () => {
  expect(copyName("report.pdf", 2)).toBe("report (2).pdf");
  expect(copyName(`${"n".repeat(251)}.txt`, 10)).toBe(`${"n".repeat(246)} (10).txt`);
});
