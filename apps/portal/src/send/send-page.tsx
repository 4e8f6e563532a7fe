/** The Send page: a form, a review, an upload, links. What runs and what was filled in live above it, so coming back finds both. */
import "./send.css";
import { type ReactElement, useEffect, useState } from "react";
import { DeviceGate } from "../device/device-gate.tsx";
import type { DeviceKeeper, ReadyDevice } from "../device/device-keeper.ts";
import { Notice } from "../elements/notice.tsx";
import { PageHeading } from "../elements/page.tsx";
import { useSession } from "../portal/session.ts";
import { prepareReading } from "../reading/blob-stream.ts";
import { ComposeStep } from "./compose-step.tsx";
import { DoneStep } from "./done-step.tsx";
import { draftKeeper, useDraft } from "./draft-slot.ts";
import { warnOfLostDraft } from "./draft-warning.ts";
import { RecoveryReminder } from "./recovery-reminder.tsx";
import { ReviewStep } from "./review-step.tsx";
import { RunningStep } from "./running-step.tsx";
import { SendingShelf } from "./sending-shelf.ts";
import { texts } from "./texts.ts";
import { UnfinishedList } from "./unfinished-list.tsx";
import { dismissUpload } from "./upload.ts";
import { type UploadState, useUpload } from "./upload-slot.ts";

warnOfLostDraft();
prepareReading();

export function SendPage({ first: isLoaded }: { first: boolean }): ReactElement | null {
  const { session } = useSession();
  const upload = useUpload();
  const { step } = useDraft();
  const first = useFirst(isLoaded, upload.name === "none" ? step : upload.name);
  const member = session.state === "in" ? session.who.member.id : null;
  useEffect(() => {
    if (member !== null) draftKeeper.ownedBy(member);
  }, [member]);
  useEffect(() => {
    // What was sent is no draft any more; what failed or was cancelled is.
    if (upload.name === "sent") draftKeeper.clear();
  }, [upload.name]);
  if (session.state === "in" && !session.who.member.roles.includes("sender"))
    return (
      <div className="stack">
        <PageHeading heading={texts.title} first={first} />
        <Notice tone="note">
          <p>{texts.noSender}</p>
        </Notice>
      </div>
    );
  if (upload.name === "running")
    return (
      <div className="stack">
        <PageHeading heading={texts.upload.title} first={first} />
        <RunningStep upload={upload} />
      </div>
    );
  return (
    <DeviceGate>{(ready, keeper) => <Steps ready={ready} keeper={keeper} upload={upload} first={first} />}</DeviceGate>
  );
}

function Steps({
  ready,
  keeper,
  upload,
  first,
}: {
  ready: ReadyDevice;
  keeper: DeviceKeeper;
  upload: Exclude<UploadState, { name: "running" }>;
  first: boolean;
}): ReactElement {
  const { step } = useDraft();
  useStepOfHistory();
  if (upload.name === "sent")
    return (
      <div className="stack">
        <PageHeading heading={texts.done.title} first={first} />
        <DoneStep
          upload={upload}
          onFinish={async () => {
            await new SendingShelf(ready.ports.crypto.random).forget(upload.sent.transfer);
            dismissUpload();
          }}
        />
      </div>
    );
  if (upload.name === "failed" || upload.name === "busy") return <Failed upload={upload} first={first} />;
  if (step === "review")
    return (
      <div className="stack">
        <div className="stack-tight">
          <PageHeading heading={texts.review.title} />
          <p className="soft">{texts.review.intro}</p>
        </div>
        {upload.name === "cancelled" && <Cancelled />}
        <ReviewStep ready={ready} keeper={keeper} onBack={() => history.back()} />
      </div>
    );
  return (
    <div className="stack">
      <div className="stack-tight">
        <PageHeading heading={texts.title} first={first} />
        <p className="soft">{texts.intro}</p>
      </div>
      {upload.name === "cancelled" && <Cancelled />}
      <RecoveryReminder ready={ready} />
      <UnfinishedList ready={ready} />
      <ComposeStep
        onReview={() => {
          dismissUpload();
          history.pushState({ step: "review" }, "", location.pathname);
          draftKeeper.goTo("review");
        }}
      />
    </div>
  );
}

/** Whether this step is the one that the browser loaded: each later one takes the focus, also when it is the first one once more. */
function useFirst(isLoaded: boolean, step: string): boolean {
  const [begun] = useState(step);
  const [isPast, setPast] = useState(false);
  if (step !== begun && !isPast) setPast(true);
  return isLoaded && !isPast && step === begun;
}

function Cancelled(): ReactElement {
  return (
    <div role="status">
      <Notice tone="note">
        <p>{texts.upload.cancelled}</p>
      </Notice>
    </div>
  );
}

/** The browser's back button leads from the review to the form, and forward again. */
function useStepOfHistory(): void {
  useEffect(() => {
    const read = (): void => {
      const isReview = (history.state as { step?: unknown } | null)?.step === "review";
      const canReview = draftKeeper.snapshot().draft.files.length > 0;
      // A reload keeps what history says and not what was filled in: the step must not come back with the next one.
      if (isReview && !canReview) history.replaceState(null, "");
      draftKeeper.goTo(isReview && canReview ? "review" : "fill");
    };
    read();
    addEventListener("popstate", read);
    return () => removeEventListener("popstate", read);
  }, []);
}

function Failed({
  upload,
  first,
}: {
  upload: Extract<UploadState, { name: "failed" | "busy" }>;
  first: boolean;
}): ReactElement {
  const words = texts.upload;
  return (
    <div className="stack">
      <PageHeading heading={words.failedTitle} failed first={first} />
      <Notice tone="bad">
        <p>{upload.name === "busy" ? words.busy : upload.problem.message}</p>
        {upload.name === "failed" && <p>{upload.isKept ? words.failedKept : words.failedOver}</p>}
      </Notice>
      <button type="button" className="button" onClick={dismissUpload}>
        {words.backToForm}
      </button>
    </div>
  );
}
