/** Codes in the code and codes in docs/reference/errors.md are the same, both ways. */
import { expect, test } from "vitest";
import { ERROR_PAGE, errorPage, readErrorCodes } from "../../tools/error-reference.ts";
import { projectText } from "../../tools/source-tree.ts";

const { codes, problems } = readErrorCodes();

test("every code has one message in plain text", () => {
  expect(codes.length).toBeGreaterThan(20);
  expect(problems).toEqual([]);
});

test("the page lists every code and no other (npm run docs:errors makes it)", () => {
  expect(projectText(ERROR_PAGE)).toBe(errorPage(codes));
});

test("a message is a sentence that ends, without a value in it", () => {
  const odd = codes.filter(({ message }) => !/^[A-Z].*[.!?]$/s.test(message) || message.includes("${"));
  expect(odd.map(({ code }) => code)).toEqual([]);
});
