/** Where a way through the recipient's page ends, whether at its first look or later. */
import type { GrantId, Problem } from "@safeconduct/foundation";
import { lazy, type ReactElement, Suspense, useState } from "react";
import { Notice } from "../elements/notice.tsx";
import { PageHeading } from "../elements/page.tsx";
import { texts as shared } from "../elements/texts.ts";
import { texts } from "./arrival-texts.ts";

/** Not with the page: hardly anybody who meets a dead link needs it. */
const DeletionConfirmation = lazy(async () => ({
  default: (await import("./deletion-confirmation.tsx")).DeletionConfirmation,
}));

/** Alike for every link that does not open, and for one that never was. */
export function Unavailable({ grant }: { grant: GrantId }): ReactElement {
  const [isAsked, setAsked] = useState(false);
  return (
    <div className="stack">
      <PageHeading heading={texts.unavailable.title} />
      <p>{texts.unavailable.body}</p>
      <p className="soft small">{texts.unavailable.why}</p>
      <details onToggle={(event) => event.currentTarget.open && setAsked(true)}>
        <summary>{texts.unavailable.deleted}</summary>
        {isAsked && (
          <div className="card">
            <Suspense fallback={<p role="status">{texts.opening}</p>}>
              <DeletionConfirmation grant={grant} />
            </Suspense>
          </div>
        )}
      </details>
    </div>
  );
}

export function Locked(): ReactElement {
  return (
    <div className="stack">
      <PageHeading heading={texts.locked.title} failed />
      <Notice tone="warn">
        <p>{texts.locked.body}</p>
      </Notice>
      <p className="soft small">{texts.locked.why}</p>
    </div>
  );
}

export function Failed({ problem, onRetry }: { problem: Problem; onRetry: () => void }): ReactElement {
  const heading = problem.code === "http/unreachable" ? texts.unreachable : shared.problemHeading;
  return (
    <div className="stack">
      <PageHeading heading={heading} failed />
      <p role="alert">{problem.message}</p>
      <button type="button" className="button" onClick={onRetry}>
        {shared.tryAgain}
      </button>
    </div>
  );
}
