import { expect, it } from "vitest";
import { MEMORY_LIMIT_BYTES, nameOf, wayFor } from "./sinks.ts";

it.each([
  [0, true, "memory"],
  [MEMORY_LIMIT_BYTES - 1, false, "memory"],
  [MEMORY_LIMIT_BYTES, false, "memory"],
  [MEMORY_LIMIT_BYTES + 1, true, "picked-file"],
  [MEMORY_LIMIT_BYTES + 1, false, "none"],
] as const)("a file of %d bytes, picker %s, goes by %s", (sizeBytes, canPick, way) => {
  expect(wayFor(sizeBytes, canPick)).toBe(way);
});

it.each([
  ["scan.dcm", "scan.dcm"],
  ["series/1/scan.dcm", "scan.dcm"],
])("%s is saved as %s", (path, name) => {
  expect(nameOf(path)).toBe(name);
});
