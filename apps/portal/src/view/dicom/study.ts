/**
 * All DICOM files of the transfer in the viewer: the one that was opened first, the others one after the other behind it. Files are kept as they
 * came, compressed, up to a limit; frames are decoded when they are looked at.
 */
import type { ManifestFile } from "@safeconduct/envelope";
import type { Bytes } from "@safeconduct/foundation";
import { CannotShow, type FormatViewProps } from "../format-view.ts";
import { namedKind } from "../kinds.ts";
import { isDicom } from "./data-set.ts";
import { DicomReader, type FrameAnswer, Refused } from "./reader.ts";
import { type Series, seriesOf, type Slice, sliceList } from "./series.ts";

/** Of all files together in memory. */
const STUDY_LIMIT_BYTES = 512 * 1024 * 1024;
/** Decoded frames that are kept for scrolling back. */
const KEPT_FRAMES = 12;
/** How many files come between two drawings of the list. */
const TELL_EVERY = 8;

interface StudyState {
  readonly series: readonly Series[];
  /** Files that are still to come. */
  readonly left: number;
  /** Whether files are left out for the limit. */
  readonly isCut: boolean;
}

export interface OpenStudy {
  readonly opened: {
    readonly uid: string;
    readonly key: string;
    readonly answer: FrameAnswer | null;
    readonly refusal: Refused["why"] | null;
  };
  readonly state: StudyState;
  readonly listen: (hear: (state: StudyState) => void) => () => void;
  /** Throws Refused. */
  readonly frame: (file: string, frame: number) => Promise<FrameAnswer>;
  readonly close: () => void;
}

/** Throws CannotShow where the opened file has no picture. */
export async function openStudy({ content, file, files, readWhole }: FormatViewProps): Promise<OpenStudy> {
  const reader = new DicomReader();
  const contents = new Map<string, Bytes>([[file.id, content]]);
  const frames = new Map<string, Promise<FrameAnswer>>();
  const stop = new AbortController();
  let hear: (state: StudyState) => void = unheard;

  const frame = (id: string, number: number): Promise<FrameAnswer> => {
    const key = `${id} ${number}`;
    const known = frames.get(key);
    if (known !== undefined) return known;
    const bytes = contents.get(id);
    if (bytes === undefined) return Promise.reject(new Refused("damaged"));
    const reading = reader.frame(bytes, number);
    frames.set(key, reading);
    reading.catch(() => frames.delete(key));
    const [oldest] = frames.keys();
    if (frames.size > KEPT_FRAMES && oldest !== undefined) frames.delete(oldest);
    return reading;
  };

  const slices: Slice[] = [];
  try {
    const header = await reader.header(content);
    slices.push(...sliceList(file.id, file.path, header));
  } catch (error) {
    reader.close();
    throw new CannotShow(error instanceof Refused && error.why === "stopped" ? "stopped" : "notDicom");
  }
  const others = files.filter((other) => other.id !== file.id && isLikeDicom(other));
  const first = await frame(file.id, 0).then(
    (answer) => ({ answer, refusal: null }),
    (error: unknown) => ({ answer: null, refusal: error instanceof Refused ? error.why : ("damaged" as const) }),
  );
  const series = seriesOf(slices);
  const state: StudyState = { series, left: others.length, isCut: false };

  async function readOthers(): Promise<void> {
    let heldBytes = content.length;
    let isCut = false;
    for (const [index, other] of others.entries()) {
      if (stop.signal.aborted) return;
      if (heldBytes + other.sizeBytes > STUDY_LIMIT_BYTES) isCut = true;
      else {
        const bytes = await readWhole(other, { signal: stop.signal, onProgress: () => undefined });
        if (isDicom(bytes)) {
          const header = await reader.header(bytes).catch(() => null);
          if (header !== null) {
            contents.set(other.id, bytes);
            heldBytes += bytes.length;
            slices.push(...sliceList(other.id, other.path, header));
          }
        }
      }
      const left = others.length - 1 - index;
      if (left % TELL_EVERY === 0) hear({ series: seriesOf(slices), left, isCut });
    }
  }

  return {
    opened: { uid: series[0]?.uid ?? "", key: `${file.id} 0`, ...first },
    state,
    listen(listener) {
      hear = listener;
      // What of the others cannot be fetched is missing; the pictures that are there go on.
      readOthers().catch(() => hear({ series: seriesOf(slices), left: 0, isCut: true }));
      return () => {
        hear = unheard;
      };
    },
    frame,
    close() {
      stop.abort();
      reader.close();
      contents.clear();
      frames.clear();
    },
  };
}

const unheard = (): void => undefined;

/** DICOM media name their files without endings. */
const isLikeDicom = (file: ManifestFile): boolean => {
  const kind = namedKind(file);
  return kind === "dicom" || kind === "by-content";
};
