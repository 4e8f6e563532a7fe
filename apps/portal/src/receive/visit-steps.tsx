/** A visit from the code to the files, one step at a time. */
import type { Link } from "@safeconduct/client";
import type { SecondFactorKind } from "@safeconduct/envelope";
import type { Problem } from "@safeconduct/foundation";
import { type ReactElement, useState } from "react";
import { Notice } from "../elements/notice.tsx";
import { PageHeading } from "../elements/page.tsx";
import { problemOf } from "../elements/problems.ts";
import { type Invitation, server } from "./arrival.ts";
import { AuthenticatorStep } from "./authenticator-step.tsx";
import { CodeStep } from "./code-step.tsx";
import { Failed, Locked, Unavailable } from "./ends.tsx";
import type { FactorStepProps } from "./factor-step.tsx";
import { FilesStep } from "./files-step.tsx";
import type { SentCode } from "./invitation-step.tsx";
import { PasscodeStep } from "./passcode-step.tsx";
import { PasskeyStep } from "./passkey-step.tsx";
import { ProblemReport } from "./problem-report.tsx";
import { TermsStep } from "./terms-step.tsx";
import { texts } from "./texts.ts";
import { type Package, Visit } from "./visit.ts";

export const newVisit = (link: Link): Visit => new Visit(link);

type Step =
  | { readonly name: "code" | "terms" | "unlocking" | "unavailable" | "locked" | "broken" }
  | { readonly name: "factor"; readonly kind: SecondFactorKind }
  | { readonly name: "files"; readonly opened: Package }
  | { readonly name: "failed"; readonly problem: Problem };

export interface VisitStepsProps {
  readonly visit: Visit;
  readonly invitation: Invitation;
  /** Null for someone who has a code already. */
  readonly sent: SentCode | null;
  /** The session has ended: the address is to be confirmed once more. */
  readonly onConfirmAgain: () => void;
}

export function VisitSteps({ visit, invitation, sent, onConfirmAgain }: VisitStepsProps): ReactElement {
  const [step, setStep] = useState<Step>({ name: "code" });

  /** False where the problem leaves the person where they are. */
  const onProblem = (problem: Problem): boolean => {
    if (problem.code === "grant/session-required") {
      onConfirmAgain();
      return true;
    }
    const ends = END_STEPS[problem.code];
    if (ends !== undefined) setStep(ends);
    return ends !== undefined;
  };

  /** For acts whose refusal leaves the page as it is, unless the link has ended meanwhile: then it says what it says of any such link. */
  const onRefused = ({ code }: Pick<Problem, "code">): void => {
    if (code !== "grant/session-required" && code !== "grant/unavailable") return;
    server.call("invitation", { path: { grant: visit.link.grant } }).catch((thrown: unknown) => {
      if (problemOf(thrown).code === "grant/unavailable") setStep({ name: "unavailable" });
    });
  };

  async function unlock(): Promise<void> {
    if (visit.asked().conditions !== null && visit.acceptedAt() === null) {
      setStep({ name: "terms" });
      return;
    }
    setStep({ name: "unlocking" });
    try {
      setStep({ name: "files", opened: await visit.open(invitation) });
    } catch (thrown) {
      const problem = problemOf(thrown);
      const kind = problem.code === "grant/factor-required" ? visit.demanded() : null;
      if (kind !== null) setStep({ name: "factor", kind });
      else if (!onProblem(problem)) setStep({ name: "failed", problem });
    }
  }

  const shown = { visit, invitation, onAccepted: () => void unlock(), onProblem };
  const page = (): ReactElement => {
    switch (step.name) {
      case "code":
        return (
          <CodeStep
            visit={visit}
            invitation={invitation}
            sent={sent}
            onConfirmed={(demanded) => {
              if (demanded === null) void unlock();
              else setStep({ name: "factor", kind: demanded });
            }}
            onProblem={onProblem}
          />
        );
      case "factor": {
        const FactorStep = FACTOR_STEPS[step.kind];
        return <FactorStep {...shown} />;
      }
      case "terms":
        return <TermsStep {...shown} />;
      case "unlocking":
        return <Unlocking />;
      case "files":
        return (
          <FilesStep
            visit={visit}
            invitation={invitation}
            opened={step.opened}
            onRefused={onRefused}
            onConfirmAgain={onConfirmAgain}
          />
        );
      case "unavailable":
        return <Unavailable grant={visit.link.grant} />;
      case "locked":
        return <Locked />;
      case "broken":
        return <Broken />;
      case "failed":
        return <Failed problem={step.problem} onRetry={() => void unlock()} />;
    }
  };
  return (
    <>
      {page()}
      {visit.isConfirmed() && REPORTABLE.has(step.name) && (
        <ProblemReport visit={visit} sender={invitation.sender} onRefused={onRefused} />
      )}
    </>
  );
}

/** Where somebody who has confirmed the address may find that something is wrong. */
const REPORTABLE: ReadonlySet<Step["name"]> = new Set(["factor", "terms", "files", "broken", "failed"]);

/**
 * Problems after which there is nothing left to do here. Of a package that is not the one that the link stands for, it helps
 * only an attacker to know which part does not fit.
 */
const END_STEPS: Readonly<Record<string, Step>> = {
  "grant/unavailable": { name: "unavailable" },
  "grant/locked": { name: "locked" },
  "client/not-genuine": { name: "broken" },
  "envelope/cannot-open": { name: "broken" },
};

/** The step that gives each second factor. */
const FACTOR_STEPS: Readonly<Record<SecondFactorKind, (props: FactorStepProps) => ReactElement>> = {
  passcode: PasscodeStep,
  authenticator: AuthenticatorStep,
  passkey: PasskeyStep,
};

function Broken(): ReactElement {
  return (
    <div className="stack">
      <PageHeading heading={texts.unlocking.failedTitle} failed />
      <Notice tone="bad">
        <p>{texts.unlocking.failed}</p>
      </Notice>
    </div>
  );
}

function Unlocking(): ReactElement {
  return (
    <div className="stack" aria-busy="true">
      <PageHeading heading={texts.unlocking.title} />
      <p role="status">{texts.unlocking.body}</p>
      <progress aria-label={texts.unlocking.title} />
    </div>
  );
}
