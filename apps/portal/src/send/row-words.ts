/** What a row of files is called and what stands below it. */
import { safePath } from "@safeconduct/envelope";
import { size } from "../elements/words.ts";
import type { ChosenFile } from "./chosen-files.ts";
import { type FileRow, patientCount } from "./file-rows.ts";
import { texts } from "./texts.ts";
import type { UploadRow } from "./upload-slot.ts";

const words = texts.files;

export const uploadRow = ({ files, ...row }: FileRow): UploadRow => ({
  key: row.key,
  kind: row.kind,
  name: row.name,
  modality: row.modality,
  part: row.part,
  sizeBytes: row.sizeBytes,
  fileCount: files.length,
});

/** `CT chest, 312 images`, `Referral, 4 files`, `letter.pdf`. Names may be hostile: only what can be sent is shown. */
export function rowName({ kind, name, modality, part, fileCount }: UploadRow): string {
  if (kind === "series") return `${words.series(modality, part)}, ${words.images(fileCount)}`;
  return kind === "folder" ? `${safePath(name)}, ${words.filesOf(fileCount)}` : safePath(name);
}

export function rowFacts(row: FileRow<ChosenFile>): string {
  const patients = patientCount(row.files);
  return [
    ...(row.kind === "folder" ? [words.folder] : []),
    row.kind === "file" && row.sizeBytes === 0 ? words.emptyFile : size(row.sizeBytes),
    ...(patients > 0 ? [words.patients(patients)] : []),
  ].join(" · ");
}
