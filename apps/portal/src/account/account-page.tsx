/** "Your account": who one is here, and below it one section after the other, each a file of its own. */
import "./account.css";
import type { ReactElement } from "react";
import { Breakable } from "../elements/breakable.tsx";
import { PageHeading } from "../elements/page.tsx";
import { useSession } from "../portal/session.ts";
import { SessionsSection } from "../sessions/sessions-section.tsx";
import { DevicesSection } from "./devices-section.tsx";
import { SigningInSections } from "./signing-in-sections.tsx";
import { texts } from "./texts.ts";

export function AccountPage({ first }: { first: boolean }): ReactElement | null {
  const { session } = useSession();
  if (session.state !== "in") return null;
  const { member, organisation } = session.who;
  return (
    <div className="stack account">
      <div className="stack-tight">
        <PageHeading heading={texts.title} first={first} />
        <p className="soft">
          {member.name} · {organisation.name} · <Breakable text={member.address} />
        </p>
      </div>
      <DevicesSection />
      <SigningInSections address={member.address} />
      <SessionsSection />
    </div>
  );
}
