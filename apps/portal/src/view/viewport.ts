/** Where a picture lies in its window: scale and place, as arithmetic without a canvas. Lengths are CSS pixels of the window. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Viewport {
  /** Window pixels for one pixel of the picture. */
  readonly scale: number;
  /** Where the picture's upper left corner lies. */
  readonly x: number;
  readonly y: number;
}

/** Times the fitting scale. */
const ZOOM_MINIMUM = 0.25;
/** Window pixels for one of the picture. */
export const SCALE_MAXIMUM = 32;
/** One press of + or −. */
export const ZOOM_STEP = 1.25;

/** All of the picture, as large as the window allows, in its middle. */
export function fitted(picture: Size, window: Size): Viewport {
  const scale = Math.min(window.width / picture.width, window.height / picture.height);
  return centred(picture, window, Math.min(scale, SCALE_MAXIMUM));
}

function centred(picture: Size, window: Size, scale: number): Viewport {
  return { scale, x: (window.width - picture.width * scale) / 2, y: (window.height - picture.height * scale) / 2 };
}

/** Larger by `factor`; the point of the picture under (`x`, `y`) stays there. */
export function zoomed(
  viewport: Viewport,
  { factor, x, y, picture, window }: { factor: number; x: number; y: number; picture: Size; window: Size },
): Viewport {
  const least = Math.min(fitted(picture, window).scale * ZOOM_MINIMUM, 1);
  const scale = Math.min(Math.max(viewport.scale * factor, least), SCALE_MAXIMUM);
  const ratio = scale / viewport.scale;
  return kept({ scale, x: x - (x - viewport.x) * ratio, y: y - (y - viewport.y) * ratio }, picture, window);
}

export const panned = (viewport: Viewport, by: { x: number; y: number }, picture: Size, window: Size): Viewport =>
  kept({ ...viewport, x: viewport.x + by.x, y: viewport.y + by.y }, picture, window);

/** What of a picture must stay in the window, so that it cannot be lost. */
const HELD_PIXELS = 40;

function kept({ scale, x, y }: Viewport, picture: Size, window: Size): Viewport {
  return {
    scale,
    x: within(x, picture.width * scale, window.width),
    y: within(y, picture.height * scale, window.height),
  };
}

const within = (at: number, length: number, space: number): number =>
  Math.min(Math.max(at, HELD_PIXELS - length), space - HELD_PIXELS);
