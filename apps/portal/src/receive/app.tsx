/**
 * The recipient's page: who sent what for which purpose. What comes after the first button (code, keys, files) is loaded with that
 * button: whoever only looks at an invitation, mail scanners among them, needs none of it.
 */
import { formatLink, type Link } from "@safeconduct/client";
import { unreachable } from "@safeconduct/contract";
import type { Problem } from "@safeconduct/foundation";
import { type ReactElement, useEffect, useRef, useState } from "react";
import { InstanceContext, useReadInstance } from "../elements/instance.ts";
import { shouldTurnTo } from "../elements/language.ts";
import { Notice } from "../elements/notice.tsx";
import { Page, PageHeading } from "../elements/page.tsx";
import { problemOf } from "../elements/problems.ts";
import { loadAgainIn } from "../platform.ts";
import { type Invitation, server } from "./arrival.ts";
import { texts } from "./arrival-texts.ts";
import { Failed, Locked, Unavailable } from "./ends.tsx";
import { InvitationStep, type SentCode } from "./invitation-step.tsx";
import type { VisitSteps } from "./visit-steps.tsx";
import type { Visit } from "./visit.ts";

type Step =
  | { readonly name: "looking" | "invited" | "loading" | "unavailable" | "locked" }
  /** `sent` is null for someone who has a code already. */
  | { readonly name: "visiting"; readonly sent: SentCode | null; readonly begun: Begun }
  | { readonly name: "failed"; readonly problem: Problem; readonly retry: "invitation" | "page" };

/** The visit and the program that shows it; it outlives a session that has ended. */
interface Begun {
  readonly visit: Visit;
  readonly Steps: typeof VisitSteps;
}

async function begin(link: Link): Promise<Begun> {
  const { newVisit, VisitSteps: Steps } = await import("./visit-steps.tsx");
  return { visit: newVisit(link), Steps };
}

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
  const [invitation, setInvitation] = useState<Invitation | null>(null);
  const [step, setStep] = useState<Step>({ name: "looking" });
  const visit = useRef<Promise<Begun> | null>(null);
  /** Once, however often and fast buttons are pressed. */
  const begunOnce = (): Promise<Begun> => (visit.current ??= begin(link));

  const looking = step.name === "looking";
  useEffect(() => {
    if (!looking) return undefined;
    let stopped = false;
    server.call("invitation", { path: { grant: link.grant } }).then(
      (answer) => {
        if (stopped) return;
        if (shouldTurnTo(answer.language)) {
          loadAgainIn(answer.language, formatLink(link));
          return;
        }
        setInvitation(answer);
        setStep({ name: "invited" });
      },
      (thrown: unknown) => {
        if (stopped) return;
        const problem = problemOf(thrown);
        setStep(END_STEPS[problem.code] ?? { name: "failed", problem, retry: "invitation" });
      },
    );
    return () => {
      stopped = true;
    };
  }, [link, looking]);

  async function visitWith(sent: SentCode | null): Promise<void> {
    setStep({ name: "loading" });
    let begun: Begun;
    try {
      begun = await begunOnce();
    } catch {
      setStep({ name: "failed", problem: problemOf(unreachable()), retry: "page" });
      return;
    }
    begun.visit.prepare();
    setStep({ name: "visiting", sent, begun });
  }

  const onProblem = (problem: Problem): boolean => {
    const ends = END_STEPS[problem.code];
    if (ends !== undefined) setStep(ends);
    return ends !== undefined;
  };

  function retry(what: "invitation" | "page"): void {
    if (what === "invitation") setStep({ name: "looking" });
    else loadAgain(link);
  }

  switch (step.name) {
    case "looking":
      return <p role="status">{texts.loading}</p>;
    case "loading":
      return <p role="status">{texts.opening}</p>;
    case "unavailable":
      return <Unavailable grant={link.grant} />;
    case "locked":
      return <Locked />;
    case "failed":
      return <Failed problem={step.problem} onRetry={() => retry(step.retry)} />;
    default:
  }
  if (invitation === null) throw new Error("a step without its invitation");
  if (step.name === "visiting") {
    const { visit: held, Steps } = step.begun;
    return (
      <Steps
        visit={held}
        invitation={invitation}
        sent={step.sent}
        // With a grant its sessions end: whether there still is a link is asked anew.
        onConfirmAgain={() => setStep({ name: "looking" })}
      />
    );
  }
  return (
    <InvitationStep
      grant={link.grant}
      invitation={invitation}
      // A failure is met again, and told, once the code is sent.
      onBegun={() => void begunOnce().catch(() => undefined)}
      onCode={(sent) => void visitWith(sent)}
      onProblem={onProblem}
    />
  );
}

/** Problems after which there is nothing left to do here. */
const END_STEPS: Readonly<Record<string, Step>> = {
  "grant/unavailable": { name: "unavailable" },
  "grant/locked": { name: "locked" },
};

/** A program that could not be loaded is not asked for twice by one page (HTML, module map): the page itself comes anew, with its link. */
function loadAgain(link: Link): void {
  history.replaceState(null, "", formatLink(link));
  location.reload();
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
