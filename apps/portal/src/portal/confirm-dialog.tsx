/** Asks before something that cannot be undone. The browser's own dialog keeps the focus inside and Escape cancels. */
import { type ReactElement, type ReactNode, type RefObject, useEffect, useRef, useState } from "react";
import type { Problem } from "@safeconduct/foundation";
import { problemOf } from "../elements/problems.ts";
import { Notice } from "../elements/notice.tsx";
import { texts as shared } from "../elements/texts.ts";

export interface ConfirmDialogProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly action: string;
  readonly actionBusy: string;
  /** Nothing is lost by it: the button is not red. */
  readonly isHarmless?: boolean;
  /** Closes the dialog when it resolves, unless with false; a problem is shown inside. */
  readonly onConfirm: () => Promise<void | false>;
  readonly onClose: () => void;
}

export function ConfirmDialog({
  title,
  children,
  action,
  actionBusy,
  isHarmless = false,
  onConfirm,
  onClose,
}: ConfirmDialogProps): ReactElement {
  const dialog: RefObject<HTMLDialogElement | null> = useRef(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  async function confirm(): Promise<void> {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      if ((await onConfirm()) === false) setBusy(false);
      else onClose();
    } catch (thrown) {
      setProblem(problemOf(thrown));
      setBusy(false);
    }
  }

  return (
    <dialog
      ref={dialog}
      aria-labelledby="confirm-title"
      aria-describedby="confirm-text"
      onCancel={(event) => {
        event.preventDefault();
        if (!busy) onClose();
      }}
    >
      <div className="stack">
        <h2 id="confirm-title">{title}</h2>
        <div id="confirm-text" className="stack-tight">
          {children}
        </div>
        {problem !== null && (
          <Notice tone="bad">
            <p>{problem.message}</p>
          </Notice>
        )}
        <div className="row">
          <button
            type="button"
            className={isHarmless ? "button" : "button bad"}
            aria-disabled={busy}
            onClick={() => void confirm()}
          >
            {busy ? actionBusy : action}
          </button>
          <button
            type="button"
            className="button quiet"
            autoFocus
            aria-disabled={busy}
            onClick={() => !busy && onClose()}
          >
            {shared.cancel}
          </button>
        </div>
      </div>
    </dialog>
  );
}
