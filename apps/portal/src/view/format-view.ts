/** What every format is given to draw, and how it says that it cannot. */
import type { ManifestFile } from "@safeconduct/envelope";
import type { Bytes } from "@safeconduct/foundation";
import type { ReadWhole } from "../receive/whole-reads.ts";
import type { Watermark } from "./watermark.ts";

export interface FormatViewProps {
  /** Without folders. */
  readonly name: string;
  /** The whole verified file. */
  readonly content: Bytes;
  readonly watermark: Watermark;
  /** Whether text may be selected; true where the file may be downloaded anyway. */
  readonly mayKeep: boolean;
  readonly file: ManifestFile;
  /** All of the transfer, for what is spread over many. */
  readonly files: readonly ManifestFile[];
  readonly readWhole: ReadWhole;
}

export type Reason =
  | "locked"
  | "notDicom"
  | "damaged"
  | "unknown"
  | "empty"
  | "pictureTooLarge"
  | "stopped"
  | "program";

/** Thrown while a format draws what it was given. */
export class CannotShow extends Error {
  override name = "CannotShow";
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(reason);
    this.reason = reason;
  }
}
