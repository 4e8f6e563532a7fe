/** What recipients accept about copies, and whether their receipt closes the link: the same fields wherever a link is made. */
import "./terms.css";
import type { Profile } from "@safeconduct/contract";
import type { ReactElement } from "react";
import { Field } from "../elements/form.tsx";
import type { FieldProblem } from "../elements/problems.ts";
import { SelectField } from "../send/choice.tsx";
import { type AskedDraft, copiesFor } from "./asked.ts";
import { texts as words } from "./texts.ts";

/** Id of the field with the days. */
export const DAYS_ID = "delete-days";

export function CopiesFields({
  profile,
  asked: { copies, deleteDays },
  problems,
  onChange,
}: {
  profile: Profile;
  asked: AskedDraft;
  problems: readonly FieldProblem[];
  onChange: (changes: Partial<AskedDraft>) => void;
}): ReactElement {
  const hint = profile === "viewable" && copies === "none" ? words.viewHint : words.copiesHints[copies];
  return (
    <>
      <SelectField
        id="copies"
        label={words.copies}
        hint={hint}
        value={copies}
        options={copiesFor(profile).map((value) => ({ value, label: words.copiesOptions[value] }))}
        onChange={(chosen) => onChange({ copies: chosen })}
      />
      {copies === "delete" && (
        <Field
          id={DAYS_ID}
          label={words.days}
          hint={words.daysHint}
          inputMode="numeric"
          autoComplete="off"
          className="short"
          value={deleteDays}
          onChange={(value) => onChange({ deleteDays: value })}
          problems={problems}
        />
      )}
    </>
  );
}

export function ClosingField({
  className,
  asked: { closesOnReceipt },
  onChange,
}: {
  /** As the form around it draws a box to tick. */
  className: string;
  asked: AskedDraft;
  onChange: (changes: Partial<AskedDraft>) => void;
}): ReactElement {
  return (
    <label className={className}>
      <input
        type="checkbox"
        checked={closesOnReceipt}
        onChange={(event) => onChange({ closesOnReceipt: event.target.checked })}
      />
      <span>
        {words.closes} <span className="soft small">{words.closesHint}</span>
      </span>
    </label>
  );
}
