/** An upload on its way: stages in plain words, progress of each row and of all, and how to stop it. */
import { type ReactElement, useState } from "react";
import { Notice } from "../elements/notice.tsx";
import { size } from "../elements/words.ts";
import { ConfirmDialog } from "../portal/confirm-dialog.tsx";
import type { Pace } from "./pace.ts";
import { rowName } from "./row-words.ts";
import { texts } from "./texts.ts";
import { wish } from "./upload.ts";
import { rowShares, type UploadRunning } from "./upload-slot.ts";

const words = texts.upload;
const SHOWN_ROWS = 50;
const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3600;

export function RunningStep({ upload }: { upload: UploadRunning }): ReactElement {
  const [asking, setAsking] = useState(false);
  const { storedBytes, totalBytes, rows, pace } = upload;
  const percent = percentOf(upload);
  const isKnown = totalBytes > 0;
  return (
    <>
      <section className="card stack">
        <p role="status">
          <b>{standing(upload)}</b>
        </p>
        <div>
          <div className="progress-line">
            <span id="total-label">{words.total}</span>
            <span className="soft">
              {isKnown && `${words.percent(percent)} · ${words.done(size(storedBytes), size(totalBytes))}`}
            </span>
          </div>
          <progress aria-labelledby="total-label" max={100} value={percent} />
          <p className="soft small pace">{pace === null ? " " : paceWords(pace)}</p>
        </div>
        <ul className="send-files">
          {rowShares(upload)
            .slice(0, SHOWN_ROWS)
            .map((share, index) => {
              const row = rows[index];
              return row === undefined ? null : (
                <li key={row.key}>
                  <div className="grow">
                    <div className="progress-line">
                      <span className="file-name">
                        <bdi>{rowName(row)}</bdi>
                      </span>
                      <span className="soft small">
                        {share === 1 ? words.rowDone : words.percent(Math.floor(100 * share))}
                      </span>
                    </div>
                    <progress aria-label={rowName(row)} max={1} value={share} />
                  </div>
                </li>
              );
            })}
        </ul>
        {rows.length > SHOWN_ROWS && <p className="soft">{texts.files.more(restOf(upload))}</p>}
      </section>
      {upload.isWaiting && !upload.isPaused && (
        <Notice tone="warn">
          <p>{words.waiting}</p>
        </Notice>
      )}
      {upload.isSignedOut && (
        <Notice tone="warn">
          <p>{words.signedOut}</p>
        </Notice>
      )}
      <p>{words.keepOpen}</p>
      <div className="row">
        <button
          type="button"
          className="button"
          aria-disabled={upload.isCancelling}
          onClick={() => !upload.isCancelling && wish(upload.isPaused ? "go-on" : "pause")}
        >
          {upload.isPaused ? words.goOn : words.pause}
        </button>
        <button
          type="button"
          className="button quiet bad"
          aria-disabled={upload.isCancelling}
          onClick={() => setAsking(!upload.isCancelling)}
        >
          {upload.isCancelling ? words.cancelling : words.cancel}
        </button>
      </div>
      {asking && (
        <ConfirmDialog
          title={words.cancelTitle}
          action={words.cancelNow}
          actionBusy={words.cancelling}
          onConfirm={async () => wish("cancel")}
          onClose={() => setAsking(false)}
        >
          <p>{words.cancelBody}</p>
        </ConfirmDialog>
      )}
    </>
  );
}

const percentOf = ({ storedBytes, totalBytes }: UploadRunning): number =>
  totalBytes === 0 ? 0 : Math.floor((100 * storedBytes) / totalBytes);

const standing = ({ isPaused, isCancelling, stage }: UploadRunning): string => {
  if (isCancelling) return words.cancelling;
  return isPaused ? words.paused : words.stages[stage];
};

function paceWords({ bytesPerSecond, secondsLeft }: Pace): string {
  const { left } = words;
  const time =
    secondsLeft < MINUTE_SECONDS
      ? left.seconds
      : secondsLeft < HOUR_SECONDS
        ? left.minutes(Math.ceil(secondsLeft / MINUTE_SECONDS))
        : left.hours(Math.ceil(secondsLeft / HOUR_SECONDS));
  return `${words.speed(size(bytesPerSecond))}, ${time}`;
}

const restOf = ({ rows }: UploadRunning): number =>
  rows.slice(SHOWN_ROWS).reduce((sum, { fileCount }) => sum + fileCount, 0);
