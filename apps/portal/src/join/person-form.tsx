/** Who joins: name and password. The address is the invitation's and cannot be another. */
import "../members/members.css";
import { displayName, LIMITS } from "@safeconduct/contract";
import { type ReactElement, useState } from "react";
import { Breakable } from "../elements/breakable.tsx";
import { useNow } from "../elements/clock.ts";
import { ErrorSummary, Field, PasswordField, SubmitButton, useSubmission } from "../elements/form.tsx";
import { Notice } from "../elements/notice.tsx";
import { PageHeading } from "../elements/page.tsx";
import { type FieldProblem, fieldProblem, problemOf } from "../elements/problems.ts";
import { dates } from "../elements/words.ts";
import { texts as members } from "../members/texts.ts";
import { server } from "../portal/server.ts";
import type { Authenticator, Invited } from "./answers.ts";
import { JoinSteps } from "./join-steps.tsx";
import { texts } from "./texts.ts";

const NOW_EVERY_MS = 20_000;
const FIELDS = { "/name": "name", "/password": "password" } as const;

export function PersonForm({
  token,
  invited,
  present,
  first,
  onDone,
}: {
  token: string;
  invited: Invited;
  /** Who is signed in here already. */
  present: string | null;
  first: boolean;
  onDone: (authenticator: Authenticator) => void;
}): ReactElement {
  const now = useNow(NOW_EVERY_MS);
  const [name, setName] = useState(invited.name);
  const [password, setPassword] = useState("");
  const { problems, busy, submit } = useSubmission(async () => {
    const wrong = personProblems({ name, password });
    if (wrong.length > 0) return wrong;
    try {
      onDone(await server.call("enrolInvited", { body: { token, name, password } }));
      return [];
    } catch (thrown) {
      return [fieldProblem(problemOf(thrown), FIELDS)];
    }
  });
  return (
    <form className="stack" noValidate onSubmit={submit}>
      <JoinSteps at={0} />
      <ErrorSummary problems={problems} />
      <PageHeading
        heading={texts.title(invited.organisation)}
        failed={problems.length > 0}
        first={first || problems.length > 0}
      />
      <p>{texts.intro}</p>
      {present !== null && (
        <Notice tone="warn">
          <p>{texts.someoneElse(present)}</p>
        </Notice>
      )}
      <div className="card stack">
        <p>
          <Breakable text={texts.signIn(invited.address)} />
        </p>
        <div>
          <p>{texts.rolesLead}</p>
          <ul className="meanings">
            {invited.roles.map((role) => (
              <li key={role}>
                <strong>{members.role[role]}</strong>
                <span className="soft small">{members.roleMeans[role]}</span>
              </li>
            ))}
          </ul>
        </div>
        {/* Password managers keep the password under this address. */}
        <input type="email" name="address" autoComplete="username" value={invited.address} readOnly hidden />
        <Field
          id="name"
          label={texts.name}
          hint={texts.nameHint}
          autoComplete="name"
          value={name}
          onChange={setName}
          problems={problems}
        />
        <PasswordField
          id="password"
          label={texts.password}
          hint={texts.passwordHint(LIMITS.passwordMinLength)}
          autoComplete="new-password"
          value={password}
          onChange={setPassword}
          problems={problems}
        />
        <SubmitButton busy={busy} label={texts.next} busyLabel={texts.nextBusy} />
        <p className="soft small">
          {texts.until(dates.short(invited.expiresAt), dates.relative(invited.expiresAt, now))}
        </p>
      </div>
    </form>
  );
}

function personProblems(given: { name: string; password: string }): readonly FieldProblem[] {
  const { passwordMinLength: least, passwordMaxLength: most } = LIMITS;
  const wrong: FieldProblem[] = [];
  if (!displayName().safeParse(given.name).success) wrong.push({ field: "name", message: texts.nameWrong });
  const length = Array.from(given.password.normalize("NFC")).length;
  if (length < least) wrong.push({ field: "password", message: texts.passwordShort(least) });
  if (length > most) wrong.push({ field: "password", message: texts.passwordLong(most) });
  return wrong;
}
