import { expect, test } from "vitest";
import { decodeText, LINE_LIMIT, seenText, textLines } from "./text.ts";

test("bytes become text by their mark, as UTF-8, or as Windows-1252 where they are not", () => {
  expect(decodeText(new Uint8Array([0xff, 0xfe, 0x41, 0]))).toBe("A");
  expect(decodeText(new Uint8Array([0xfe, 0xff, 0, 0x41]))).toBe("A");
  expect(decodeText(new TextEncoder().encode("Größe"))).toBe("Größe");
  expect(decodeText(new Uint8Array([0x47, 0x72, 0xf6]))).toBe("Grö");
});

test("what turns text around or draws nothing is seen", () => {
  expect(seenText("invoice\u202etxt.exe\u0000\u2066")).toBe("invoice\ufffdtxt.exe\ufffd\ufffd");
  expect(seenText("a\tb\nc")).toBe("a\tb\nc");
});

test("lines end as any system ends them, and are cut one above the limit", () => {
  expect(textLines("a\r\nb\rc\n").lines).toEqual(["a", "b", "c"]);
  expect(textLines("x".repeat(LINE_LIMIT)).isCut).toBe(false);
  const { lines, isCut } = textLines("x".repeat(LINE_LIMIT + 1));
  expect([lines[0]?.length, isCut]).toEqual([LINE_LIMIT, true]);
});
