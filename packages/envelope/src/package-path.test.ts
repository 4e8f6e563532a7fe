import { utf8Bytes } from "@safeconduct/foundation";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { collidingPath, PATH_LIMIT_BYTES, PATH_SEGMENT_LIMIT_BYTES, safePath, validPath } from "./package-path.ts";

describe("a path in a package", () => {
  it.each([
    "a",
    "CT_small.dcm",
    "images/series 1/001.dcm",
    "Überweisung.pdf",
    "紹介状.pdf",
    "נייר.pdf",
    ".hidden",
    "a..b",
    "console.txt",
    "con-sult.txt",
    "com10",
    "👩‍⚕️.txt",
  ])("may be %j, and is then left as it is", (path) => {
    expect(validPath(path)).toBe(true);
    expect(safePath(path)).toBe(path);
  });

  const hostile: Record<string, string> = {
    empty: "",
    "only a slash": "/",
    absolute: "/etc/passwd",
    "a folder": "a/",
    "with an empty segment": "a//b",
    here: ".",
    above: "..",
    "climbing out": "../../etc/passwd",
    "climbing in the middle": "a/../b",
    staying: "a/./b",
    "climbing as on Windows": "..\\..\\x",
    "with a backslash": "a\\b",
    "with a drive": "C:/x",
    "with an alternate data stream": "a.txt:hidden",
    "with a wildcard": "a*.txt",
    "with a null": "a\0.txt",
    "with a line end": "a\nb",
    "with a carriage return": "a\rb",
    "with an escape": "a\u001b[31m",
    "with DEL": "a\u007f",
    "with a C1 control": "a\u0085b",
    "with a line separator": "a\u2028b",
    "with a right-to-left override": "invoice\u202excod.exe",
    "with an isolate": "a\u2066b",
    "with a right-to-left mark": "a\u200fb",
    "with an Arabic letter mark": "a\u061cb",
    "with a byte order mark": "\ufeffa",
    "with a trailing dot": "a.",
    "with a trailing space": "a ",
    "with a trailing dot in a folder": "a./b",
    decomposed: "U\u0308.txt",
    "with half a character": "a\ud800",
    "the device con": "con",
    "the device NUL with an extension": "NUL.txt",
    "the device com1": "x/com1.dcm",
    "the device com¹": "COM\u00b9",
    "the device lpt0 with spaces": "lpt0 .txt",
    "the device CONIN$": "CONIN$",
    "with a segment of 256 bytes": "a".repeat(256),
    "with a segment of 256 bytes in 128 characters": "ä".repeat(128),
    "of 1025 bytes": `${"a".repeat(255)}/`.repeat(4) + "ab",
    "a device hidden behind what is cut off": `con${" ".repeat(300)}x`,
  };
  it.each(Object.entries(hostile))("may not be %s, and a safe one is proposed", (_what, path) => {
    expect(validPath(path)).toBe(false);
    expect(validPath(safePath(path)), `proposed: ${safePath(path)}`).toBe(true);
  });

  it("may have 255 bytes a segment and 1024 in all", () => {
    expect(validPath("a".repeat(PATH_SEGMENT_LIMIT_BYTES - 1))).toBe(true);
    expect(validPath("a".repeat(PATH_SEGMENT_LIMIT_BYTES))).toBe(true);
    expect(validPath("a".repeat(PATH_SEGMENT_LIMIT_BYTES + 1))).toBe(false);
    const folders = `${"a".repeat(254)}/`.repeat(4);
    expect(validPath(`${folders}abc`)).toBe(true);
    expect(utf8Bytes(`${folders}abcd`)).toHaveLength(PATH_LIMIT_BYTES);
    expect(validPath(`${folders}abcd`)).toBe(true);
    expect(validPath(`${folders}abcde`)).toBe(false);
  });

  it("is proposed for anything at all", () => {
    const nasty = fc.constantFrom(
      "/",
      "\\",
      ".",
      "..",
      ":",
      " ",
      "con",
      "nul",
      "\u202e",
      "\0",
      "\u0308",
      "a",
      "ß",
      "İ",
      "\ud800",
      "é",
    );
    const hostileName = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(nasty, { maxLength: 400 }).map((pieces) => pieces.join("")),
    );
    const alwaysValid = fc.property(hostileName, (name) => validPath(safePath(name)));
    expect(() => fc.assert(alwaysValid, { numRuns: 2000 })).not.toThrow();
  });

  it("keeps its extension when it is shortened, and drops outer folders first", () => {
    const long = safePath(`${"x".repeat(400)}.dcm`);
    expect(long.endsWith("x.dcm")).toBe(true);
    expect(utf8Bytes(long)).toHaveLength(255);
    expect(safePath(`${"f".repeat(250)}/`.repeat(6) + "scan.dcm").endsWith("/scan.dcm")).toBe(true);
    expect(safePath("..\\..\\evil.exe")).toBe("evil.exe");
    expect(safePath("NUL.txt")).toBe("_NUL.txt");
    expect(safePath("\u202e")).toBe("file");
  });
});

describe("paths side by side", () => {
  it.each([
    [["a", "A"], "A"],
    [["straße", "STRASSE"], "STRASSE"],
    [["ß/x", "SS/X"], "SS/X"],
    [["É", "é"], "é"],
    [["a", "a/b"], "a/b"],
    [["a/b", "A"], "a/b"],
    [["x/a/b", "x/A"], "x/a/b"],
    [["a", "a"], "a"],
  ])("collide: %j", (paths, colliding) => {
    expect(collidingPath(paths)).toBe(colliding);
  });

  it("stand together when they differ beyond case", () => {
    expect(collidingPath(["a", "b", "ab/c", "ab/d", "A.txt", "a/"].slice(0, 5))).toBeNull();
    expect(collidingPath([])).toBeNull();
  });
});
