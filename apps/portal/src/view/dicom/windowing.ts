/** Which values become black and which white: PS3.3, C.11.2.1.2 (linear), after the rescale of C.11.1. */
import type { DicomHeader, Window } from "./header.ts";
import type { Frame } from "./pixels.ts";

/** Windows of CT, in Hounsfield units, as radiologists use them. */
export const CT_PRESETS = {
  softTissue: { centre: 40, width: 400 },
  lung: { centre: -600, width: 1500 },
  bone: { centre: 480, width: 2500 },
  brain: { centre: 40, width: 80 },
} as const satisfies Readonly<Record<string, Window>>;
export type CtPreset = keyof typeof CT_PRESETS;

type Grey = Extract<Frame, { kind: "grey" }>;

/** What the file proposes, else all that the frame has. */
export function firstWindow(header: DicomHeader, frame: Grey): Window {
  return header.window ?? wholeRange(header, frame);
}

export function wholeRange({ slope, intercept }: DicomHeader, { least, most }: Grey): Window {
  const [a, b] = [least * slope + intercept, most * slope + intercept];
  return { centre: (a + b) / 2 + 0.5, width: Math.max(1, Math.abs(b - a) + 1) };
}

/** 0 (black) to 255 for one value after the rescale. */
export function shade(value: number, { centre, width }: Window): number {
  const middle = centre - 0.5;
  const half = (width - 1) / 2;
  if (value <= middle - half) return 0;
  if (value > middle + half) return 255;
  return ((value - middle) / (width - 1) + 0.5) * 255;
}

/** More values than these are not put into a table. */
const TABLE_LIMIT = 65_536;

/** Fills `out` (RGBA) with the frame as the window shows it. */
export function drawGrey(
  out: Uint8ClampedArray,
  { values, least, most }: Grey,
  { header, window, isInverted }: { header: DicomHeader; window: Window; isInverted: boolean },
): void {
  const turned = isInverted !== (header.photometric === "MONOCHROME1");
  const shown = (value: number): number => {
    const grey = shade(value * header.slope + header.intercept, window);
    return turned ? 255 - grey : grey;
  };
  const table =
    most - least < TABLE_LIMIT
      ? Uint8ClampedArray.from({ length: most - least + 1 }, (_, i) => shown(least + i))
      : null;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    const grey = table === null ? shown(value) : (table[value - least] ?? 0);
    out[4 * i] = grey;
    out[4 * i + 1] = grey;
    out[4 * i + 2] = grey;
    out[4 * i + 3] = 255;
  }
}

/** Dragged to the right: wider; downwards: brighter values. In steps that fit the window one begins with. */
export function dragged(window: Window, by: { x: number; y: number }, start: Window): Window {
  const step = Math.max(start.width / 300, 0.1);
  return { centre: window.centre + by.y * step, width: Math.max(1, window.width + by.x * step) };
}
