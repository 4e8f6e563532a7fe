/** What page and DICOM worker say to each other. */
import type { Bytes } from "@safeconduct/foundation";
import type { CodecName } from "./codecs.ts";
import type { DicomHeader } from "./header.ts";
import type { Frame } from "./pixels.ts";

export type ToDicomWorker =
  /** `frame` null: the header alone. */
  | { readonly kind: "read"; readonly id: number; readonly content: Bytes; readonly frame: number | null }
  | { readonly kind: "codec"; readonly name: CodecName; readonly wasm: ArrayBuffer };

export type Refusal = "compression" | "not-dicom" | "damaged" | "stopped";

export type FromDicomWorker =
  | { readonly kind: "codec-wanted"; readonly name: CodecName }
  | { readonly kind: "header"; readonly id: number; readonly header: DicomHeader }
  | {
      readonly kind: "frame";
      readonly id: number;
      readonly header: DicomHeader;
      readonly frame: Frame;
      readonly isTruncated: boolean;
    }
  | { readonly kind: "refused"; readonly id: number; readonly why: Exclude<Refusal, "stopped"> };
