/** One file of the list with its button, progress and outcome. */
import type { ManifestFile } from "@safeconduct/envelope";
import type { ReactElement } from "react";
import { Breakable } from "../elements/breakable.tsx";
import type { DownloadState } from "./downloads.ts";
import { nameOf } from "./sinks.ts";
import { texts } from "./texts.ts";
import { size } from "../elements/words.ts";

const words = texts.files;

export interface FileItemProps {
  readonly file: ManifestFile;
  readonly state: DownloadState;
  /** False where the sender allows no download, or this browser has no way to save a file of that size. */
  readonly supported: boolean;
  /** Null where this page cannot show such a file. */
  readonly onView: (() => void) | null;
  /** Whether the sender allows nothing but viewing. */
  readonly viewOnly: boolean;
  readonly onDownload: () => void;
  readonly onCancel: () => void;
}

export function FileItem({
  file,
  state,
  supported,
  onView,
  viewOnly,
  onDownload,
  onCancel,
}: FileItemProps): ReactElement {
  const name = nameOf(file.path);
  const folder = file.path.slice(0, file.path.length - name.length);
  const active = state.name === "waiting" || state.name === "running";
  const again = state.name === "verified";
  return (
    <li>
      <div>
        <h3 className="file-name">
          <Breakable text={name} />
        </h3>
        <p className="soft small">
          {folder !== "" && `${folder} · `}
          {size(file.sizeBytes)}
        </p>
      </div>
      <div className="file-acts">
        {onView !== null && (
          <button type="button" className="button quiet small" aria-label={words.viewLabel(name)} onClick={onView}>
            {words.view}
          </button>
        )}
        {active && (
          <button type="button" className="button quiet small" aria-label={words.cancelLabel(name)} onClick={onCancel}>
            {words.cancel}
          </button>
        )}
        {!active && supported && (
          <button
            type="button"
            className="button quiet small"
            aria-label={again ? words.againLabel(name) : words.downloadLabel(name)}
            onClick={onDownload}
          >
            {again ? words.again : words.download}
          </button>
        )}
      </div>
      {onView === null && viewOnly && <p className="state soft small">{words.notViewable}</p>}
      <Outcome file={file} name={name} state={state} />
    </li>
  );
}

function Outcome({
  file,
  name,
  state,
}: {
  file: ManifestFile;
  name: string;
  state: DownloadState;
}): ReactElement | null {
  switch (state.name) {
    case "idle":
      return null;
    case "waiting":
      return <p className="state soft small">{words.waiting}</p>;
    case "running":
      return (
        <div className="state">
          <progress max={Math.max(1, file.sizeBytes)} value={state.doneBytes} aria-label={words.progressLabel(name)} />
          <p className="soft small">
            {state.retrying ? words.retrying : words.running(size(state.doneBytes), size(file.sizeBytes))}
          </p>
        </div>
      );
    case "verified":
      return <p className="state small good-text">✓ {words.verified}</p>;
    case "cancelled":
      return <p className="state soft small">{words.cancelled}</p>;
    case "failed":
      return (
        <p className="state small bad-text" role="alert">
          {words.failed} {state.problem.message}
        </p>
      );
  }
}
