import { expect, it } from "vitest";
import { sizeWords } from "./sizes.ts";

it.each([
  [0, "0 bytes"],
  [1, "1 byte"],
  [999, "999 bytes"],
  [1000, "1 kB"],
  [1234, "1.2 kB"],
  [99_949, "99.9 kB"],
  [99_950, "100 kB"],
  [999_499, "999 kB"],
  [999_500, "1 MB"],
  [164_000_000, "164 MB"],
  [2 * 1024 ** 3, "2.1 GB"],
  [1024 ** 4, "1.1 TB"],
  [9e15, "9,000 TB"],
])("a file of %d bytes reads %j", (sizeBytes, words) => {
  expect(sizeWords(sizeBytes)).toBe(words);
});
