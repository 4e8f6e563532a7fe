/** The form: three cards and the panel that says how this may travel. */
import { type ReactElement, useState } from "react";
import { useNow } from "../elements/clock.ts";
import { ErrorSummary } from "../elements/form.tsx";
import type { FieldProblem } from "../elements/problems.ts";
import { now as clockNow } from "../platform.ts";
import { decide, type Requirement } from "./decision.ts";
import { DecisionPanel, FIELD_OF_FAULT, fieldOf } from "./decision-panel.tsx";
import { useDraft } from "./draft-slot.ts";
import { recipientFaults, type SendDraft } from "./draft.ts";
import { FilesCard } from "./files-card.tsx";
import { OptionsCard } from "./options-card.tsx";
import { PeopleCard, recipientField } from "./people-card.tsx";
import { texts as terms } from "../terms/texts.ts";
import { texts } from "./texts.ts";

const NOW_EVERY_MS = 20_000;

export function ComposeStep({ onReview }: { onReview: () => void }): ReactElement {
  const { draft } = useDraft();
  const now = useNow(NOW_EVERY_MS);
  const [problems, setProblems] = useState<readonly FieldProblem[]>([]);
  const decision = decide(draft, now);

  function review(): void {
    const found = problemsOf(draft, clockNow());
    setProblems(found);
    if (found.length === 0) onReview();
  }

  return (
    <div className="send-columns">
      <div className="stack">
        <ErrorSummary problems={problems} />
        <FilesCard />
        <PeopleCard problems={problems} />
        <OptionsCard problems={problems} />
      </div>
      <DecisionPanel decision={decision} onReview={review} />
    </div>
  );
}

/** What stands in the way, each with the control that mends it; of recipients every one. */
function problemsOf(draft: SendDraft, now: number): FieldProblem[] {
  return decide(draft, now).requirements.flatMap((requirement) =>
    requirement.standing === "needed" ? problemsOfOne(draft, requirement) : [],
  );
}

function problemsOfOne(draft: SendDraft, requirement: Requirement): FieldProblem[] {
  if (requirement.id === "recipients" && requirement.fault !== "too-many") {
    const wrong = recipientFaults(draft.recipients).flatMap((fault, index) => {
      const key = draft.recipients[index]?.key;
      if (fault === null || key === undefined) return [];
      return [{ field: recipientField(key, FIELD_OF_FAULT[fault]), message: texts.people.faults[fault] }];
    });
    return wrong.length > 0 ? wrong : [{ field: null, message: texts.people.none }];
  }
  if (requirement.id === "factor")
    return draft.recipients
      .filter(({ factor }) => factor === null)
      .map(({ key }) => ({ field: recipientField(key, "factor"), message: texts.decision.factorWrong }));
  return [{ field: fieldOf(requirement), message: messageOf(requirement) }];
}

function messageOf(requirement: Requirement): string {
  switch (requirement.id) {
    case "files":
      return texts.files.noneYet;
    case "recipients":
      return texts.people.faults["too-many"];
    case "purpose":
      return texts.people.purposeMissing;
    case "times":
      return texts.options.faults[requirement.fault?.kind ?? "missing"];
    case "viewing":
      return texts.decision.viewingWrong;
    case "copies":
      return terms.daysWrong;
    case "cap":
      return texts.options.capWrong;
    default:
      return texts.decision.title;
  }
}
