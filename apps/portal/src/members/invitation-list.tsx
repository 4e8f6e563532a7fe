/** Invitations that are open, with what became of their mail. */
import { type ReactElement, useState } from "react";
import type { Problem } from "@safeconduct/foundation";
import { Breakable } from "../elements/breakable.tsx";
import { useNow } from "../elements/clock.ts";
import { Notice } from "../elements/notice.tsx";
import { problemOf } from "../elements/problems.ts";
import { dates } from "../elements/words.ts";
import { ConfirmDialog } from "../portal/confirm-dialog.tsx";
import { server } from "../portal/server.ts";
import { leaveIfSignedOut, useSession } from "../portal/session.ts";
import type { MemberList } from "./answers.ts";
import { RoleTags } from "./role-choice.tsx";
import { texts } from "./texts.ts";

const NOW_EVERY_MS = 20_000;
type Invitation = MemberList["invitations"][number];

export function InvitationList({
  invitations,
  onDone,
}: {
  invitations: readonly Invitation[];
  onDone: (words: string) => void;
}): ReactElement {
  const keeper = useSession();
  const now = useNow(NOW_EVERY_MS);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [withdrawing, setWithdrawing] = useState<Invitation | null>(null);

  async function resend({ id, name }: Invitation): Promise<void> {
    setProblem(null);
    try {
      await server.call("resendInvitation", { path: { invitation: id } });
      onDone(texts.again(name));
    } catch (thrown) {
      const found = problemOf(thrown);
      if (!leaveIfSignedOut(keeper, found)) setProblem(found);
    }
  }

  return (
    <>
      {problem !== null && (
        <Notice tone="bad">
          <p>{problem.message}</p>
        </Notice>
      )}
      {invitations.length === 0 && <p className="soft">{texts.noInvitations}</p>}
      <ul className="people">
        {invitations.map((invitation) => (
          <li key={invitation.id}>
            <div className="stack-tight">
              <h3>
                {invitation.name} <StateTag invitation={invitation} now={now} />
              </h3>
              <p className="soft small">
                <Breakable text={invitation.address} />
              </p>
              <RoleTags roles={invitation.roles} />
              <p className="soft small">{stateWords(invitation, now)}</p>
            </div>
            <div className="row">
              <button
                type="button"
                className="button quiet small"
                aria-label={texts.resendLabel(invitation.name)}
                onClick={() => void resend(invitation)}
              >
                {texts.resend}
              </button>
              <button
                type="button"
                className="button quiet small bad"
                aria-label={texts.withdrawLabel(invitation.name)}
                onClick={() => setWithdrawing(invitation)}
              >
                {texts.withdraw}
              </button>
            </div>
          </li>
        ))}
      </ul>
      {withdrawing !== null && (
        <ConfirmDialog
          title={texts.withdrawTitle(withdrawing.name)}
          action={texts.withdrawNow}
          actionBusy={texts.withdrawing}
          onConfirm={async () => {
            await server.call("withdrawInvitation", { path: { invitation: withdrawing.id } });
            onDone(texts.withdrawn(withdrawing.name));
          }}
          onClose={() => setWithdrawing(null)}
        >
          <p>{texts.withdrawEffect}</p>
        </ConfirmDialog>
      )}
    </>
  );
}

type State = "waiting" | "expired" | "undelivered";

function stateOf({ undeliveredAt, expiresAt }: Invitation, now: number): State {
  if (undeliveredAt !== null) return "undelivered";
  return now < expiresAt ? "waiting" : "expired";
}

const TAGS = {
  waiting: ["tag plain", texts.waitingTag],
  expired: ["tag warn", texts.expiredTag],
  undelivered: ["tag bad", texts.undeliveredTag],
} as const satisfies Record<State, readonly [string, string]>;

function StateTag({ invitation, now }: { invitation: Invitation; now: number }): ReactElement {
  const [className, words] = TAGS[stateOf(invitation, now)];
  return <span className={className}>{words}</span>;
}

function stateWords(invitation: Invitation, now: number): string {
  const { expiresAt, undeliveredAt } = invitation;
  switch (stateOf(invitation, now)) {
    case "waiting":
      return texts.waiting(dates.short(expiresAt), dates.relative(expiresAt, now));
    case "expired":
      return texts.expired(dates.short(expiresAt));
    case "undelivered":
      return texts.undelivered(dates.short(undeliveredAt ?? expiresAt));
  }
}
