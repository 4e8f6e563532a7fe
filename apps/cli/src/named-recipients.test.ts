import { isProblem } from "@safeconduct/foundation";
import { expect, test } from "vitest";
import { readRecipients } from "./named-recipients.ts";

const codeOf = (...words: readonly string[]) => {
  try {
    return readRecipients(words);
  } catch (error) {
    return isProblem(error) ? error.code : error;
  }
};

test.each([
  ["anna@example.org", null, null],
  ["<anna@example.org>", null, null],
  ["Anna Lind <anna@example.org>", "Anna Lind", null],
  ["Anna Lind (St. Mary's Hospital) <anna@EXAMPLE.org>", "Anna Lind", "St. Mary's Hospital"],
  ["(St. Mary's Hospital) <anna@example.org>", null, "St. Mary's Hospital"],
  ["  Anna   Lind  ( )  <anna@example.org> ", "Anna Lind", null],
  [`Anna (${"x".repeat(120)}) <anna@example.org>`, "Anna", "x".repeat(120)],
])("%s is one recipient", (text, name, organisation) => {
  expect(readRecipients([text])).toEqual([{ address: "anna@example.org", name, organisation }]);
});

test.each([
  ["no address", "Anna Lind (St. Mary's)"],
  ["two organisations", "Anna (One) (Two) <anna@example.org>"],
  ["an organisation of 121 characters", `Anna (${"x".repeat(121)}) <anna@example.org>`],
  ["an organisation that turns the text round", "Anna (St.\u202eyraM) <anna@example.org>"],
  ["a name of 121 characters", `${"x".repeat(121)} <anna@example.org>`],
])("%s is refused", (_, text) => {
  expect(codeOf(text)).toBe("cli/usage");
});

test("nobody is named twice, and somebody is", () => {
  expect(codeOf("anna@example.org", "Anna <ANNA@example.org>")).toBe("cli/usage");
  expect(codeOf()).toBe("cli/usage");
});
