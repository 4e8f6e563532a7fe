/** "How this may travel", beside the form: what is allowed, what is still needed, which rule says so, and a button that mends it. */
import type { ReactElement } from "react";
import type { Decision, Requirement } from "./decision.ts";
import { draftKeeper } from "./draft-slot.ts";
import { CHOOSE_FILES_ID } from "./files-card.tsx";
import { recipientField } from "./people-card.tsx";
import { DAYS_ID } from "../terms/terms-fields.tsx";
import { texts as terms } from "../terms/texts.ts";
import { withProfile } from "./draft.ts";
import { texts } from "./texts.ts";
import { UnseenNames } from "./unseen-names.tsx";

const words = texts.decision;

export function DecisionPanel({ decision, onReview }: { decision: Decision; onReview: () => void }): ReactElement {
  return (
    <aside className="card stack decision" aria-labelledby="decision-title">
      <h2 id="decision-title">{words.title}</h2>
      <p role="status">
        <span className={decision.allowed ? "tag good" : "tag warn"}>
          {decision.allowed ? words.allowed : words.notYet}
        </span>{" "}
        <b>{words.way}</b>
      </p>
      <ul className="requirements">
        {decision.requirements.map((requirement) => (
          <li key={requirement.id} className={requirement.standing}>
            <div>
              <p>
                <span className="visually-hidden">{words[requirement.standing]} </span>
                {titleOf(requirement)}
              </p>
              <p className="soft small">{ruleOf(requirement)}</p>
              {requirement.id === "viewing" && !requirement.isNone && <UnseenNames files={requirement.unseen} />}
              <Fix requirement={requirement} />
            </div>
          </li>
        ))}
      </ul>
      <button type="button" className="button wide" onClick={onReview}>
        {words.review}
      </button>
      <p className="soft small">{words.notAllowed}</p>
      <details className="small">
        <summary>{words.why}</summary>
        <p>{words.whyText}</p>
      </details>
    </aside>
  );
}

function titleOf(requirement: Requirement): string {
  const isMet = requirement.standing !== "needed";
  switch (requirement.id) {
    case "encrypted":
      return words.encrypted;
    case "files":
      return isMet ? words.files : words.filesNeeded;
    case "patients":
      return requirement.count === 1 ? words.onePatient : words.patients(requirement.count);
    case "recipients":
      return isMet ? words.recipients : words.recipientsNeeded;
    case "purpose":
      if (!isMet) return words.purposeNeeded;
      return requirement.marketing ? words.marketing : words.purpose;
    case "factor":
      if (requirement.isPublic) return words.factorPublic;
      return isMet ? words.factor : words.factorNeeded(requirement.missing);
    case "times":
      return isMet ? words.times : words.timesNeeded;
    case "viewing":
      if (requirement.standing === "met") return words.viewing;
      return requirement.isNone ? words.viewingNone : words.viewingSome(requirement.unseen.length);
    case "copies":
      return words.copies;
    case "cap":
      return words.cap;
  }
}

function ruleOf(requirement: Requirement): string {
  switch (requirement.id) {
    case "encrypted":
      return words.encryptedRule;
    case "files":
      return requirement.standing === "needed" ? texts.files.noneYet : texts.files.nothing;
    case "patients":
      return requirement.count === 1 ? words.onePatientRule : words.patientsRule;
    case "recipients":
      return requirement.fault === null ? words.recipientsRule : texts.people.faults[requirement.fault];
    case "purpose":
      return requirement.marketing ? words.marketingRule : words.purposeRule;
    case "factor":
      return requirement.isPublic ? words.factorPublicRule : words.factorRule;
    case "times":
      return requirement.fault === null ? words.timesRule : texts.options.faults[requirement.fault.kind];
    case "viewing":
      return requirement.standing === "met" ? words.viewingRule : words.viewingLost;
    case "copies":
      return terms.daysWrong;
    case "cap":
      return words.capRule;
  }
}

/** Which field of a recipient is meant. */
export const FIELD_OF_FAULT = {
  address: "address",
  twice: "address",
  name: "name",
  organisation: "organisation",
  "not-enrolled": "factor",
  "too-many": "address",
} as const;

/** Id of the control that mends it; null where a press does it by itself. */
export function fieldOf(requirement: Requirement): string | null {
  switch (requirement.id) {
    case "encrypted":
    case "factor":
      return null;
    case "files":
      return CHOOSE_FILES_ID;
    case "patients":
      return "files-title";
    case "recipients": {
      const { key, fault } = requirement;
      if (key === null) return "people-title";
      return recipientField(key, FIELD_OF_FAULT[fault ?? "address"]);
    }
    case "purpose":
      return "purpose";
    case "times":
      return requirement.fault?.field === "begin" ? "begin-date" : "end-date";
    case "viewing":
      return "profile";
    case "copies":
      return DAYS_ID;
    case "cap":
      return "cap";
  }
}

function Fix({ requirement }: { requirement: Requirement }): ReactElement | null {
  if (requirement.id === "encrypted" || requirement.standing === "met") return null;
  if (requirement.id === "purpose" && requirement.standing === "look") return null;
  return (
    <button type="button" className="button quiet small" onClick={() => mend(requirement)}>
      {words.fix[requirement.id]}
    </button>
  );
}

function mend(requirement: Requirement): void {
  if (requirement.id === "factor") return demandPasscodes();
  if (requirement.id === "viewing") return allowDownloads();
  focusOn(fieldOf(requirement));
}

function allowDownloads(): void {
  draftKeeper.change(withProfile(draftKeeper.snapshot().draft, "downloadable"));
  // The button goes with what it mended.
  focusOn("profile");
}

function demandPasscodes(): void {
  const { recipients } = draftKeeper.snapshot().draft;
  draftKeeper.change({
    recipients: recipients.map((each) => (each.factor === null ? { ...each, factor: "passcode" } : each)),
  });
}

function focusOn(id: string | null): void {
  const control = id === null ? null : document.getElementById(id);
  control?.focus();
  control?.scrollIntoView({ block: "center" });
}
