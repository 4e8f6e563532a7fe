/** Navigation and who is signed in. */
import type { ReactElement } from "react";
import { useInstance } from "../elements/instance.ts";
import { problemOf } from "../elements/problems.ts";
import { AttentionBadge } from "../transfers/attention-badge.tsx";
import { isPageFor } from "./page-roles.ts";
import { openPage, type PageName } from "./routing.ts";
import { server } from "./server.ts";
import { isSignedOut, useSession } from "./session.ts";
import { texts } from "./texts.ts";

export function Header({ page }: { page: PageName }): ReactElement | null {
  const { session, signedOut } = useSession();
  const evaluation = useInstance()?.evaluation === true;
  if (session.state !== "in") return null;

  async function leave(): Promise<void> {
    try {
      await server.call("signOut");
    } catch (thrown) {
      // Without an answer the session may still be open: stay, so that the person does not believe otherwise.
      if (!isSignedOut(problemOf(thrown))) return;
    }
    signedOut("left");
    openPage("/sign-in");
  }

  const { roles } = session.who.member;
  const links: readonly (readonly [string, PageName, string])[] = [
    ["/send", "send", texts.nav.send],
    ["/", "transfers", texts.nav.transfers],
    ["/audit", "audit", texts.nav.audit],
    ["/members", "members", texts.nav.members],
    ["/tokens", "tokens", texts.nav.tokens],
    ...(evaluation ? ([["/mailbox", "mailbox", texts.nav.mailbox]] as const) : []),
  ];
  return (
    <>
      <nav aria-label={texts.nav.label}>
        {links
          .filter(([, name]) => isPageFor(name, roles))
          .map(([href, name, label]) => (
            <a key={name} href={href} aria-current={name === page ? "page" : undefined}>
              {label}
              {name === "transfers" && <AttentionBadge />}
            </a>
          ))}
      </nav>
      <div className="who">
        <a className="name" href="/account" aria-current={page === "account" ? "page" : undefined}>
          <span className="long">
            {session.who.organisation.name} · {session.who.member.name}
          </span>
          <span className="short">{texts.nav.account}</span>
        </a>
        <button type="button" className="button quiet small" onClick={() => void leave()}>
          {texts.signOut}
        </button>
      </div>
    </>
  );
}
