/** Below the files: what was accepted, until when copies are to be deleted, and the word that they are. */
import type { Problem } from "@safeconduct/foundation";
import { type ReactElement, useState } from "react";
import { Notice } from "../elements/notice.tsx";
import { problemOf } from "../elements/problems.ts";
import { dates } from "../elements/words.ts";
import { copiesWords } from "./terms-step.tsx";
import { texts } from "./texts.ts";
import type { Invitation } from "./arrival.ts";
import type { Visit } from "./visit.ts";

const words = texts.terms;
const DAY_MS = 24 * 60 * 60 * 1000;

export function AcceptedTerms({
  visit,
  invitation,
  onRefused,
}: {
  visit: Visit;
  invitation: Invitation;
  onRefused: (problem: Problem) => void;
}): ReactElement | null {
  const [state, setState] = useState<"open" | "asking" | "busy" | "told">("open");
  const [failure, setFailure] = useState<string | null>(null);
  const { conditions } = visit.asked();
  const acceptedAt = visit.acceptedAt();
  if (conditions === null || acceptedAt === null) return null;
  const { deleteByDays } = conditions;

  async function attest(): Promise<void> {
    if (state === "busy") return;
    setFailure(null);
    setState("busy");
    try {
      await visit.attestDeletion();
      setState("told");
    } catch (thrown) {
      const problem = problemOf(thrown);
      setFailure(problem.message);
      onRefused(problem);
      setState("asking");
    }
  }

  return (
    <section className="card stack">
      <h2>{words.acceptedHeading}</h2>
      <p>{copiesWords(conditions)}</p>
      {deleteByDays !== null && (
        <p>
          {words.deleteBy} <b>{dates.long(acceptedAt + deleteByDays * DAY_MS)}</b>.
        </p>
      )}
      {state === "told" && (
        <Notice tone="good">
          <p role="status">{words.deletedTold(invitation.organisation)}</p>
        </Notice>
      )}
      {state === "open" && (
        <button type="button" className="button quiet small" onClick={() => setState("asking")}>
          {words.deleted}
        </button>
      )}
      {(state === "asking" || state === "busy") && (
        <div className="stack-tight" role="group" aria-label={words.deleted}>
          <p role="status">{words.deletedSure(invitation.organisation)}</p>
          {failure !== null && (
            <p className="bad-text" role="alert">
              {failure}
            </p>
          )}
          <div className="choices">
            <button
              type="button"
              className="button small"
              aria-disabled={state === "busy"}
              onClick={() => void attest()}
            >
              {words.deletedYes}
            </button>
            <button type="button" className="text-button" onClick={() => setState("open")}>
              {words.deletedNo}
            </button>
          </div>
        </div>
      )}
    </section>
  );
}
