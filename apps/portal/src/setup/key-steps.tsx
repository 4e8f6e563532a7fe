/** The later steps of set-up, for somebody who is signed in: keys of this browser, the recovery key, a test mail, done. */
import { type ReactElement, useEffect, useState } from "react";
import { RecoveryKeyMaker } from "../account/recovery-key-maker.tsx";
import { DeviceGate } from "../device/device-gate.tsx";
import { useSendingDevice } from "../device/sending-device.ts";
import { Copyable } from "../elements/copyable.tsx";
import { PageHeading } from "../elements/page.tsx";
import { Notice } from "../elements/notice.tsx";
import { pageOf } from "../portal/routing.ts";
import { SetupSteps } from "../portal/setup-steps.tsx";
import { texts as portal } from "../portal/texts.ts";
import { MailStep } from "./mail-step.tsx";
import { texts as words } from "./texts.ts";

/** The first two steps are elsewhere: they need no keys and load with the page. */
const AT = { keys: 2, recovery: 3, mail: 4, done: 5 } as const;

export interface KeyStepsProps {
  readonly organisation: string;
  readonly address: string;
  readonly apiToken: string;
}

export function KeySteps({ organisation, address, apiToken }: KeyStepsProps): ReactElement {
  const [step, setStep] = useState<keyof typeof AT>("keys");
  const [hasRecoveryKey, setHasRecoveryKey] = useState(false);
  return (
    <div className="stack">
      <SetupSteps at={AT[step]} />
      {step === "keys" && <KeysStep onReady={() => setStep("recovery")} onSkip={() => setStep("mail")} />}
      {step === "recovery" && (
        <RecoveryStep
          onDone={() => {
            setHasRecoveryKey(true);
            setStep("mail");
          }}
          onLater={() => setStep("mail")}
        />
      )}
      {step === "mail" && <MailStep address={address} onDone={() => setStep("done")} />}
      {step === "done" && <Done organisation={organisation} apiToken={apiToken} hasRecoveryKey={hasRecoveryKey} />}
    </div>
  );
}

function KeysStep({ onReady, onSkip }: { onReady: () => void; onSkip: () => void }): ReactElement {
  return (
    <>
      <PageHeading heading={words.keysTitle} />
      <p>{words.keysIntro}</p>
      <DeviceGate>{() => <GoOn act={onReady} />}</DeviceGate>
      <p className="soft small">{words.notHereWhy}</p>
      <button type="button" className="button quiet" onClick={onSkip}>
        {words.notHere}
      </button>
    </>
  );
}

/** Goes on by itself once the browser has keys. */
function GoOn({ act }: { act: () => void }): null {
  useEffect(act);
  return null;
}

function RecoveryStep({ onDone, onLater }: { onDone: () => void; onLater: () => void }): ReactElement {
  return (
    <>
      <PageHeading heading={words.recoveryTitle} />
      <p>{words.recoveryIntro}</p>
      <DeviceGate>
        {(ready, keeper) => (
          <div className="card">
            <RecoveryKeyMaker
              ready={ready}
              keeper={keeper}
              stop={words.recoveryLater}
              onDone={onDone}
              onStop={onLater}
            />
          </div>
        )}
      </DeviceGate>
    </>
  );
}

function Done({
  organisation,
  apiToken,
  hasRecoveryKey,
}: {
  organisation: string;
  apiToken: string;
  hasRecoveryKey: boolean;
}): ReactElement {
  const { now } = useSendingDevice();
  const isDevice = now.state === "ready";
  return (
    <>
      <PageHeading heading={words.doneTitle(organisation)} />
      <p>{isDevice ? words.doneIntro : words.doneWithout}</p>
      {isDevice && !hasRecoveryKey && (
        <Notice tone="warn">
          <p>
            {words.noRecoveryKey} <a href="/account">{words.account}</a>.
          </p>
        </Notice>
      )}
      <div className="row">
        {pageOf("/send") !== "not-found" && (
          <a className="button" href="/send">
            {words.toSend}
          </a>
        )}
        <a className="button quiet" href="/">
          {words.toPortal}
        </a>
      </div>
      <details className="card">
        <summary>{words.commandLine}</summary>
        <div className="stack">
          <p>{words.commandIntro}</p>
          <Copyable text={apiToken} label={words.copyToken} />
          <ol className="steps-list">
            <li>
              <p>{words.loginStep}</p>
              <Copyable
                text={`${portal.commands.login(location.origin)}${isDevice ? " --join" : ""}`}
                label={portal.commands.copyLogin}
              />
              {isDevice && <p>{words.loginJoin}</p>}
            </li>
            <li>
              <p>{words.sendStep}</p>
              <Copyable text={portal.commands.send} label={portal.commands.copySend} />
            </li>
          </ol>
        </div>
      </details>
    </>
  );
}
