/** Two real buttons that open the browser's own choosers, for files and for a folder. */
import { type ChangeEvent, type ReactElement, useEffect, useRef } from "react";
import type { FoundFile } from "./chosen-files.ts";
import { filesOf } from "./folder-entries.ts";
import { texts } from "./texts.ts";

const words = texts.files;

export function FileChoice({
  id,
  onFound,
}: {
  /** Of the button for files. */
  id: string;
  onFound: (found: readonly FoundFile[]) => void;
}): ReactElement {
  const filesField = useRef<HTMLInputElement>(null);
  const folderField = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // Every browser has it; it is in no standard that React's types follow.
    folderField.current?.setAttribute("webkitdirectory", "");
  }, []);
  function chosen(event: ChangeEvent<HTMLInputElement>): void {
    const { files } = event.target;
    if (files !== null && files.length > 0) onFound(filesOf(files));
    // So that the same files, chosen again, are an event again.
    event.target.value = "";
  }
  return (
    <div className="row">
      <button type="button" id={id} className="button quiet" onClick={() => filesField.current?.click()}>
        {words.choose}
      </button>
      <button type="button" className="button quiet" onClick={() => folderField.current?.click()}>
        {words.chooseFolder}
      </button>
      <input ref={filesField} type="file" multiple hidden aria-label={words.choose} onChange={chosen} />
      <input ref={folderField} type="file" hidden aria-label={words.chooseFolder} onChange={chosen} />
    </div>
  );
}
