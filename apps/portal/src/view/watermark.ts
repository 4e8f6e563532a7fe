/**
 * Who looks and when, drawn into the pixels of every picture. It does not stop a photograph of the screen; it says whose screen it was.
 * Each line is drawn light with a dark shadow, so that it can be read on an X-ray as well as on paper.
 */
import { seenText } from "./text.ts";

export interface Watermark {
  /** The recipient's whole address. */
  readonly address: string;
  /** The moment of opening, with its zone. */
  readonly time: string;
}

/** Of the window that is drawn, in CSS pixels. */
export interface WatermarkArea {
  readonly width: number;
  readonly height: number;
  /** Device pixels for one CSS pixel. */
  readonly density: number;
}

const FONT_PIXELS = 15;
const LINE_GAP_PIXELS = 150;
const ANGLE = -Math.PI / 9;
const OPACITY = 0.26;
const SHADOW_PIXELS = 1;

const watermarkText = ({ address, time }: Watermark): string => `${seenText(address)}  ·  ${time}`;

/** Over the whole of the canvas, in rows that cross each other's gaps, so that no cut of it is without. */
export function drawWatermark(
  context: CanvasRenderingContext2D,
  watermark: Watermark,
  { width, height, density }: WatermarkArea,
): void {
  const text = `${watermarkText(watermark)}    `;
  context.save();
  context.setTransform(density, 0, 0, density, 0, 0);
  context.font = `600 ${FONT_PIXELS}px "Atkinson Hyperlegible Next Variable", sans-serif`;
  context.textBaseline = "middle";
  context.globalAlpha = OPACITY;
  context.globalCompositeOperation = "source-over";
  context.filter = "none";
  context.translate(width / 2, height / 2);
  context.rotate(ANGLE);
  const reach = Math.hypot(width, height) / 2;
  const step = Math.max(context.measureText(text).width, 1);
  let row = 0;
  for (let y = -reach + LINE_GAP_PIXELS / 3; y < reach; y += LINE_GAP_PIXELS, row++) {
    const shift = row % 2 === 0 ? 0 : step / 2;
    for (let x = -reach - shift; x < reach; x += step) {
      context.fillStyle = "#000000";
      context.fillText(text, x + SHADOW_PIXELS, y + SHADOW_PIXELS);
      context.fillStyle = "#ffffff";
      context.fillText(text, x, y);
    }
  }
  context.restore();
}
