/** The links, each beside what its recipient must be told apart from it, and what happens next. */
import { type ReactElement, useState } from "react";
import { Breakable } from "../elements/breakable.tsx";
import { useNow } from "../elements/clock.ts";
import { Copyable } from "../elements/copyable.tsx";
import { dates } from "../elements/words.ts";
import { ConfirmDialog } from "../portal/confirm-dialog.tsx";
import { texts } from "./texts.ts";
import type { UploadSent } from "./upload-slot.ts";

const words = texts.done;
const NOW_EVERY_MS = 20_000;

export function DoneStep({ upload, onFinish }: { upload: UploadSent; onFinish: () => Promise<void> }): ReactElement {
  const now = useNow(NOW_EVERY_MS);
  const [asking, setAsking] = useState(false);
  const { sent, terms, notBefore } = upload;
  const { profile, conditions, closesOnReceipt } = terms;
  return (
    <>
      <p>
        {words.intro(dates.long(sent.notAfter), dates.relative(sent.notAfter, now))}{" "}
        {notBefore > now && words.from(dates.long(notBefore))}
      </p>
      {sent.links.map(({ address, grant, link }, index) => {
        const { name, secondFactor } = terms.recipients[index] ?? { name: null };
        return (
          <section key={grant} className="card stack" aria-labelledby={`sent-${grant}`}>
            <h2 id={`sent-${grant}`} className="sent-to">
              <Breakable text={address} />
              {name !== null && (
                <span className="soft">
                  <bdi>{name}</bdi>
                </span>
              )}
            </h2>
            <div className="stack-tight">
              <p>
                <b>{words.link}</b>
              </p>
              <Copyable text={link} label={words.copyLink(address)} />
            </div>
            {secondFactor?.kind === "passcode" ? (
              <div className="stack-tight">
                <p>
                  <b>{words.passcode}</b>
                </p>
                <div className="passcode-line">
                  <Copyable text={secondFactor.passcode} label={words.copyPasscode(address)} />
                </div>
                <p className="soft small">{words.tell}</p>
              </div>
            ) : (
              <p className="soft">
                {secondFactor ? words.factor(texts.people.factors[secondFactor.kind]) : words.noFactor}
              </p>
            )}
          </section>
        );
      })}
      <p className="soft">{words.onlyHere}</p>
      <section className="card stack-tight" aria-labelledby="next-title">
        <h2 id="next-title">{words.nextTitle}</h2>
        <ol className="steps-list">
          <li>
            <p>{words.nextGive}</p>
          </li>
          <li>
            <p>{words.nextCode}</p>
            {conditions !== null && <p>{words.nextTerms}</p>}
            {profile === "viewable" && <p>{words.nextView}</p>}
          </li>
          <li>
            <p>{words.nextWatch}</p>
            {closesOnReceipt && <p>{words.nextCloses}</p>}
          </li>
        </ol>
      </section>
      <div className="row">
        <button type="button" className="button" onClick={() => setAsking(true)}>
          {words.another}
        </button>
        <a className="button quiet" href="/">
          {words.toTransfers}
        </a>
      </div>
      {asking && (
        <ConfirmDialog
          title={words.finishTitle}
          action={words.finishNow}
          actionBusy={words.finishBusy}
          onConfirm={onFinish}
          onClose={() => setAsking(false)}
        >
          <p>{words.finishBody}</p>
        </ConfirmDialog>
      )}
    </>
  );
}
