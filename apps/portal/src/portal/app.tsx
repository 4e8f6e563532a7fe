/** The portal's frame: who is signed in, which page, what around it. */
import { lazy, type ReactElement, Suspense, useEffect, useState } from "react";
import { type DeviceSlot, DeviceSlotContext, emptySlot } from "../device/device-slot.ts";
import { InstanceContext, useReadInstance } from "../elements/instance.ts";
import type { TellLanguage } from "../elements/language-choice.tsx";
import { Notice } from "../elements/notice.tsx";
import { Page, PageHeading } from "../elements/page.tsx";
import { problemOf } from "../elements/problems.ts";
import { texts as shared } from "../elements/texts.ts";
import { Header } from "./header.tsx";
import { MailboxPage } from "./mailbox-page.tsx";
import { isPageFor } from "./page-roles.ts";
import { openPage, type PageName, pageOf, usePage } from "./routing.ts";
import { LockScreen } from "../sessions/lock-screen.tsx";
import { lockState, unlockPage, useLockState } from "../sessions/lock-state.ts";
import { tellPages, useGuard } from "../sessions/guard.ts";
import { SessionNotices } from "../sessions/session-notices.tsx";
import { server } from "./server.ts";
import { isSignedOut, type Session, SessionContext, type SessionKeeper } from "./session.ts";
import { SetupPage } from "./setup-page.tsx";
import { SignInPage } from "./sign-in-page.tsx";
import { texts } from "./texts.ts";
import { TokensPage } from "./tokens-page.tsx";
import { useUpload } from "../send/upload-slot.ts";

const SendPage = lazy(async () => ({ default: (await import("../send/send-page.tsx")).SendPage }));
const UploadBar = lazy(async () => ({ default: (await import("../send/upload-bar.tsx")).UploadBar }));
const AuditPage = lazy(async () => ({ default: (await import("../audit/audit-page.tsx")).AuditPage }));
const HistoryPage = lazy(async () => ({ default: (await import("../audit/history-page.tsx")).HistoryPage }));
const CertificatePage = lazy(async () => ({
  default: (await import("../audit/certificate-page.tsx")).CertificatePage,
}));
const MembersPage = lazy(async () => ({ default: (await import("../members/members-page.tsx")).MembersPage }));
const NotForRole = lazy(async () => ({ default: (await import("../members/not-for-role.tsx")).NotForRole }));
const JoinPage = lazy(async () => ({ default: (await import("../join/join-page.tsx")).JoinPage }));
const TransfersPage = lazy(async () => ({
  default: (await import("../transfers/transfers-page.tsx")).TransfersPage,
}));
const AccountPage = lazy(async () => ({ default: (await import("../account/account-page.tsx")).AccountPage }));

/** Mails to a member are in the language in which they read the portal. */
const tellLanguage: TellLanguage = (language) => server.call("chooseLanguage", { body: { language } });

const NARROW: ReadonlySet<PageName> = new Set(["setup", "join", "sign-in", "not-found"]);
const MEMBERS_ONLY: ReadonlySet<PageName> = new Set([
  "send",
  "transfers",
  "tokens",
  "account",
  "members",
  "audit",
  "history",
  "certificate",
]);

export function App(): ReactElement {
  const { instance, reread } = useReadInstance(server);
  const { page, first } = usePage();
  const [session, setSession] = useState<Session>({ state: "unknown" });
  const [why, setWhy] = useState<SessionKeeper["why"]>(null);
  const [unreachable, setUnreachable] = useState<string | null>(null);

  const upload = useUpload();
  const [deviceSlot] = useState<DeviceSlot>(() => ({ keeper: null }));
  const [returnTo, setReturnTo] = useState("/");
  const hidden = useLockState() !== "open" && session.state !== "out";
  const guard = useGuard(session.state === "in" || hidden, (reason) => leave(reason, { isTold: true }));

  const asking = session.state === "unknown" && unreachable === null && !hidden;
  useEffect(() => {
    if (!asking) return undefined;
    let stopped = false;
    server.call("me").then(
      (who) => {
        if (!stopped) setSession({ state: "in", who });
      },
      (thrown: unknown) => {
        if (stopped) return;
        const problem = problemOf(thrown);
        if (isSignedOut(problem)) {
          setReturnTo(placeToReturn());
          setSession({ state: "out" });
        }
        // Locked: it is asked again once somebody has unlocked it.
        else if (lockState() === "open") setUnreachable(problem.message);
      },
    );
    return () => {
      stopped = true;
    };
  }, [asking]);

  const keeper: SessionKeeper = {
    session,
    why,
    signedIn(who) {
      setWhy(null);
      setSession({ state: "in", who });
    },
    signedOut: (reason) => leave(reason),
    returnTo,
  };
  const isOut = session.state === "out";
  useEffect(() => {
    if (isOut) emptySlot(deviceSlot);
  }, [isOut, deviceSlot]);

  /** `isTold`: by another page, or by the server while nobody asked; the page that was open is left then. */
  function leave(reason: SessionKeeper["why"], { isTold = false } = {}): void {
    if (reason === "left" && !isTold) tellPages("left");
    setReturnTo(reason === "left" ? "/" : placeToReturn());
    setWhy(reason);
    setSession({ state: "out" });
    unlockPage();
  }
  const locked = MEMBERS_ONLY.has(page) && session.state === "out";
  useEffect(() => {
    if (locked) openPage("/sign-in");
  }, [locked]);

  function retry(): void {
    setUnreachable(null);
    reread();
  }

  return (
    <InstanceContext value={instance}>
      <SessionContext value={keeper}>
        <div className="app-frame" hidden={hidden}>
          <Page
            home="/"
            header={<Header page={page} />}
            onLanguage={session.state === "in" ? tellLanguage : undefined}
            notice={
              upload.name !== "none" && (
                <Suspense fallback={null}>
                  <UploadBar upload={upload} keeper={keeper} isHidden={page === "send"} />
                </Suspense>
              )
            }
            narrow={NARROW.has(page)}
          >
            {unreachable === null ? (
              <DeviceSlotContext value={deviceSlot}>
                <Suspense fallback={<p role="status">{texts.loading}</p>}>
                  <Content page={page} first={first} session={session} reread={reread} />
                </Suspense>
              </DeviceSlotContext>
            ) : (
              <div className="stack">
                <PageHeading heading={shared.problemHeading} failed />
                <Notice tone="bad">
                  <p>{unreachable}</p>
                  <button type="button" className="button quiet small" onClick={retry}>
                    {shared.tryAgain}
                  </button>
                </Notice>
              </div>
            )}
          </Page>
        </div>
        {hidden ? <LockScreen /> : <SessionNotices guard={guard} />}
      </SessionContext>
    </InstanceContext>
  );
}

/** Where a sign-in that was asked for in between leads back to. */
const placeToReturn = (): string => (MEMBERS_ONLY.has(pageOf(location.pathname)) ? location.pathname : "/");

function Content({
  page,
  first,
  session,
  reread,
}: {
  page: PageName;
  first: boolean;
  session: Session;
  reread: () => void;
}): ReactElement {
  if (MEMBERS_ONLY.has(page) && session.state !== "in") return <p role="status">{texts.loading}</p>;
  const roles = session.state === "in" ? session.who.member.roles : null;
  if (roles !== null && (page === "transfers" || page === "members" || page === "audit") && !isPageFor(page, roles))
    return <NotForRole page={page} first={first} />;
  switch (page) {
    case "send":
      return <SendPage first={first} />;
    case "transfers":
      return <TransfersPage first={first} />;
    case "tokens":
      return <TokensPage first={first} />;
    case "account":
      return <AccountPage first={first} />;
    case "members":
      return <MembersPage first={first} />;
    case "join":
      return <JoinPage first={first} />;
    case "audit":
      return <AuditPage first={first} />;
    case "history":
      return <HistoryPage first={first} />;
    case "certificate":
      return <CertificatePage first={first} />;
    case "setup":
      return <SetupPage first={first} reread={reread} />;
    case "sign-in":
      return <SignInPage first={first} />;
    case "mailbox":
      return <MailboxPage first={first} />;
    case "not-found":
      return <NotFound />;
  }
}

function NotFound(): ReactElement {
  return (
    <div className="stack">
      <PageHeading heading={texts.notFound.title} />
      <p>{texts.notFound.body}</p>
      <p>
        <a href="/">{texts.notFound.home}</a>
      </p>
    </div>
  );
}
