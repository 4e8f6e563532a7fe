/** The fields above the list: whom it was for, how it stands, who sent it, when. Everything counts at once. */
import { LIMITS } from "@safeconduct/contract";
import { type ReactElement, useEffect, useState } from "react";
import { after } from "../platform.ts";
import { type Filter, GROUPS, SPANS, type Span } from "./filter.ts";
import { texts as words } from "./texts.ts";

/** Typing counts when it rests for a moment. */
const TYPING_MS = 350;

export interface FilterBarProps {
  readonly filter: Filter;
  readonly onChange: (filter: Filter) => void;
  /** Where one sees colleagues' transfers too. */
  readonly hasSenders: boolean;
  /** How many need attention; null while it is not known. */
  readonly attention: number | null;
}

export function FilterBar({ filter, onChange, hasSenders, attention }: FilterBarProps): ReactElement {
  const [text, setText] = useState(filter.text);
  // Cleared or brought back from outside.
  const [shown, setShown] = useState(filter.text);
  if (shown !== filter.text) {
    setShown(filter.text);
    setText(filter.text);
  }
  useEffect(() => {
    if (text === filter.text) return undefined;
    return after(TYPING_MS, () => onChange({ ...filter, text }));
  }, [text, filter, onChange]);
  return (
    <search>
      <form
        className="filters"
        onSubmit={(event) => {
          event.preventDefault();
          onChange({ ...filter, text });
        }}
      >
        <div className="field filter-text">
          <label htmlFor="filter-text">{words.filter.text}</label>
          <input
            id="filter-text"
            type="search"
            autoComplete="off"
            spellCheck={false}
            maxLength={LIMITS.searchTextLength}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
        {hasSenders && (
          <Choice
            id="filter-sender"
            label={words.filter.sender}
            value={filter.sender}
            options={[
              ["all", words.filter.everyone],
              ["own", words.filter.me],
            ]}
            onChoose={(sender) => onChange({ ...filter, text, sender })}
          />
        )}
        <Choice
          id="filter-span"
          label={words.filter.span}
          value={filter.span}
          options={SPANS.map((span): [Span, string] => [span, words.filter.spans[span]])}
          onChoose={(span) => onChange({ ...filter, text, span })}
        />
        {filter.span === "dates" && (
          <>
            <Day
              id="filter-first"
              label={words.filter.firstDay}
              value={filter.firstDay}
              onChange={(firstDay) => onChange({ ...filter, text, firstDay })}
            />
            <Day
              id="filter-last"
              label={words.filter.lastDay}
              value={filter.lastDay}
              onChange={(lastDay) => onChange({ ...filter, text, lastDay })}
            />
          </>
        )}
        <fieldset className="chips">
          <legend className="visually-hidden">{words.filter.group}</legend>
          {GROUPS.map((group) => (
            <label key={group} className="chip">
              <input
                type="radio"
                name="filter-group"
                value={group}
                checked={filter.group === group}
                onChange={() => onChange({ ...filter, text, group })}
              />
              <span>
                {words.filter.groups[group]}
                {group === "attention" &&
                  attention !== null &&
                  attention > 0 &&
                  ` (${words.attentionNumber(attention)})`}
              </span>
            </label>
          ))}
        </fieldset>
      </form>
    </search>
  );
}

function Choice<Value extends string>({
  id,
  label,
  value,
  options,
  onChoose,
}: {
  id: string;
  label: string;
  value: Value;
  options: readonly (readonly [Value, string])[];
  onChoose: (value: Value) => void;
}): ReactElement {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        value={value}
        onChange={(event) => {
          const chosen = options.find(([option]) => option === event.target.value);
          if (chosen !== undefined) onChoose(chosen[0]);
        }}
      >
        {options.map(([option, name]) => (
          <option key={option} value={option}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

function Day({
  id,
  label,
  value,
  onChange,
}: {
  id: string;
  label: string;
  value: string;
  onChange: (value: string) => void;
}): ReactElement {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} type="date" value={value} onChange={(event) => onChange(event.target.value)} />
    </div>
  );
}
