/** The code of the authenticator app that the recipient added after an earlier link. */
import { sixDigitCode } from "@safeconduct/contract";
import { type ReactElement, useState } from "react";
import { CodeField } from "../elements/form.tsx";
import { FactorStep, type FactorStepProps } from "./factor-step.tsx";
import { texts } from "./texts.ts";

const words = texts.authenticator;

export function AuthenticatorStep({ visit, ...step }: FactorStepProps): ReactElement {
  const [code, setCode] = useState("");
  return (
    <FactorStep
      {...step}
      words={words}
      prove={async () => {
        if (!sixDigitCode.safeParse(code).success) return [{ field: "code", message: words.wrong }];
        await visit.proveAuthenticator(code);
        return [];
      }}
      refusal={(problem) =>
        problem.code === "grant/factor-refused"
          ? { field: "code", message: words.refused }
          : { field: null, message: problem.message }
      }
    >
      {(problems) => (
        <CodeField
          id="code"
          label={words.label}
          hint={words.hint(step.invitation.organisation)}
          value={code}
          onChange={setCode}
          problems={problems}
        />
      )}
    </FactorStep>
  );
}
