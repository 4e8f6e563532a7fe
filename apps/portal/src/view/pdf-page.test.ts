import { expect, test } from "vitest";
import { CANVAS_PIXEL_LIMIT, pageSize, textOfPage } from "./pdf-page.ts";

test("a page is as wide as asked for, in its own proportions, and sharp", () => {
  expect(pageSize({ width: 210, height: 297 }, 420, 2)).toEqual({ width: 420, height: 594, scale: 2, density: 2 });
});

test.each([
  ["huge", { width: 99_999_999, height: 99_999_999 }],
  ["thin", { width: 1, height: 99_999_999 }],
  ["of no width", { width: 0, height: 10 }],
  ["of no size", { width: 0, height: 0 }],
  ["that is no number", { width: Number.NaN, height: Number.NaN }],
])("a page %s gets a canvas within the limit", (_, page) => {
  const { width, height, density } = pageSize(page, 4400, 3);
  expect(width * height * density * density).toBeLessThanOrEqual(CANVAS_PIXEL_LIMIT * 1.001);
  expect(height).toBeGreaterThanOrEqual(1);
});

test("a page whose words cannot be read has none", async () => {
  expect(await textOfPage({ getTextContent: () => Promise.reject(new Error("damaged")) })).toBe("");
});
