import { expect, test } from "vitest";
import { printable } from "./terminal.ts";

test.for<[string, string, string]>([
  ["colours and cursor moves", "\u001b[31mPaid\u001b[0m\u001b[2K\u001b[1A", "[31mPaid[0m[2K[1A"],
  ["a new window title", "\u001b]0;root\u0007Clinic", "]0;rootClinic"],
  ["eight-bit control sequences", "\u009b2JClinic", "2JClinic"],
  ["a return to the line's begin", "Clinic\rEvil  ", "ClinicEvil  "],
  ["a reversed direction", "Clinic \u202ecilbup\u202c", "Clinic cilbup"],
])("words from elsewhere cannot carry %s", ([, words, shown]) => {
  expect(printable(words)).toBe(shown);
});

test("letters of every script and line ends stay", () => {
  const words = "Praxis Dr. Müller\nעברית العربية 日本語 👩‍⚕️";
  expect(printable(words)).toBe(words);
});
