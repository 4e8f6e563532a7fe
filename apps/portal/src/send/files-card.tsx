/** Step 1: what is sent. Dropped or chosen, as rows that can be removed. */
import { type DragEvent, type ReactElement, useMemo, useRef, useState } from "react";
import { outgoingPaths } from "@safeconduct/client";
import { size } from "../elements/words.ts";
import { type ChosenFile, totalBytes } from "./chosen-files.ts";
import { type Adding, draftKeeper, useDraft } from "./draft-slot.ts";
import { FileChoice } from "./file-choice.tsx";
import { type FileRow, fileRows } from "./file-rows.ts";
import { entriesOf, readEntries } from "./folder-entries.ts";
import { rowFacts, rowName, uploadRow } from "./row-words.ts";
import { texts } from "./texts.ts";

const words = texts.files;
/** More rows than anybody reads; they are sent all the same. */
const SHOWN_ROWS = 100;
const SHOWN_NAMES = 20;
export const CHOOSE_FILES_ID = "choose-files";

export function FilesCard(): ReactElement {
  const { draft, looking, lastAdding } = useDraft();
  const [removed, setRemoved] = useState("");
  const heading = useRef<HTMLHeadingElement>(null);
  const rows = useMemo(() => fileRows(draft.files), [draft.files]);

  function remove(row: FileRow<ChosenFile>): void {
    draftKeeper.remove(row.files);
    setRemoved(words.removed(rowName(uploadRow(row))));
    heading.current?.focus();
  }

  return (
    <section className="card stack" aria-labelledby="files-title">
      <h2 id="files-title" ref={heading} tabIndex={-1}>
        {words.title}
      </h2>
      <DropZone />
      <div role="status" className="small">
        {looking !== null && <p>{words.looking(looking.done, looking.total)}</p>}
        {looking === null && removed !== "" && <p className="visually-hidden">{removed}</p>}
        {looking === null && lastAdding !== null && <AddingWords adding={lastAdding} />}
      </div>
      {rows.length > 0 && (
        <>
          <ul className="send-files" aria-label={words.list}>
            {rows.slice(0, SHOWN_ROWS).map((row) => (
              <li key={row.key}>
                <div>
                  <p className="file-name">
                    <b>
                      <bdi>{rowName(uploadRow(row))}</bdi>
                    </b>
                  </p>
                  <p className="soft small">{rowFacts(row)}</p>
                </div>
                <button
                  type="button"
                  className="button quiet small"
                  aria-label={words.removeLabel(rowName(uploadRow(row)))}
                  onClick={() => remove(row)}
                >
                  {words.remove}
                </button>
              </li>
            ))}
          </ul>
          {rows.length > SHOWN_ROWS && <p className="soft">{words.more(restOf(rows))}</p>}
          <p>
            <b>{words.total(draft.files.length, size(totalBytes(draft.files)))}</b>
          </p>
          <Renamed files={draft.files} />
        </>
      )}
    </section>
  );
}

const restOf = (rows: readonly FileRow[]): number =>
  rows.slice(SHOWN_ROWS).reduce((sum, { files }) => sum + files.length, 0);

function DropZone(): ReactElement {
  const [over, setOver] = useState(false);
  function dropped(event: DragEvent): void {
    event.preventDefault();
    setOver(false);
    void readEntries(entriesOf(event.dataTransfer)).then(({ found, unreadable }) =>
      draftKeeper.add(found, { unreadable }),
    );
  }
  return (
    <div
      className={over ? "drop-zone over" : "drop-zone"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={dropped}
    >
      <div>
        <p>
          <b>{words.drop}</b>
        </p>
        <p className="soft small">{words.nothing}</p>
      </div>
      <FileChoice id={CHOOSE_FILES_ID} onFound={(found) => void draftKeeper.add(found)} />
    </div>
  );
}

function AddingWords({ adding }: { adding: Adding }): ReactElement {
  const { added, repeated, left, unreadable, empty } = adding;
  return (
    <>
      {added > 0 && <p className="visually-hidden">{words.added(added)}</p>}
      {repeated > 0 && <p>{words.repeated(repeated)}</p>}
      {empty > 0 && <p>{words.empty(empty)}</p>}
      {left > 0 && <p className="wrong">{words.left(left)}</p>}
      {unreadable > 0 && <p className="wrong">{words.unreadable(unreadable)}</p>}
    </>
  );
}

function Renamed({ files }: { files: readonly ChosenFile[] }): ReactElement | null {
  const renamed = useMemo(() => {
    const paths = outgoingPaths(files.map(({ name }) => name));
    return paths.filter((path, index) => path !== files[index]?.name);
  }, [files]);
  if (renamed.length === 0) return null;
  return (
    <details className="small">
      <summary>{words.renamed(renamed.length)}</summary>
      <p>{words.sentAs}</p>
      <ul className="plain-list">
        {renamed.slice(0, SHOWN_NAMES).map((path) => (
          <li key={path} className="file-name">
            <bdi>{path}</bdi>
          </li>
        ))}
      </ul>
      {renamed.length > SHOWN_NAMES && <p className="soft">{words.more(renamed.length - SHOWN_NAMES)}</p>}
    </details>
  );
}
