/** Native fields that only the audit pages have: a day, and a choice from a closed list. */
import type { ReactElement } from "react";
import type { FieldProblem } from "../elements/problems.ts";

export function DayField(props: {
  id: string;
  label: string;
  value: string;
  onChange: (day: string) => void;
  problems: readonly FieldProblem[];
}): ReactElement {
  const wrong = props.problems.find(({ field }) => field === props.id)?.message;
  return (
    <div className="field">
      <label htmlFor={props.id}>{props.label}</label>
      {wrong !== undefined && (
        <p className="wrong" id={`${props.id}-wrong`}>
          {wrong}
        </p>
      )}
      <input
        id={props.id}
        type="date"
        value={props.value}
        aria-invalid={wrong !== undefined}
        aria-describedby={wrong === undefined ? undefined : `${props.id}-wrong`}
        onChange={(event) => props.onChange(event.target.value)}
      />
    </div>
  );
}

export function ChoiceField<Choice extends string>(props: {
  id: string;
  label: string;
  value: Choice | "";
  any: string;
  choices: Readonly<Record<Choice, string>>;
  onChange: (choice: Choice | "") => void;
}): ReactElement {
  return (
    <div className="field">
      <label htmlFor={props.id}>{props.label}</label>
      <select id={props.id} value={props.value} onChange={(event) => props.onChange(event.target.value as Choice | "")}>
        <option value="">{props.any}</option>
        {(Object.entries(props.choices) as [Choice, string][]).map(([choice, words]) => (
          <option key={choice} value={choice}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}
