import { expect, test } from "vitest";
import { fitted, panned, SCALE_MAXIMUM, zoomed } from "./viewport.ts";

const picture = { width: 400, height: 200 };
const window = { width: 800, height: 800 };

test("a picture is fitted whole and in the middle", () => {
  expect(fitted(picture, window)).toEqual({ scale: 2, x: 0, y: 200 });
});

test("the point under the pointer stays there while it grows and shrinks", () => {
  const start = fitted(picture, window);
  const at = { x: 300, y: 350 };
  const grown = zoomed(start, { factor: 1.5, ...at, picture, window });
  const pointOf = (view: typeof start) => [(at.x - view.x) / view.scale, (at.y - view.y) / view.scale];
  expect(pointOf(grown)).toEqual(pointOf(start));
  expect(pointOf(zoomed(grown, { factor: 1 / 1.5, ...at, picture, window }))).toEqual(pointOf(start));
});

test("it grows and shrinks no further than its limits", () => {
  let view = fitted(picture, window);
  for (let i = 0; i < 50; i++) view = zoomed(view, { factor: 2, x: 0, y: 0, picture, window });
  expect(view.scale).toBe(SCALE_MAXIMUM);
  for (let i = 0; i < 50; i++) view = zoomed(view, { factor: 0.5, x: 0, y: 0, picture, window });
  expect(view.scale).toBe(0.5);
});

test("it cannot be pushed out of the window", () => {
  const view = panned(fitted(picture, window), { x: -1e9, y: 1e9 }, picture, window);
  expect(view.x + picture.width * view.scale).toBeGreaterThan(0);
  expect(view.y).toBeLessThan(window.height);
});
