/** The passcode that the sender told apart from the link. */
import { type ReactElement, useState } from "react";
import { Field } from "../elements/form.tsx";
import { FactorStep, type FactorStepProps } from "./factor-step.tsx";
import { texts } from "./texts.ts";

const words = texts.passcode;
/** What belongs to the field; anything else is about the visit. */
const OF_THE_FIELD: ReadonlySet<string> = new Set(["client/bad-passcode", "grant/factor-refused"]);

export function PasscodeStep({ visit, ...step }: FactorStepProps): ReactElement {
  const [passcode, setPasscode] = useState("");
  return (
    <FactorStep
      {...step}
      words={words}
      prove={async () => {
        await visit.provePasscode(passcode);
        return [];
      }}
      refusal={({ code, message }) => ({ field: OF_THE_FIELD.has(code) ? "passcode" : null, message })}
    >
      {(problems) => (
        <Field
          id="passcode"
          label={words.label}
          hint={words.hint(step.invitation.sender)}
          autoComplete="off"
          className="passcode"
          value={passcode}
          onChange={setPasscode}
          problems={problems}
        />
      )}
    </FactorStep>
  );
}
