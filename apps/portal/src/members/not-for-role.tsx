/** What stands in the place of a page that the member's roles do not include: who does it, and where to go instead. */
import type { ReactElement } from "react";
import { PageHeading } from "../elements/page.tsx";
import { texts } from "./texts.ts";

const PLACES = {
  members: { title: texts.title, words: texts.askAdministrator, href: "/", label: texts.toTransfers },
  transfers: { title: texts.transfersTitle, words: texts.noTransfers, href: "/members", label: texts.toMembers },
  audit: { title: texts.auditTitle, words: texts.noAudit, href: "/", label: texts.toTransfers },
} as const;

export function NotForRole({ page, first }: { page: keyof typeof PLACES; first: boolean }): ReactElement {
  const { title, words, href, label } = PLACES[page];
  return (
    <div className="stack">
      <PageHeading heading={title} first={first} />
      <p>{words}</p>
      <p>
        <a className="button" href={href}>
          {label}
        </a>
      </p>
    </div>
  );
}
