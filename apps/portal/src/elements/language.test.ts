import { describe, expect, test } from "vitest";
import { languageOf } from "./language.ts";

describe("the language of a page", () => {
  test.each([
    ["es", ["en-US"], "es"],
    [null, ["es-MX", "en"], "es"],
    [null, ["de-DE", "es"], "es"],
    [null, ["de-DE"], "en"],
    [null, [], "en"],
    ["constructor", ["ES"], "es"],
    ["xx", ["toString-x"], "en"],
  ] as const)("chosen %s, wanted %j: %s", (kept, wanted, expected) => {
    expect(languageOf(kept, wanted)).toBe(expected);
  });
});
