/**
 * What stands in the list of files: a DICOM series is one row, what else came with a folder is one row, every other file its own.
 * Files of a row stay together in the package, so that a row's progress is a stretch of the whole.
 */
import type { SeriesFacts } from "./dicom-header.ts";

export interface RowFile {
  /** As the person's system names it, with `/` between folders. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Null for what is no DICOM file of a series. */
  readonly facts: SeriesFacts | null;
}

export interface FileRow<Item extends RowFile = RowFile> {
  readonly key: string;
  readonly kind: "series" | "folder" | "file";
  /** Name of the file or folder; of a series empty. */
  readonly name: string;
  /** `CT`, `chest`: what a series says of itself; empty words are left out by whoever shows them. */
  readonly modality: string;
  readonly part: string;
  readonly files: readonly Item[];
  readonly sizeBytes: number;
}

/** In the order in which the first file of each came. */
export function fileRows<Item extends RowFile>(files: readonly Item[]): readonly FileRow<Item>[] {
  const rows = new Map<string, Item[]>();
  for (const file of files) {
    const key = keyOf(file);
    const row = rows.get(key);
    if (row === undefined) rows.set(key, [file]);
    else row.push(file);
  }
  return [...rows].map(([key, members]) => rowOf(key, members));
}

function keyOf({ name, facts }: RowFile): string {
  if (facts !== null) return `series ${facts.series}`;
  const slash = name.indexOf("/");
  return slash < 0 ? `file ${name}` : `folder ${name.slice(0, slash)}`;
}

function rowOf<Item extends RowFile>(key: string, files: readonly Item[]): FileRow<Item> {
  const [first] = files;
  const facts = first?.facts ?? null;
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const name = first?.name ?? "";
  const shared = { key, files, sizeBytes };
  if (facts !== null) {
    const part = facts.bodyPart === "" ? facts.description : facts.bodyPart;
    return { ...shared, kind: "series", name: "", modality: facts.modality, part: plain(part) };
  }
  const slash = name.indexOf("/");
  const isFolder = slash >= 0 && files.length > 1;
  return {
    ...shared,
    kind: isFolder ? "folder" : "file",
    name: isFolder ? name.slice(0, slash) : name,
    modality: "",
    part: "",
  };
}

/** `CHEST` reads like shouting; a description that was written in mixed case stays as it was. */
const plain = (part: string): string => (part === part.toUpperCase() ? part.toLowerCase() : part);

/** How many patients the DICOM files name. Files without a patient's id count as none. */
export function patientCount(files: readonly RowFile[]): number {
  const patients = new Set(
    files.flatMap(({ facts }) => (facts === null || facts.patient === "" ? [] : [facts.patient])),
  );
  return patients.size;
}
