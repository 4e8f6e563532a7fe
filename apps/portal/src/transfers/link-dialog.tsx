/**
 * A link for one more recipient, or a fresh one in place of a recipient's old link. It is made on this browser's device and shown
 * once, with its passcode; the server knows neither.
 */
import { type ReactElement, type RefObject, useEffect, useRef, useState } from "react";
import { DeviceGate } from "../device/device-gate.tsx";
import { Copyable } from "../elements/copyable.tsx";
import { texts as shared } from "../elements/texts.ts";
import { dates } from "../elements/words.ts";
import { LinkForm, type LinkWish, type Made } from "./link-form.tsx";
import { texts as words } from "./texts.ts";

export interface LinkDialogProps extends LinkWish {
  readonly onAdded: () => void;
  readonly onClose: () => void;
}

export function LinkDialog(props: LinkDialogProps): ReactElement {
  const dialog: RefObject<HTMLDialogElement | null> = useRef(null);
  const [made, setMade] = useState<Made | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className="wide"
      aria-labelledby="link-title"
      onCancel={(event) => {
        event.preventDefault();
        // What is shown once does not go by a slip of a finger.
        if (!busy && made === null) props.onClose();
      }}
    >
      {made === null ? (
        <div className="stack">
          <h2 id="link-title">
            {props.replaces === null ? words.link.addTitle : words.link.relinkTitle(props.replaces.address)}
          </h2>
          <DeviceGate>
            {(ready) => (
              <LinkForm
                {...props}
                ready={ready}
                onBusy={setBusy}
                onMade={(added) => {
                  setMade(added);
                  props.onAdded();
                }}
              />
            )}
          </DeviceGate>
          <button type="button" className="button quiet" aria-disabled={busy} onClick={() => !busy && props.onClose()}>
            {shared.cancel}
          </button>
        </div>
      ) : (
        <MadeLink made={made} replaced={props.replaces !== null} onClose={props.onClose} />
      )}
    </dialog>
  );
}

/** Shown once. Nothing but the button closes it. */
function MadeLink({ made, replaced, onClose }: { made: Made; replaced: boolean; onClose: () => void }): ReactElement {
  const heading: RefObject<HTMLHeadingElement | null> = useRef(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className="stack">
      <h2 id="link-title" ref={heading} tabIndex={-1}>
        {words.link.madeTitle(made.address)}
      </h2>
      <p>{made.passcode === null ? words.link.onceLink : words.link.once}</p>
      <div className="stack-tight">
        <h3>{words.link.linkHeading}</h3>
        <Copyable text={made.link} label={words.link.copyLink} />
      </div>
      {made.passcode !== null && (
        <div className="stack-tight">
          <h3>{words.link.passcodeHeading}</h3>
          <Copyable text={made.passcode} label={words.link.copyPasscode} />
        </div>
      )}
      <h3>{words.link.nextHeading}</h3>
      <ol className="steps-list">
        <li>{words.link.nextLink(made.address)}</li>
        {made.passcode !== null && <li>{words.link.nextPasscode}</li>}
        <li>{words.link.nextWatch(dates.short(made.notAfter))}</li>
      </ol>
      {replaced && <p className="soft">{words.link.oldDead}</p>}
      <button type="button" className="button" onClick={onClose}>
        {words.link.done}
      </button>
    </div>
  );
}
