import { expect, it } from "vitest";
import { MEMORY_LIMIT_BYTES, nameOf, SMALL_FILE_BYTES, wayFor } from "./sinks.ts";

it.each([
  [0, true, true, "memory"],
  [SMALL_FILE_BYTES, true, true, "memory"],
  [SMALL_FILE_BYTES + 1, true, true, "stream"],
  [SMALL_FILE_BYTES + 1, false, true, "picked-file"],
  [SMALL_FILE_BYTES + 1, false, false, "memory"],
  [MEMORY_LIMIT_BYTES, false, false, "memory"],
  [MEMORY_LIMIT_BYTES + 1, false, false, "none"],
  [2 ** 40, true, false, "stream"],
] as const)("a file of %d bytes, worker %s, picker %s, goes by %s", (sizeBytes, canStream, canPick, way) => {
  expect(wayFor(sizeBytes, { canStream, canPick })).toBe(way);
});

it.each([
  ["scan.dcm", "scan.dcm"],
  ["series/1/scan.dcm", "scan.dcm"],
])("%s is saved as %s", (path, name) => {
  expect(nameOf(path)).toBe(name);
});
