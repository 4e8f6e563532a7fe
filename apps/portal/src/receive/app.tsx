/** The recipient's page: who sent what for which purpose, the code, the files. One step at a time. */
import { formatLink, type Link } from "@safeconduct/client";
import type { SecondFactorKind } from "@safeconduct/envelope";
import type { Problem } from "@safeconduct/foundation";
import { type ReactElement, useEffect, useState } from "react";
import { InstanceContext, useReadInstance } from "../elements/instance.ts";
import { Notice } from "../elements/notice.tsx";
import { Page, PageHeading } from "../elements/page.tsx";
import { problemOf } from "../elements/problems.ts";
import { texts as shared } from "../elements/texts.ts";
import { AuthenticatorStep } from "./authenticator-step.tsx";
import { CodeStep } from "./code-step.tsx";
import { FilesStep } from "./files-step.tsx";
import type { FactorStepProps } from "./factor-step.tsx";
import { InvitationStep, type SentCode } from "./invitation-step.tsx";
import { PasskeyStep } from "./passkey-step.tsx";
import { PasscodeStep } from "./passcode-step.tsx";
import { ProblemReport } from "./problem-report.tsx";
import { TermsStep } from "./terms-step.tsx";
import { texts } from "./texts.ts";
import { type Invitation, type Package, server, Visit } from "./visit.ts";

type Step =
  | { readonly name: "looking" }
  | { readonly name: "invited" }
  /** `sent` is null for someone who has a code already. */
  | { readonly name: "code"; readonly sent: SentCode | null }
  | { readonly name: "factor"; readonly kind: SecondFactorKind }
  | { readonly name: "terms" }
  | { readonly name: "unlocking" }
  | { readonly name: "files"; readonly opened: Package }
  | { readonly name: "unavailable" }
  | { readonly name: "locked" }
  | { readonly name: "broken" }
  | { readonly name: "failed"; readonly problem: Problem; readonly retry: "invitation" | "unlock" };

export function App({ link }: { link: Link | null }): ReactElement {
  const { instance } = useReadInstance(server);
  return (
    <InstanceContext value={instance}>
      <Page home={null} narrow address={link === null ? undefined : formatLink(link)}>
        {link === null ? <IncompleteLink /> : <Received key={link.grant} link={link} />}
      </Page>
    </InstanceContext>
  );
}

function Received({ link }: { link: Link }): ReactElement {
  const [visit] = useState(() => new Visit(link));
  const [invitation, setInvitation] = useState<Invitation | null>(null);
  const [step, setStep] = useState<Step>({ name: "looking" });

  const looking = step.name === "looking";
  useEffect(() => {
    if (!looking) return undefined;
    let stopped = false;
    server.call("invitation", { path: { grant: link.grant } }).then(
      (answer) => {
        if (stopped) return;
        setInvitation(answer);
        setStep({ name: "invited" });
      },
      (thrown: unknown) => {
        if (!stopped) setStep(afterProblem(problemOf(thrown), "invitation"));
      },
    );
    return () => {
      stopped = true;
    };
  }, [link, looking]);

  async function unlock(): Promise<void> {
    if (invitation === null) throw new Error("nothing was shown yet");
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
      setStep(kind === null ? afterProblem(problem, "unlock") : { name: "factor", kind });
    }
  }

  function askForCode(sent: SentCode | null): void {
    visit.prepare();
    setStep({ name: "code", sent });
  }

  const onProblem = (problem: Problem): boolean => {
    const ends = END_STEPS[problem.code];
    if (ends !== undefined) setStep(ends);
    return ends !== undefined;
  };

  const page = (): ReactElement => {
    switch (step.name) {
      case "looking":
        return <p role="status">{texts.loading}</p>;
      case "unavailable":
        return <Unavailable />;
      case "locked":
        return <Locked />;
      case "broken":
        return <Broken />;
      case "failed":
        return (
          <Failed
            problem={step.problem}
            onRetry={() => {
              if (step.retry === "unlock") void unlock();
              else setStep({ name: "looking" });
            }}
          />
        );
      case "unlocking":
        return <Unlocking />;
      default:
    }
    if (invitation === null) throw new Error("a step without its invitation");
    switch (step.name) {
      case "invited":
        return <InvitationStep grant={link.grant} invitation={invitation} onCode={askForCode} onProblem={onProblem} />;
      case "code":
        return (
          <CodeStep
            visit={visit}
            invitation={invitation}
            sent={step.sent}
            onConfirmed={(demanded) => {
              if (demanded === null) void unlock();
              else setStep({ name: "factor", kind: demanded });
            }}
            onProblem={onProblem}
          />
        );
      case "factor": {
        const FactorStep = FACTOR_STEPS[step.kind];
        return (
          <FactorStep visit={visit} invitation={invitation} onAccepted={() => void unlock()} onProblem={onProblem} />
        );
      }
      case "terms":
        return (
          <TermsStep visit={visit} invitation={invitation} onAccepted={() => void unlock()} onProblem={onProblem} />
        );
      case "files":
        return (
          <FilesStep
            visit={visit}
            invitation={invitation}
            opened={step.opened}
            onConfirmAgain={() => setStep({ name: "invited" })}
          />
        );
    }
  };

  const canReport = invitation !== null && visit.isConfirmed() && REPORTABLE.has(step.name);
  return (
    <>
      {page()}
      {canReport && <ProblemReport visit={visit} sender={invitation.sender} />}
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
  "grant/session-required": { name: "invited" },
  "client/not-genuine": { name: "broken" },
  "envelope/cannot-open": { name: "broken" },
};

/** The step that gives each second factor. */
const FACTOR_STEPS: Readonly<Record<SecondFactorKind, (props: FactorStepProps) => ReactElement>> = {
  passcode: PasscodeStep,
  authenticator: AuthenticatorStep,
  passkey: PasskeyStep,
};

function afterProblem(problem: Problem, retry: "invitation" | "unlock"): Step {
  const ends = END_STEPS[problem.code];
  if (ends !== undefined) return ends;
  return { name: "failed", problem, retry };
}

function IncompleteLink(): ReactElement {
  return (
    <div className="stack">
      <PageHeading heading={texts.incomplete.title} first failed />
      <p>{texts.incomplete.body}</p>
      <Notice tone="note">
        <p>{texts.incomplete.reloaded}</p>
      </Notice>
    </div>
  );
}

function Unavailable(): ReactElement {
  return (
    <div className="stack">
      <PageHeading heading={texts.unavailable.title} />
      <p>{texts.unavailable.body}</p>
      <p className="soft small">{texts.unavailable.why}</p>
    </div>
  );
}

function Locked(): ReactElement {
  return (
    <div className="stack">
      <PageHeading heading={texts.locked.title} failed />
      <Notice tone="warn">
        <p>{texts.locked.body}</p>
      </Notice>
      <p className="soft small">{texts.locked.why}</p>
    </div>
  );
}

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

function Failed({ problem, onRetry }: { problem: Problem; onRetry: () => void }): ReactElement {
  const heading = problem.code === "http/unreachable" ? texts.unreachable : shared.problemHeading;
  return (
    <div className="stack">
      <PageHeading heading={heading} failed />
      <p role="alert">{problem.message}</p>
      <button type="button" className="button" onClick={onRetry}>
        {shared.tryAgain}
      </button>
    </div>
  );
}
