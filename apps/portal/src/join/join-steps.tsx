/** Where one is while joining. */
import type { ReactElement } from "react";
import { texts } from "./texts.ts";

export function JoinSteps({ at }: { at: number }): ReactElement {
  return (
    <ol className="where" aria-label={texts.stepsLabel}>
      {texts.steps.map((name, index) => (
        <li key={name} className={index < at ? "done" : undefined} aria-current={index === at ? "step" : undefined}>
          <span aria-hidden="true">{index < at ? "✓" : index + 1}</span>
          {name}
        </li>
      ))}
    </ol>
  );
}
