/** The questions that people have, each with the few fields it needs, and a last one with every filter. */
import { displayName, mailAddress } from "@safeconduct/contract";
import { parseId } from "@safeconduct/foundation";
import { type ReactElement, type ReactNode, useState } from "react";
import { ErrorSummary, Field, SubmitButton } from "../elements/form.tsx";
import type { FieldProblem } from "../elements/problems.ts";
import { now } from "../platform.ts";
import { type Asked, ASKED_NOTHING } from "./asked.ts";
import { dayOf, daysAgo, dayStart } from "./days.ts";
import { ChoiceField, DayField } from "./fields.tsx";
import { texts } from "./texts.ts";

type Ask = (asked: Asked) => void;
const USUAL_DAYS = 7;
const DEADLINE_DAYS = 30;

export function QuestionForms({ asked, onAsk }: { asked: Asked | null; onAsk: Ask }): ReactElement {
  return (
    <section className="card questions" aria-labelledby="ask-heading">
      <h2 id="ask-heading">{texts.ask}</h2>
      <WentTo asked={asked} onAsk={onAsk} />
      <Since asked={asked} onAsk={onAsk} question="refused" title={texts.refused} days={USUAL_DAYS} />
      <Since asked={asked} onAsk={onAsk} question="after-deadline" title={texts.afterDeadline} days={DEADLINE_DAYS} />
      <Opened asked={asked} onAsk={onAsk} />
      <Question
        id="open-links"
        title={texts.openLinks}
        asked={asked}
        check={() => []}
        onSend={() => onAsk({ ...ASKED_NOTHING, question: "open-links" })}
      />
      <OwnFilters asked={asked} onAsk={onAsk} />
    </section>
  );
}

/** One at a time is open: they share a name. */
function Question(props: {
  id: Asked["question"];
  title: string;
  asked: Asked | null;
  check: () => readonly FieldProblem[];
  onSend: () => void;
  children?: (problems: readonly FieldProblem[]) => ReactNode;
}): ReactElement {
  const [problems, setProblems] = useState<readonly FieldProblem[]>([]);
  function send(event: { preventDefault: () => void }): void {
    event.preventDefault();
    const found = props.check();
    setProblems(found);
    if (found.length === 0) props.onSend();
  }
  return (
    <details name="audit-question" open={props.asked?.question === props.id}>
      <summary>{props.title}</summary>
      <form className="stack-tight question" noValidate onSubmit={send}>
        <ErrorSummary problems={problems} />
        {props.children !== undefined && <div className="question-fields">{props.children(problems)}</div>}
        <SubmitButton busy={false} label={texts.find} busyLabel={texts.finding} />
      </form>
    </details>
  );
}

function WentTo({ asked, onAsk }: { asked: Asked | null; onAsk: Ask }): ReactElement {
  const known = asked?.question === "went-to" ? asked : null;
  const [whom, setWhom] = useState(known?.whom ?? "");
  const [day, setDay] = useState(known?.from ?? dayOf(now()));
  return (
    <Question
      id="went-to"
      title={texts.wentTo}
      asked={asked}
      check={() => [
        ...whomProblem("went-to-whom", whom),
        ...(dayStart(day) === null ? [{ field: "went-to-day", message: texts.dayMissing }] : []),
      ]}
      onSend={() => onAsk({ ...ASKED_NOTHING, question: "went-to", whom: whom.trim(), from: day, to: day })}
    >
      {(problems) => (
        <>
          <WhomField id="went-to-whom" value={whom} onChange={setWhom} problems={problems} />
          <DayField id="went-to-day" label={texts.day} value={day} onChange={setDay} problems={problems} />
        </>
      )}
    </Question>
  );
}

function Since(props: {
  question: "refused" | "after-deadline";
  title: string;
  days: number;
  asked: Asked | null;
  onAsk: Ask;
}): ReactElement {
  const { question, asked } = props;
  const known = asked?.question === question ? asked : null;
  const [from, setFrom] = useState(known === null ? daysAgo(now(), props.days) : (known.from ?? ""));
  const outcome = question === "refused" ? "refused" : null;
  return (
    <Question
      id={question}
      title={props.title}
      asked={asked}
      check={() => []}
      onSend={() => props.onAsk({ ...ASKED_NOTHING, question, outcome, from: dayStart(from) === null ? null : from })}
    >
      {(problems) => (
        <DayField id={`${question}-from`} label={texts.since} value={from} onChange={setFrom} problems={problems} />
      )}
    </Question>
  );
}

function Opened({ asked, onAsk }: { asked: Asked | null; onAsk: Ask }): ReactElement {
  const [transfer, setTransfer] = useState(asked?.question === "opened" ? (asked.transfer ?? "") : "");
  return (
    <Question
      id="opened"
      title={texts.opened}
      asked={asked}
      check={() => transferProblem("opened-transfer", transfer)}
      onSend={() => onAsk({ ...ASKED_NOTHING, question: "opened", transfer: transfer.trim() })}
    >
      {(problems) => <TransferField id="opened-transfer" value={transfer} onChange={setTransfer} problems={problems} />}
    </Question>
  );
}

function OwnFilters({ asked, onAsk }: { asked: Asked | null; onAsk: Ask }): ReactElement {
  const known = asked?.question === "search" ? asked : ASKED_NOTHING;
  const [whom, setWhom] = useState(known.whom ?? "");
  const [transfer, setTransfer] = useState(known.transfer ?? "");
  const [from, setFrom] = useState(known.from ?? "");
  const [to, setTo] = useState(known.to ?? "");
  const [group, setGroup] = useState<NonNullable<Asked["group"]> | "">(known.group ?? "");
  const [outcome, setOutcome] = useState<NonNullable<Asked["outcome"]> | "">(known.outcome ?? "");
  const [id, setId] = useState(known.id ?? "");
  const check = (): readonly FieldProblem[] => [
    ...(whom.trim() === "" ? [] : whomProblem("search-whom", whom)),
    ...(transfer.trim() === "" ? [] : transferProblem("search-transfer", transfer)),
    ...(from !== "" && to !== "" && to < from ? [{ field: "search-to", message: texts.reversed }] : []),
    ...(id.trim() === "" || ID_PATTERN.test(id.trim()) ? [] : [{ field: "search-id", message: texts.idWrong }]),
  ];
  return (
    <Question
      id="search"
      title={texts.search}
      asked={asked}
      check={check}
      onSend={() =>
        onAsk({
          question: "search",
          whom: whom.trim() || null,
          transfer: transfer.trim() || null,
          from: from || null,
          to: to || null,
          group: group || null,
          outcome: outcome || null,
          id: id.trim() || null,
        })
      }
    >
      {(problems) => (
        <>
          <WhomField id="search-whom" value={whom} onChange={setWhom} problems={problems} />
          <TransferField id="search-transfer" value={transfer} onChange={setTransfer} problems={problems} />
          <Field
            id="search-id"
            label={texts.id}
            hint={texts.idHint}
            autoComplete="off"
            value={id}
            onChange={setId}
            problems={problems}
          />
          <DayField id="search-from" label={texts.from} value={from} onChange={setFrom} problems={problems} />
          <DayField id="search-to" label={texts.to} value={to} onChange={setTo} problems={problems} />
          <ChoiceField
            id="search-group"
            label={texts.about}
            value={group}
            any={texts.anything}
            choices={texts.groups}
            onChange={setGroup}
          />
          <ChoiceField
            id="search-outcome"
            label={texts.outcome}
            value={outcome}
            any={texts.outcomes.any}
            choices={{ done: texts.outcomes.done, refused: texts.outcomes.refused }}
            onChange={setOutcome}
          />
        </>
      )}
    </Question>
  );
}

interface TextFieldProps {
  id: string;
  value: string;
  onChange: (value: string) => void;
  problems: readonly FieldProblem[];
}

const WhomField = (props: TextFieldProps): ReactElement => (
  <Field {...props} label={texts.whom} hint={texts.whomHint} autoComplete="off" />
);
const TransferField = (props: TextFieldProps): ReactElement => (
  <Field {...props} label={texts.transfer} hint={texts.transferHint} autoComplete="off" />
);

const ID_PATTERN = /^(?:#?[0-9]{1,15}|[a-z]{3}_[a-z2-7]{26})$/;

/** What looks like an address must be one; anything else is an organisation's name. */
const whomProblem = (field: string, text: string): readonly FieldProblem[] => {
  const wanted = text.includes("@") ? mailAddress : displayName();
  return wanted.safeParse(text).success ? [] : [{ field, message: texts.whomMissing }];
};
const transferProblem = (field: string, text: string): readonly FieldProblem[] =>
  parseId("transfer", text.trim()) === null ? [{ field, message: texts.transferWrong }] : [];
