/** The first device of a member is made here: one field, one button. Also a step of set-up. */
import { displayName } from "@safeconduct/contract";
import { type ReactElement, type ReactNode, useState } from "react";
import { ErrorSummary, Field, SubmitButton, useSubmission } from "../elements/form.tsx";
import { fieldProblem, problemOf } from "../elements/problems.ts";
import { userAgent } from "../platform.ts";
import { browserName } from "./browser-name.ts";
import type { DeviceKeeper } from "./device-keeper.ts";
import { texts } from "./texts.ts";

export const DEVICE_NAME_LENGTH = 60;
export const ownName = (): string => browserName(userAgent(), texts.ownName).slice(0, DEVICE_NAME_LENGTH);
export const isDeviceName = (name: string): boolean => displayName(DEVICE_NAME_LENGTH).safeParse(name).success;

/** `children` stands beside the button. */
export function FirstDeviceForm({ keeper, children }: { keeper: DeviceKeeper; children?: ReactNode }): ReactElement {
  const [name, setName] = useState(ownName);
  const { problems, busy, submit } = useSubmission(async () => {
    if (!isDeviceName(name)) return [{ field: "device-name", message: texts.nameWrong }];
    try {
      await keeper.begin(displayName(DEVICE_NAME_LENGTH).parse(name));
      return [];
    } catch (thrown) {
      return [fieldProblem(problemOf(thrown), {})];
    }
  });
  return (
    <form className="stack" noValidate onSubmit={submit}>
      <ErrorSummary problems={problems} />
      <p>{texts.firstBody}</p>
      <Field
        id="device-name"
        label={texts.name}
        hint={texts.nameHint}
        autoComplete="off"
        value={name}
        onChange={setName}
        problems={problems}
      />
      <p className="soft small">{texts.firstWhere}</p>
      <div className="row">
        <SubmitButton busy={busy} label={texts.begin} busyLabel={texts.beginBusy} />
        {children}
      </div>
    </form>
  );
}
