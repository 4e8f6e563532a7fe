/** The file that names custodians: what counts as one, and what stops the start. */
import { hexText, utf8Bytes } from "@safeconduct/foundation";
import { DamagedStore } from "@safeconduct/keyring";
import { expect, test } from "vitest";
import { readCustodians } from "./custodians-file.ts";

const key = (seed: number) => new Uint8Array(32).fill(seed);
const line = (seed: number) => hexText(key(seed));
const read = (text: string) => readCustodians(utf8Bytes(text));
const lines = (count: number) => Array.from({ length: count }, (_, at) => line(at + 1)).join("\n");

test("without a file there are no custodians", () => {
  expect(readCustodians(null)).toEqual([]);
});

test("keys stand one on a line, with notes, empty lines, spaces and line ends of any system", () => {
  const text = `# who may\n\n${line(1)}  # Dr. Anna Beispiel\r\n  ${line(2)}\n#${line(3)}\n`;
  expect(read(text)).toEqual([key(1), key(2)]);
});

test("from two to twenty people are custodians", () => {
  expect([2, 20].map((count) => read(lines(count)).length)).toEqual([2, 20]);
});

test.each([
  ["an empty file", ""],
  ["a file of notes alone", "# nobody\n"],
  ["one key alone", lines(1)],
  ["twenty-one keys", lines(21)],
  ["the same key twice", `${line(1)}\n${line(2)}\n${line(1)}`],
  ["the same key twice, once in capitals", `${line(0xab)}\n${line(2)}\n${line(0xab).toUpperCase()}`],
  ["a key that is too short", `${line(1)}\n${line(2).slice(2)}`],
  ["a key that is too long", `${line(1)}\n${line(2)}00`],
  ["half a byte too much", `${line(1)}\n${line(2)}0`],
  ["what is no hexadecimal", `${line(1)}\n${"g".repeat(64)}`],
  ["two keys on a line", `${line(1)} ${line(2)}\n${line(3)}`],
  ["a name without a sign before it", `${line(1)}\n${line(2)} Ben`],
])("%s stops the start", (_what, text) => {
  expect(() => read(text)).toThrow(DamagedStore);
});

test("bytes that are no text stop the start", () => {
  expect(() => readCustodians(new Uint8Array([0xff, 0xfe, 0x00]))).toThrow(DamagedStore);
});
