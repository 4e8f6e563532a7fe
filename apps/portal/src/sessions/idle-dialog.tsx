/** Asks whether somebody is there, and counts down. The seconds are for the eye; a screen reader hears four of them. */
import type { ReactElement } from "react";
import { useNow } from "../elements/clock.ts";
import { Modal } from "./modal.tsx";
import { texts } from "./texts.ts";

const words = texts.idle;
const SECOND_MS = 1_000;
/** What is announced, and below it nothing more until the next. */
const ANNOUNCED_SECONDS = [10, 30, 60, 120] as const;

export interface IdleDialogProps {
  readonly leftMs: () => number;
  readonly onStay: () => void;
  readonly onLeave: () => void;
}

export function IdleDialog({ leftMs, onStay, onLeave }: IdleDialogProps): ReactElement {
  useNow(SECOND_MS);
  const seconds = Math.max(0, Math.ceil(leftMs() / SECOND_MS));
  const announced = ANNOUNCED_SECONDS.find((each) => seconds <= each);
  return (
    <Modal titleId="idle-title" describedBy="idle-body idle-left" onEscape={onStay}>
      <div className="stack">
        <h2 id="idle-title">{words.title}</h2>
        <p id="idle-body">{words.body}</p>
        <p aria-hidden="true">
          {words.left} <b className="countdown">{countdown(seconds)}</b>
        </p>
        <p id="idle-left" className="visually-hidden" role="status">
          {announced !== undefined && words.announced(announced)}
        </p>
        <div className="row">
          <button type="button" className="button" onClick={onStay}>
            {words.stay}
          </button>
          <button type="button" className="button quiet" onClick={onLeave}>
            {words.leave}
          </button>
        </div>
      </div>
    </Modal>
  );
}

const countdown = (seconds: number): string => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
