/** Where one is in set-up. */
import type { ReactElement } from "react";
import { texts } from "./texts.ts";

const words = texts.setup;

export function SetupSteps({ at }: { at: number }): ReactElement {
  return (
    <ol className="where" aria-label={words.stepsLabel}>
      {words.steps.map((name, index) => (
        <li key={name} className={index < at ? "done" : undefined} aria-current={index === at ? "step" : undefined}>
          <span aria-hidden="true">{index < at ? "✓" : index + 1}</span>
          {name}
        </li>
      ))}
    </ol>
  );
}
