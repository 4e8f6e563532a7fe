import { brotliDecompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { compressed, takesBrotli } from "./compressed.ts";

describe("a file of the portal", () => {
  test("is the same after it was compressed", async () => {
    const bytes = Buffer.from("const a = 1;\n".repeat(1000));
    const smaller = await compressed(bytes, "text/javascript; charset=utf-8");
    expect(smaller?.length).toBeLessThan(bytes.length / 10);
    expect(brotliDecompressSync(smaller ?? Buffer.alloc(0)).equals(bytes)).toBe(true);
  });

  test.each([
    ["what is small", Buffer.from("a"), "text/css"],
    ["fonts", Buffer.alloc(5000), "font/woff2"],
    ["pictures", Buffer.alloc(5000), "image/png"],
  ])("is left as it is: %s", async (_, bytes, mediaType) => {
    expect(await compressed(bytes, mediaType)).toBeNull();
  });

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
