import { outcomeOf } from "@safeconduct/testkit";
import { expect, test } from "vitest";
import { readLanguage } from "./wanted-language.ts";

test("the language of a recipient is one of those there are, or not said", () => {
  expect([readLanguage("en"), readLanguage("es"), readLanguage(undefined)]).toEqual(["en", "es", null]);
});

test.each(["", "ES", "es-MX", "de", "constructor", "es "])(
  "a language that there is not is refused: %j",
  async (text) => {
    expect(await outcomeOf(Promise.resolve().then(() => readLanguage(text)))).toBe("cli/usage");
  },
);
