import { expect, test } from "vitest";
import type { DicomHeader } from "./header.ts";
import { seriesOf, sliceList } from "./series.ts";
import { CT_PRESETS, dragged, drawGrey, firstWindow, shade, wholeRange } from "./windowing.ts";

const header = { slope: 2, intercept: -10, photometric: "MONOCHROME2", window: null } as DicomHeader;
const grey = { kind: "grey", values: Int16Array.from([0, 5, 10]), least: 0, most: 10 } as const;

test("a window maps as the standard says: below black, above white, its middle in the middle", () => {
  const window = { centre: 40, width: 400 };
  expect([shade(-160, window), shade(-161, window), shade(240, window), shade(5000, window)]).toEqual([0, 0, 255, 255]);
  expect(shade(39.5, window)).toBe(127.5);
  // PS3.3, C.11.2.1.2.1: a width of one is a threshold.
  expect([shade(9.5, { centre: 10, width: 1 }), shade(9.6, { centre: 10, width: 1 })]).toEqual([0, 255]);
});

test("without a proposal the whole range of the frame is shown, after the rescale", () => {
  expect(wholeRange(header, grey)).toEqual({ centre: 0.5, width: 21 });
  expect(firstWindow(header, grey)).toEqual(wholeRange(header, grey));
  expect(firstWindow({ ...header, window: CT_PRESETS.lung }, grey)).toEqual(CT_PRESETS.lung);
});

test("values become greys, turned around once for each reason to", () => {
  const window = wholeRange(header, grey);
  const drawn = (photometric: string, isInverted: boolean): number[] => {
    const out = new Uint8ClampedArray(12);
    drawGrey(out, grey, { header: { ...header, photometric }, window, isInverted });
    expect(out[3]).toBe(255);
    return [out[0] ?? 0, out[4] ?? 0, out[8] ?? 0];
  };
  expect(drawn("MONOCHROME2", false)).toEqual([0, 128, 255]);
  expect(drawn("MONOCHROME1", false)).toEqual([255, 128, 0]);
  expect(drawn("MONOCHROME1", true)).toEqual(drawn("MONOCHROME2", false));
});

test("a drag changes width and centre, and no width falls below one", () => {
  const start = { centre: 40, width: 300 };
  expect(dragged(start, { x: 10, y: -5 }, start)).toEqual({ centre: 35, width: 310 });
  expect(dragged(start, { x: -1e9, y: 0 }, start).width).toBe(1);
});

const picture = (name: string, more: Partial<DicomHeader>) =>
  sliceList(name, name, {
    seriesUid: "1",
    seriesNumber: 1,
    frames: 1,
    instanceNumber: 0,
    position: null,
    ...more,
  } as DicomHeader);

test("pictures are ordered by series, then along the body, else by number, else by name", () => {
  const names = (slices: ReturnType<typeof picture>) =>
    seriesOf(slices).map(({ slices: list }) => list.map(({ name, frame }) => `${name}${frame}`).join(" "));
  expect(
    names([
      ...picture("c", { seriesUid: "2", seriesNumber: 2 }),
      ...picture("a", { instanceNumber: 1, position: 30 }),
      ...picture("b", { instanceNumber: 2, position: -10 }),
    ]),
  ).toEqual(["b0 a0", "c0"]);
  // At one place, as over time: the place says nothing.
  expect(
    names([...picture("a", { instanceNumber: 2, position: 5 }), ...picture("b", { instanceNumber: 1, position: 5 })]),
  ).toEqual(["b0 a0"]);
  expect(names([...picture("b", {}), ...picture("a", { frames: 2 })])).toEqual(["a0 a1 b0"]);
  expect(names([...picture("a", { seriesUid: "" }), ...picture("b", { seriesUid: "" })])).toEqual(["a0", "b0"]);
});
