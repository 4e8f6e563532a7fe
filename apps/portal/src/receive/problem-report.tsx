/** Below each step once the address is confirmed: tell the sender that something is wrong, from a closed list. */
import { problemKind, type ProblemKind } from "@safeconduct/contract";
import type { Problem } from "@safeconduct/foundation";
import { type ReactElement, type SyntheticEvent, useState } from "react";
import { Notice } from "../elements/notice.tsx";
import { problemOf } from "../elements/problems.ts";
import { texts } from "./texts.ts";
import type { Visit } from "./visit.ts";

const words = texts.problem;

export function ProblemReport({
  visit,
  sender,
  onRefused,
}: {
  visit: Visit;
  sender: string;
  onRefused: (problem: Problem) => void;
}): ReactElement {
  const [kind, setKind] = useState<ProblemKind | null>(null);
  const [state, setState] = useState<"open" | "busy" | "told">("open");
  const [failure, setFailure] = useState<string | null>(null);

  async function tell(event: SyntheticEvent): Promise<void> {
    event.preventDefault();
    if (state === "busy") return;
    if (kind === null) {
      setFailure(words.choose);
      return;
    }
    setFailure(null);
    setState("busy");
    try {
      await visit.reportProblem(kind);
      setState("told");
    } catch (thrown) {
      const problem = problemOf(thrown);
      setFailure(problem.message);
      onRefused(problem);
      setState("open");
    }
  }

  return (
    <details className="small">
      <summary>{words.title}</summary>
      {state === "told" ? (
        <Notice tone="good">
          <p role="status">{words.told(sender)}</p>
        </Notice>
      ) : (
        <form className="stack-tight" noValidate onSubmit={(event) => void tell(event)}>
          <fieldset className="problems">
            <legend>{words.legend(sender)}</legend>
            {problemKind.options.map((each) => (
              <label key={each}>
                <input type="radio" name="problem" checked={kind === each} onChange={() => setKind(each)} />
                {words.kinds[each]}
              </label>
            ))}
          </fieldset>
          <p className="soft">{words.why}</p>
          {failure !== null && (
            <p className="bad-text" role="alert">
              {failure}
            </p>
          )}
          <button type="submit" className="button quiet small" aria-disabled={state === "busy"}>
            {words.tell(sender)}
          </button>
        </form>
      )}
    </details>
  );
}
