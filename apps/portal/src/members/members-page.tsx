/** Members and invitations, for administrators: invite, change roles, remove. */
import "./members.css";
import type { MemberRole } from "@safeconduct/contract";
import { type ReactElement, useState } from "react";
import { Breakable } from "../elements/breakable.tsx";
import { useNow } from "../elements/clock.ts";
import { Notice } from "../elements/notice.tsx";
import { PageHeading } from "../elements/page.tsx";
import type { FieldProblem } from "../elements/problems.ts";
import { dates } from "../elements/words.ts";
import { ConfirmDialog } from "../portal/confirm-dialog.tsx";
import { useFresh } from "../portal/fresh.ts";
import { server } from "../portal/server.ts";
import { leaveIfSignedOut, useSession } from "../portal/session.ts";
import { texts as portal } from "../portal/texts.ts";
import { isLastOfficer, type Member } from "./answers.ts";
import { InvitationList } from "./invitation-list.tsx";
import { InviteForm } from "./invite-form.tsx";
import { RoleChoice, RoleTags } from "./role-choice.tsx";
import { texts } from "./texts.ts";

const NOW_EVERY_MS = 20_000;
const ROLES_FIELD = "change-roles";

export function MembersPage({ first }: { first: boolean }): ReactElement | null {
  const keeper = useSession();
  const [isInviting, setIsInviting] = useState(false);
  const [done, setDone] = useState<string | null>(null);
  const list = useFresh((signal) => server.call("listMembers", { signal }), {
    onProblem: (problem) => leaveIfSignedOut(keeper, problem),
  });
  if (keeper.session.state !== "in") return null;
  const own = keeper.session.who.member.id;

  function told(words: string): void {
    setDone(words);
    list.readNow();
  }

  return (
    <div className="stack members">
      <PageHeading heading={texts.title} first={first} />
      <p className="soft">{texts.intro}</p>
      {list.value?.members.length === 1 && (
        <Notice tone="note">
          <p>{texts.alone}</p>
        </Notice>
      )}
      <div role="status">
        {done !== null && (
          <Notice tone="good">
            <p>{done}</p>
          </Notice>
        )}
      </div>
      {isInviting ? (
        <InviteForm
          onInvited={(name) => {
            setIsInviting(false);
            told(texts.invited(name));
          }}
          onCancel={() => setIsInviting(false)}
        />
      ) : (
        <p>
          <button
            type="button"
            className="button"
            onClick={() => {
              setDone(null);
              setIsInviting(true);
            }}
          >
            {texts.invite}
          </button>
        </p>
      )}
      {list.problem !== null && (
        <Notice tone="bad">
          <p>{list.problem.message}</p>
        </Notice>
      )}
      {list.value === null && list.problem === null && <p role="status">{portal.loading}</p>}
      {list.value !== null && (
        <>
          <section className="card stack-tight">
            <h2>{texts.listHeading}</h2>
            <MemberItems members={list.value.members} own={own} onDone={told} />
          </section>
          <section className="card stack-tight">
            <h2>{texts.invitationsHeading}</h2>
            <InvitationList invitations={list.value.invitations} onDone={told} />
          </section>
        </>
      )}
    </div>
  );
}

function MemberItems({
  members,
  own,
  onDone,
}: {
  members: readonly Member[];
  own: string;
  onDone: (words: string) => void;
}): ReactElement {
  const now = useNow(NOW_EVERY_MS);
  const [changing, setChanging] = useState<Member | null>(null);
  const [leaving, setLeaving] = useState<Member | null>(null);
  return (
    <>
      <ul className="people">
        {members.map((member) => (
          <li key={member.id}>
            <div className="stack-tight">
              <h3>
                {member.name} {member.id === own && <span className="soft small">({texts.you})</span>}
              </h3>
              <p className="soft small">
                <Breakable text={member.address} />
              </p>
              <RoleTags roles={member.roles} />
              <p className="soft small">
                {member.seenAt === null
                  ? texts.neverSeen
                  : texts.seen(dates.relative(member.seenAt, Math.max(now, member.seenAt)), dates.short(member.seenAt))}
              </p>
            </div>
            {member.id === own ? (
              <p className="soft small">{texts.ownRoles}</p>
            ) : (
              <div className="row">
                <button
                  type="button"
                  className="button quiet small"
                  aria-label={texts.changeLabel(member.name)}
                  onClick={() => setChanging(member)}
                >
                  {texts.change}
                </button>
                <button
                  type="button"
                  className="button quiet small bad"
                  aria-label={texts.removeLabel(member.name)}
                  onClick={() => setLeaving(member)}
                >
                  {texts.remove}
                </button>
              </div>
            )}
          </li>
        ))}
      </ul>
      {changing !== null && (
        <RolesDialog
          member={changing}
          isLast={isLastOfficer(members, changing)}
          onChanged={() => onDone(texts.changed(changing.name))}
          onClose={() => setChanging(null)}
        />
      )}
      {leaving !== null && (
        <ConfirmDialog
          title={texts.removeTitle(leaving.name)}
          action={texts.removeNow}
          actionBusy={texts.removing}
          onConfirm={async () => {
            await server.call("removeMember", { path: { member: leaving.id } });
            onDone(texts.removed(leaving.name));
          }}
          onClose={() => setLeaving(null)}
        >
          <p>{texts.removeEffect}</p>
          {isLastOfficer(members, leaving) ? <LastOfficer /> : <p>{texts.removeTransfers}</p>}
          <p>{texts.removeUndo}</p>
        </ConfirmDialog>
      )}
    </>
  );
}

const LastOfficer = (): ReactElement => (
  <Notice tone="bad">
    <p>{texts.lastOfficer}</p>
  </Notice>
);

function RolesDialog({
  member,
  isLast,
  onChanged,
  onClose,
}: {
  member: Member;
  isLast: boolean;
  onChanged: () => void;
  onClose: () => void;
}): ReactElement {
  const [roles, setRoles] = useState<readonly MemberRole[]>(member.roles);
  const [problems, setProblems] = useState<readonly FieldProblem[]>([]);
  return (
    <ConfirmDialog
      title={texts.changeTitle(member.name)}
      action={texts.save}
      actionBusy={texts.saving}
      isHarmless
      onConfirm={async () => {
        setProblems([]);
        if (roles.length === 0) {
          setProblems([{ field: ROLES_FIELD, message: texts.rolesWrong }]);
          document.getElementById(ROLES_FIELD)?.focus();
          return false;
        }
        await server.call("changeRoles", { path: { member: member.id }, body: { roles: [...roles] } });
        onChanged();
        return undefined;
      }}
      onClose={onClose}
    >
      <RoleChoice id={ROLES_FIELD} chosen={roles} onChange={setRoles} problems={problems} />
      {isLast && !roles.includes("compliance-officer") && <LastOfficer />}
    </ConfirmDialog>
  );
}
