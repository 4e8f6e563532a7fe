/** Invites somebody: address, name, roles. */
import { displayName, mailAddress, type MemberRole } from "@safeconduct/contract";
import { type ReactElement, type RefObject, useEffect, useRef, useState } from "react";
import { ErrorSummary, Field, SubmitButton, useSubmission } from "../elements/form.tsx";
import { type FieldProblem, fieldProblem, problemOf } from "../elements/problems.ts";
import { texts as shared } from "../elements/texts.ts";
import { server } from "../portal/server.ts";
import { leaveIfSignedOut, useSession } from "../portal/session.ts";
import { RoleChoice } from "./role-choice.tsx";
import { texts } from "./texts.ts";

const FIELDS = { "/address": "invite-address", "/name": "invite-name", "/roles": "invite-roles" } as const;

export function InviteForm({
  onInvited,
  onCancel,
}: {
  onInvited: (name: string) => void;
  onCancel: () => void;
}): ReactElement {
  const keeper = useSession();
  const [address, setAddress] = useState("");
  const [name, setName] = useState("");
  const [roles, setRoles] = useState<readonly MemberRole[]>(["sender"]);
  const heading: RefObject<HTMLHeadingElement | null> = useRef(null);
  useEffect(() => heading.current?.focus(), []);
  const { problems, busy, submit } = useSubmission(async () => {
    const wrong = invitationProblems({ address, name, roles });
    if (wrong.length > 0) return wrong;
    try {
      const invited = await server.call("inviteMember", { body: { address, name, roles: [...roles] } });
      onInvited(invited.name);
      return [];
    } catch (thrown) {
      const problem = problemOf(thrown);
      return leaveIfSignedOut(keeper, problem) ? [] : [fieldProblem(problem, FIELDS)];
    }
  });
  return (
    <form className="card stack" noValidate onSubmit={submit}>
      <ErrorSummary problems={problems} />
      <h2 ref={heading} tabIndex={-1}>
        {texts.inviteHeading}
      </h2>
      <p className="soft">{texts.inviteIntro}</p>
      <Field
        id={FIELDS["/address"]}
        type="email"
        inputMode="email"
        label={texts.address}
        hint={texts.addressHint}
        autoComplete="off"
        value={address}
        onChange={setAddress}
        problems={problems}
      />
      <Field
        id={FIELDS["/name"]}
        label={texts.name}
        hint={texts.nameHint}
        autoComplete="off"
        value={name}
        onChange={setName}
        problems={problems}
      />
      <RoleChoice id={FIELDS["/roles"]} chosen={roles} onChange={setRoles} problems={problems} />
      <div className="row">
        <SubmitButton busy={busy} label={texts.send} busyLabel={texts.sending} />
        <button type="button" className="button quiet" onClick={onCancel}>
          {shared.cancel}
        </button>
      </div>
    </form>
  );
}

function invitationProblems(given: {
  address: string;
  name: string;
  roles: readonly MemberRole[];
}): readonly FieldProblem[] {
  const wrong: FieldProblem[] = [];
  if (!mailAddress.safeParse(given.address).success)
    wrong.push({ field: FIELDS["/address"], message: texts.addressWrong });
  if (!displayName().safeParse(given.name).success) wrong.push({ field: FIELDS["/name"], message: texts.nameWrong });
  if (given.roles.length === 0) wrong.push({ field: FIELDS["/roles"], message: texts.rolesWrong });
  return wrong;
}
