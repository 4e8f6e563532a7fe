import { describe, expect, test } from "vitest";
import { languageOf, turnsTo } from "./language.ts";

describe("the language of a page", () => {
  test.each([
    ["es", null, ["en-US"], "es"],
    ["en", "es", ["es"], "en"],
    [null, "es", ["en-US"], "es"],
    [null, null, ["es-MX", "en"], "es"],
    [null, null, ["de-DE", "es"], "es"],
    [null, null, ["de-DE"], "en"],
    [null, null, [], "en"],
    ["constructor", "toString", ["ES"], "es"],
    ["xx", "<b>", ["toString-x"], "en"],
  ] as const)("chosen %s, asked %s, wanted %j: %s", (kept, asked, wanted, expected) => {
    expect(languageOf({ kept, asked, wanted })).toBe(expected);
  });
});

describe("a recipient's page", () => {
  const here = { language: "en", kept: null, forgets: false } as const;

  test.each([
    ["turns to the language of the link", "es", here, true],
    ["stays where it is in that one already", "en", here, false],
    ["stays where the link has none", null, here, false],
    ["stays where its reader chose a language", "es", { ...here, kept: "en" }, false],
    ["turns where what is kept is no language", "es", { ...here, kept: "xx" }, true],
    ["does not load again and again in a browser that forgets", "es", { ...here, forgets: true }, false],
  ] as const)("%s", (_, other, from, expected) => {
    expect(turnsTo(other, from)).toBe(expected);
  });
});
