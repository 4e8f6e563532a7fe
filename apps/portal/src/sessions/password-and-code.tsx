/** The password and the authenticator's code, as somebody types them who signs in or shows again who is there. */
import { sixDigitCode } from "@safeconduct/contract";
import type { Dispatch, ReactElement, SetStateAction } from "react";
import { CodeField, PasswordField } from "../elements/form.tsx";
import type { FieldProblem } from "../elements/problems.ts";

export interface Typed {
  readonly password: string;
  readonly code: string;
}

export const NOTHING_TYPED: Typed = { password: "", code: "" };

/** A code is good for one attempt; the password is typed once. */
export const withoutCode = ({ password }: Typed): Typed => ({ password, code: "" });

export interface TypedWords {
  readonly password: string;
  readonly passwordMissing: string;
  readonly code: string;
  readonly codeHint: string;
  readonly codeMissing: string;
}

type Ids = Readonly<Record<keyof Typed, string>>;

export function PasswordAndCode({
  ids,
  words,
  typed,
  onChange,
  problems,
}: {
  ids: Ids;
  words: TypedWords;
  typed: Typed;
  /** A password manager fills both at once, so each change builds on the last one and not on what is drawn. */
  onChange: Dispatch<SetStateAction<Typed>>;
  problems: readonly FieldProblem[];
}): ReactElement {
  return (
    <>
      <PasswordField
        id={ids.password}
        label={words.password}
        autoComplete="current-password"
        value={typed.password}
        onChange={(password) => onChange((before) => ({ ...before, password }))}
        problems={problems}
      />
      <CodeField
        id={ids.code}
        label={words.code}
        hint={words.codeHint}
        value={typed.code}
        onChange={(code) => onChange((before) => ({ ...before, code }))}
        problems={problems}
      />
    </>
  );
}

/** What is still to be typed. */
export function missingOf({ password, code }: Typed, ids: Ids, words: TypedWords): readonly FieldProblem[] {
  return [
    ...(password === "" ? [{ field: ids.password, message: words.passwordMissing }] : []),
    ...(sixDigitCode.safeParse(code).success ? [] : [{ field: ids.code, message: words.codeMissing }]),
  ];
}
