/** Where one is on a way of several steps. A narrow window shows the name of the step alone; the others are still read out. */
import type { ReactElement } from "react";

export function Steps({ label, names, at }: { label: string; names: readonly string[]; at: number }): ReactElement {
  return (
    <ol className="where" aria-label={label}>
      {names.map((name, index) => (
        <li key={name} className={index < at ? "done" : undefined} aria-current={index === at ? "step" : undefined}>
          <span aria-hidden="true">{index < at ? "✓" : index + 1}</span>
          <span className="step-name">{name}</span>
        </li>
      ))}
    </ol>
  );
}
