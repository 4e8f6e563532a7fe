import { describe, expect, test } from "vitest";
import { fitsLimits, PIXEL_LIMIT, pictureSize, SIDE_LIMIT } from "./image-size.ts";

const hex = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text.match(/../gu) ?? [], (byte) => Number.parseInt(byte, 16));

describe("the size of a picture", () => {
  test.each([
    ["image/png", "89504e470d0a1a0a0000000d4948445200000280000001e0"],
    ["image/gif", "4749463839618002e001"],
    ["image/jpeg", "ffd8ffe000104a46494600010100000100010000ffc000110801e0028003"],
    ["image/webp", "5249464600000000574542505650385800000000000000007f0200df0100"],
  ] as const)("is read from %s", (format, text) => {
    expect(pictureSize(hex(text), format)).toEqual({ width: 640, height: 480 });
  });

  test("is unknown where the bytes end early, or a JPEG has no frame", () => {
    for (const format of ["image/png", "image/gif", "image/jpeg", "image/webp", "image/bmp"] as const)
      expect(pictureSize(hex("ffd8ff"), format)).toBeNull();
    expect(pictureSize(hex("ffd8ffda0004000000000000"), "image/jpeg")).toBeNull();
    expect(pictureSize(hex(`ffd8${"ffe00002".repeat(2000)}`), "image/jpeg")).toBeNull();
  });

  test("is let through at the limits and refused one above", () => {
    expect(fitsLimits({ width: 8192, height: PIXEL_LIMIT / 8192 })).toBe(true);
    expect(fitsLimits({ width: 8192, height: PIXEL_LIMIT / 8192 + 1 })).toBe(false);
    expect(fitsLimits({ width: SIDE_LIMIT, height: 1 })).toBe(true);
    expect(fitsLimits({ width: SIDE_LIMIT + 1, height: 1 })).toBe(false);
    expect(fitsLimits({ width: 0, height: 5 })).toBe(false);
  });
});
