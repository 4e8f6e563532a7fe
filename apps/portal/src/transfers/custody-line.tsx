/** Draws the custody line of one recipient: across on a wide screen, down on a small one. */
import type { ReactElement } from "react";
import { dates } from "../elements/words.ts";
import { type CustodyStep, custodySteps, endReason, type Grant, type Transfer } from "./custody.ts";
import { texts } from "./texts.ts";

export function CustodyLine({ transfer, grant, now }: { transfer: Transfer; grant: Grant; now: number }): ReactElement {
  const steps = custodySteps(transfer, grant, now);
  return (
    <ol className="custody" aria-label={texts.custodyOf(grant.address)}>
      {steps.map((step) => (
        <li
          key={step.name}
          className={step.joined ? `${step.state} joined` : step.state}
          aria-current={step.state === "now" ? "step" : undefined}
        >
          <b>{texts.custody[step.name]}</b>
          {step.at !== null && <time dateTime={new Date(step.at).toISOString()}>{dates.brief(step.at)}</time>}
          <span className="note">{noteOf(step, { transfer, grant, now })}</span>
        </li>
      ))}
    </ol>
  );
}

function noteOf(
  step: CustodyStep,
  { transfer, grant, now }: { transfer: Transfer; grant: Grant; now: number },
): string {
  const words = texts.custody;
  if (step.state === "missed") return words.never;
  if (step.state === "waiting") {
    if (step.dueAt !== null) return `${words.dueAt} ${dates.brief(step.dueAt)}`;
    return step.name === "destroyed" ? words.afterEnd : words.notYet;
  }
  const reason = endReason(grant, now);
  switch (step.name) {
    case "sealed":
      return words.onDevice;
    case "confirmed":
      return words.byCode;
    case "released":
      return words.releases(grant.releases, grant.releaseCap);
    case "receipt":
      return words.arrived[transfer.profile];
    case "ended":
      return reason === null ? "" : words.why[reason];
    case "destroyed":
      return words.unreadable;
  }
}
