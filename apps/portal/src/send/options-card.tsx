/** Step 3: what recipients may do, until when, what they accept, and the limits that few need. */
import type { ReactElement } from "react";
import { useNow } from "../elements/clock.ts";
import { Field } from "../elements/form.tsx";
import type { FieldProblem } from "../elements/problems.ts";
import { dates } from "../elements/words.ts";
import { now as clockNow } from "../platform.ts";
import { ClosingField, CopiesFields } from "../terms/terms-fields.tsx";
import { MomentField, RadioGroup } from "./choice.tsx";
import { draftKeeper, useDraft } from "./draft-slot.ts";
import { withProfile } from "./draft.ts";
import { localTimeOf, PRESET_HOURS, readTimes } from "./expiry.ts";
import { texts } from "./texts.ts";

const words = texts.options;
const NOW_EVERY_MS = 20_000;
const DAY_MS = 86_400_000;
const PROFILES = (["downloadable", "viewable"] as const).map((value) => ({ value, ...words.profiles[value] }));
const PRESETS = PRESET_HOURS.map((hours) => ({ value: `${hours}`, label: words.hours(hours) }));

export function OptionsCard({ problems }: { problems: readonly FieldProblem[] }): ReactElement {
  const { draft } = useDraft();
  const now = useNow(NOW_EVERY_MS);
  const { begin, end, cap, profile, asked } = draft;
  const changeAsked = (changes: Partial<typeof asked>): void => draftKeeper.change({ asked: { ...asked, ...changes } });
  const { times, fault } = readTimes(draft, now);
  const beginWrong = fault?.field === "begin" ? words.faults[fault.kind] : undefined;
  const endWrong = fault?.field === "end" ? words.faults[fault.kind] : undefined;

  return (
    <section className="card stack" aria-labelledby="options-title">
      <h2 id="options-title">{words.title}</h2>
      <RadioGroup
        name="profile"
        legend={words.profile}
        value={profile}
        options={PROFILES}
        onChange={(chosen) => draftKeeper.change(withProfile(draft, chosen))}
      />
      <RadioGroup
        name="until"
        legend={words.until}
        value={end.kind === "preset" ? `${end.hours}` : "date"}
        options={[...PRESETS, { value: "date", label: words.date }]}
        onChange={chooseEnd}
      />
      {end.kind === "date" && (
        <div className="moments">
          <MomentField
            id="end-date"
            type="date"
            label={words.endDate}
            wrong={endWrong}
            value={end.date}
            onChange={(date) => draftKeeper.change({ end: { ...end, date } })}
          />
          <MomentField
            id="end-time"
            type="time"
            label={words.endTime}
            value={end.time}
            onChange={(time) => draftKeeper.change({ end: { ...end, time } })}
          />
        </div>
      )}
      <p role="status">
        {times !== null && (times.endsAt === null ? words.presetEnd : words.dateEnd)(dates.long(times.expectedEnd))}
      </p>
      <CopiesFields profile={profile} asked={asked} problems={problems} onChange={changeAsked} />
      <details open={begin !== null || cap !== "" || asked.closesOnReceipt ? true : undefined}>
        <summary>{words.more}</summary>
        <div className="stack inset">
          <label className="check">
            <input
              type="checkbox"
              checked={begin !== null}
              onChange={(event) =>
                draftKeeper.change({ begin: event.target.checked ? localTimeOf(clockNow() + DAY_MS) : null })
              }
            />
            <span>{words.later}</span>
          </label>
          {begin !== null && (
            <>
              <div className="moments">
                <MomentField
                  id="begin-date"
                  type="date"
                  label={words.beginDate}
                  wrong={beginWrong}
                  value={begin.date}
                  onChange={(date) => draftKeeper.change({ begin: { ...begin, date } })}
                />
                <MomentField
                  id="begin-time"
                  type="time"
                  label={words.beginTime}
                  value={begin.time}
                  onChange={(time) => draftKeeper.change({ begin: { ...begin, time } })}
                />
              </div>
              {times !== null && <p>{words.begin(dates.long(times.notBefore))}</p>}
            </>
          )}
          <Field
            id="cap"
            label={words.cap}
            hint={words.capHint}
            inputMode="numeric"
            autoComplete="off"
            className="short"
            value={cap}
            onChange={(value) => draftKeeper.change({ cap: value })}
            problems={problems}
          />
          <ClosingField className="check" asked={asked} onChange={changeAsked} />
        </div>
      </details>
    </section>
  );
}

function chooseEnd(value: string): void {
  const hours = PRESET_HOURS.find((preset) => `${preset}` === value);
  if (hours !== undefined) draftKeeper.change({ end: { kind: "preset", hours } });
  else draftKeeper.change({ end: { kind: "date", ...localTimeOf(clockNow() + 2 * DAY_MS) } });
}
