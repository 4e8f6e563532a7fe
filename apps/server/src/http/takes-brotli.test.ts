import { describe, expect, test } from "vitest";
import { takesBrotli } from "./takes-brotli.ts";

describe("a file of the portal", () => {
  test.each([
    ["gzip, deflate, br, zstd", true],
    ["br", true],
    ["BR;q=0.5", true],
    ["gzip, br;q=0", false],
    ["br; q=0.0, gzip", false],
    ["gzip", false],
    ["brx", false],
    ["", false],
    [undefined, false],
  ])("goes compressed to a browser that accepts %j: %s", (accepted, expected) => {
    expect(takesBrotli(accepted)).toBe(expected);
  });
});
