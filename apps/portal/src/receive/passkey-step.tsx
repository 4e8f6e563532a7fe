/** The passkey that the recipient added after an earlier link: one button, the device asks for the rest. */
import type { ReactElement } from "react";
import { FactorStep, type FactorStepProps } from "./factor-step.tsx";
import { texts } from "./texts.ts";

const words = texts.passkey;

export function PasskeyStep({ visit, ...step }: FactorStepProps): ReactElement {
  return (
    <FactorStep
      {...step}
      words={words}
      prove={async () => {
        const outcome = await visit.provePasskey();
        return outcome === "done" ? [] : [{ field: null, message: words[outcome] }];
      }}
      refusal={({ code, message }) => ({
        field: null,
        message: code === "grant/factor-refused" ? words.refused(step.invitation.organisation) : message,
      })}
    >
      {() => <p>{words.body(step.invitation.organisation)}</p>}
    </FactorStep>
  );
}
