/** Sizes and words of one page of a PDF, which says both itself and may lie. */
import type { PDFPageProxy } from "pdfjs-dist";
import type { Size } from "./viewport.ts";
import { seenText } from "./text.ts";

/** Pixels of one canvas: what telephones give (iOS). */
export const CANVAS_PIXEL_LIMIT = 16 * 1024 * 1024;
/** At fitting size; wider windows get margins. */
export const PAGE_WIDTH_LIMIT = 1100;
/** A page that is longer than so many of its widths is cut there. */
const LONGEST_RATIO = 10;
/** Characters of one page that screen readers are given. */
const TEXT_LIMIT = 20_000;

export interface PageSize extends Size {
  /** CSS pixels for one unit of the page. */
  readonly scale: number;
  /** Device pixels for one CSS pixel, less where the canvas would grow too large. */
  readonly density: number;
}

export function pageSize(page: Size, width: number, devicePixels: number): PageSize {
  const wanted = Math.max(1, width);
  const scale = wanted / Math.max(page.width, 1e-6);
  const ratio = Math.min(page.height / Math.max(page.width, 1e-6), LONGEST_RATIO);
  const height = Math.max(1, Math.round(wanted * (Number.isFinite(ratio) ? ratio : 1)));
  const rounded = Math.round(wanted);
  const density = Math.min(devicePixels, Math.sqrt(CANVAS_PIXEL_LIMIT / (rounded * height)));
  return { width: rounded, height, scale, density };
}

/** For people who do not see the drawing. Empty where the page has none, as scanned pages do. */
export async function textOfPage(page: Pick<PDFPageProxy, "getTextContent">): Promise<string> {
  try {
    const { items } = await page.getTextContent();
    const text = items.map((item) => ("str" in item ? `${item.str}${item.hasEOL ? "\n" : ""}` : "")).join(" ");
    return seenText(
      text
        .replaceAll(/[ \t]+/gu, " ")
        .trim()
        .slice(0, TEXT_LIMIT),
    );
  } catch {
    return "";
  }
}
