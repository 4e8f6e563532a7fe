/** The browser's own list of choices and its own row of buttons of which one counts, with label, hint and what is wrong. */
import type { ReactElement, ReactNode } from "react";

export interface Option<Value extends string> {
  readonly value: Value;
  readonly label: string;
  readonly disabled?: boolean;
}

export function SelectField<Value extends string>({
  id,
  label,
  hint,
  wrong,
  value,
  options,
  onChange,
}: {
  id: string;
  label: string;
  hint?: ReactNode;
  wrong?: string | undefined;
  value: Value;
  options: readonly Option<Value>[];
  onChange: (value: Value) => void;
}): ReactElement {
  const described = [...(hint === undefined ? [] : [`${id}-hint`]), ...(wrong === undefined ? [] : [`${id}-wrong`])];
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {hint !== undefined && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {wrong !== undefined && (
        <p className="wrong" id={`${id}-wrong`}>
          {wrong}
        </p>
      )}
      <select
        id={id}
        value={value}
        aria-invalid={wrong !== undefined}
        aria-describedby={described.length === 0 ? undefined : described.join(" ")}
        onChange={(event) => {
          const chosen = options.find((option) => option.value === event.target.value);
          if (chosen !== undefined) onChange(chosen.value);
        }}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  );
}

export interface RadioOption<Value extends string> extends Option<Value> {
  readonly hint?: string;
}

export function RadioGroup<Value extends string>({
  name,
  legend,
  value,
  options,
  onChange,
}: {
  /** Also the id of the group. */
  name: string;
  legend: string;
  value: Value;
  options: readonly RadioOption<Value>[];
  onChange: (value: Value) => void;
}): ReactElement {
  return (
    <fieldset className="radio-group" id={name} tabIndex={-1}>
      <legend>{legend}</legend>
      <div className="radio-options">
        {options.map((option) => (
          <label key={option.value} className={option.value === value ? "radio on" : "radio"}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            <span>
              {option.label}
              {option.hint !== undefined && <span className="soft small">{option.hint}</span>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** A date or a time in the browser's own field. */
export function MomentField({
  id,
  type,
  label,
  wrong,
  value,
  onChange,
}: {
  id: string;
  type: "date" | "time";
  label: string;
  wrong?: string | undefined;
  value: string;
  onChange: (value: string) => void;
}): ReactElement {
  return (
    <div className="field moment">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type={type}
        value={value}
        aria-invalid={wrong !== undefined}
        aria-describedby={wrong === undefined ? undefined : `${id}-wrong`}
        onChange={(event) => onChange(event.target.value)}
      />
      {wrong !== undefined && (
        <p className="wrong" id={`${id}-wrong`}>
          {wrong}
        </p>
      )}
    </div>
  );
}
