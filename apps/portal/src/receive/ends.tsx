/** Where a way through the recipient's page ends, whether at its first look or later. */
import type { Problem } from "@safeconduct/foundation";
import type { ReactElement } from "react";
import { Notice } from "../elements/notice.tsx";
import { PageHeading } from "../elements/page.tsx";
import { texts as shared } from "../elements/texts.ts";
import { texts } from "./arrival-texts.ts";

export function Unavailable(): ReactElement {
  return (
    <div className="stack">
      <PageHeading heading={texts.unavailable.title} />
      <p>{texts.unavailable.body}</p>
      <p className="soft small">{texts.unavailable.why}</p>
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
