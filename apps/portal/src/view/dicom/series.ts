/** Pictures put together as they were taken: by series, and within it along the body, else by number. */
import type { DicomHeader } from "./header.ts";

/** One picture of one file. */
export interface Slice {
  /** Key of the file. */
  readonly file: string;
  readonly name: string;
  readonly header: DicomHeader;
  readonly frame: number;
}

export interface Series {
  readonly uid: string;
  /** Of its first picture. */
  readonly header: DicomHeader;
  readonly slices: readonly Slice[];
}

export function sliceList(file: string, name: string, header: DicomHeader): Slice[] {
  return Array.from({ length: header.frames }, (_, frame) => ({ file, name, header, frame }));
}

/** In the order of their numbers. A file without a series is one of its own. */
export function seriesOf(slices: readonly Slice[]): readonly Series[] {
  const groups = Map.groupBy(slices, ({ header, file }) => header.seriesUid || file);
  return [...groups]
    .map(([uid, list]) => {
      const ordered = inOrder(list);
      const [first] = ordered;
      if (first === undefined) throw new Error("a series without pictures");
      return { uid, header: first.header, slices: ordered };
    })
    .sort((a, b) => a.header.seriesNumber - b.header.seriesNumber || compareText(a.uid, b.uid));
}

function inOrder(slices: readonly Slice[]): readonly Slice[] {
  const isPlaced = slices.every(({ header }) => header.position !== null);
  const places = new Set(slices.map(({ header }) => header.position));
  // Pictures at one place, as over time, are told apart by their numbers alone.
  const byPlace = isPlaced && places.size === new Set(slices.map(({ file }) => file)).size;
  return slices.toSorted(
    (a, b) =>
      (byPlace ? (a.header.position ?? 0) - (b.header.position ?? 0) : 0) ||
      a.header.instanceNumber - b.header.instanceNumber ||
      compareText(a.name, b.name) ||
      a.frame - b.frame,
  );
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
