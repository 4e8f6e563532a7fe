/**
 * The browser's own modal dialog, for what must be answered: Escape calls `onEscape`, if there is one, and nothing else closes it. Being the last
 * that was opened it stands above other dialogs, and they cannot be reached.
 */
import { type ReactElement, type ReactNode, useEffect, useRef } from "react";

export interface ModalProps {
  readonly titleId: string;
  readonly describedBy?: string;
  readonly className?: string;
  readonly onEscape?: () => void;
  readonly children: ReactNode;
}

/** Where the focus was before the first of those that are open; one that follows another must not take its button for it. */
let outside: HTMLElement | null = null;

function rememberFocus(): void {
  const { activeElement } = document;
  if (
    activeElement instanceof HTMLElement &&
    activeElement !== document.body &&
    activeElement.closest("dialog.asks") === null
  )
    outside = activeElement;
}

function giveFocusBack(): void {
  outside?.focus();
  // What is not drawn yet takes no focus; the dialog that hides it gives it back later.
  if (document.activeElement === outside) outside = null;
}

export function Modal({ titleId, describedBy, className, onEscape, children }: ModalProps): ReactElement {
  const dialog = useRef<HTMLDialogElement | null>(null);
  useEffect(() => {
    const element = dialog.current;
    if (element === null) return undefined;
    rememberFocus();
    const reopen = (): void => element.showModal();
    reopen();
    // A second Escape closes it whatever is said to the first; where `closedby` is not known, every one.
    element.addEventListener("close", reopen);
    return () => {
      element.removeEventListener("close", reopen);
      element.close();
      giveFocusBack();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={`asks ${className ?? ""}`}
      // Else it is gone for the moment until it is opened again.
      closedby={onEscape === undefined ? "none" : "closerequest"}
      aria-labelledby={titleId}
      aria-describedby={describedBy}
      onCancel={(event) => {
        event.preventDefault();
        onEscape?.();
      }}
    >
      {children}
    </dialog>
  );
}
