/** Files that a person dropped or chose, before anything is done with them: what is taken into the list and what is told about it. */
import { FILE_LIMIT, PACKAGE_LIMIT_BYTES } from "@safeconduct/envelope";
import type { SeriesFacts } from "./dicom-header.ts";
import type { RowFile } from "./file-rows.ts";

/** The browser's File, as far as it is needed here. */
export interface FoundFile {
  /** With `/` between folders. May be hostile. */
  readonly name: string;
  readonly file: Pick<File, "size" | "lastModified" | "slice">;
}

export interface ChosenFile extends RowFile, FoundFile {
  /** Counts up, for lists of the page. */
  readonly key: number;
}

export interface Choosing {
  readonly files: readonly ChosenFile[];
  /** How many were there already. */
  readonly repeated: number;
  /** How many are more than a transfer can take. */
  readonly left: number;
}

/** What was there stays first. A file that is there already is not taken twice; another one of the same name is. */
export function addFiles(
  held: readonly ChosenFile[],
  found: readonly (FoundFile & { readonly facts: SeriesFacts | null })[],
): Choosing {
  const known = new Set(held.map(identity));
  let [key, bytes] = [held.at(-1)?.key ?? 0, totalBytes(held)];
  const [files, counts] = [[...held], { repeated: 0, left: 0 }];
  for (const { name, file, facts } of found) {
    const sizeBytes = file.size;
    const id = identity({ name, file });
    if (known.has(id)) {
      counts.repeated++;
    } else if (files.length >= FILE_LIMIT || bytes + sizeBytes > PACKAGE_LIMIT_BYTES) {
      counts.left++;
    } else {
      known.add(id);
      bytes += sizeBytes;
      files.push({ key: ++key, name, file, facts, sizeBytes });
    }
  }
  return { files, ...counts };
}

export const totalBytes = (files: readonly RowFile[]): number =>
  files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

/** A file as it is now: another state of it is another one. */
const identity = ({ name, file: { size, lastModified } }: FoundFile): string => `${size} ${lastModified} ${name}`;

export interface KnownFile {
  readonly name: string;
  readonly sizeBytes: number;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

/** `known` in its order, each with its file among `found`; how many are missing where not all are there. Folders may be missing in names. */
export function matchFiles(
  known: readonly KnownFile[],
  found: readonly FoundFile[],
): { readonly files: readonly FoundFile["file"][]; readonly missing: readonly string[] } {
  const exact = new Map<string, FoundFile>(found.map((each) => [identity(each), each]));
  const byLastName = new Map<string, FoundFile[]>();
  for (const each of found) {
    const id = identity({ ...each, name: lastName(each.name) });
    byLastName.set(id, [...(byLastName.get(id) ?? []), each]);
  }
  const [files, missing]: [FoundFile["file"][], string[]] = [[], []];
  for (const { name, sizeBytes, modifiedAt } of known) {
    const file = { size: sizeBytes, lastModified: modifiedAt };
    const same = exact.get(`${file.size} ${file.lastModified} ${name}`);
    const alike = byLastName.get(`${file.size} ${file.lastModified} ${lastName(name)}`) ?? [];
    // Where two could be meant nobody guesses: the digest would refuse it at last, and with it the whole upload.
    const match = same ?? (alike.length === 1 ? alike[0] : undefined);
    if (match === undefined) missing.push(name);
    else files.push(match.file);
  }
  return { files, missing };
}

const lastName = (name: string): string => name.slice(name.lastIndexOf("/") + 1);
