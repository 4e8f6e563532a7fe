/** The frame of every page: skip link, evaluation banner, header, main. And how a page says that it changed. */
import { type ReactElement, type ReactNode, type RefObject, useEffect, useRef } from "react";
import { useInstance } from "./instance.ts";
import { LanguageChoice, type TellLanguage } from "./language-choice.tsx";
import { Mark } from "./mark.tsx";
import { texts } from "./texts.ts";

export interface PageProps {
  /** Beside the brand: navigation and who is signed in. */
  readonly header?: ReactNode;
  /** Below the header, above the page: what goes on whatever page is shown. */
  readonly notice?: ReactNode;
  /** Where the brand leads; null on pages that lead nowhere else. */
  readonly home: string | null;
  readonly narrow?: boolean;
  /** What must stand in the address when the page loads again in another language; absent: what stands there. */
  readonly address?: string | undefined;
  /** Told of a language that is chosen, before the page loads again. */
  readonly onLanguage?: TellLanguage | undefined;
  readonly children: ReactNode;
}

export function Page({ header, notice, home, narrow = false, address, onLanguage, children }: PageProps): ReactElement {
  const brand = (
    <>
      <Mark />
      {texts.product}
    </>
  );
  return (
    <>
      <a className="skip" href="#content" onClick={focusContent}>
        {texts.skip}
      </a>
      <EvaluationBanner />
      <header className="top">
        {home === null ? (
          <span className="brand">{brand}</span>
        ) : (
          <a className="brand" href={home}>
            {brand}
          </a>
        )}
        {header}
      </header>
      {notice}
      <main id="content" tabIndex={-1} className={narrow ? "narrow" : undefined}>
        {children}
      </main>
      <footer className="bottom">
        <LanguageChoice address={address} tell={onLanguage} />
      </footer>
    </>
  );
}

/** Moves focus without touching the address: on the recipient's page the fragment is not ours to change. */
function focusContent(event: { preventDefault: () => void }): void {
  event.preventDefault();
  document.getElementById("content")?.focus();
}

function EvaluationBanner(): ReactElement | null {
  const instance = useInstance();
  if (instance?.evaluation !== true) return null;
  return (
    <aside className="banner">
      <p>
        {texts.evaluation}{" "}
        {instance.mailboxUrl !== null && (
          <a href={instance.mailboxUrl} target="_blank" rel="noreferrer">
            {texts.evaluationMailbox}
          </a>
        )}
      </p>
    </aside>
  );
}

/**
 * The heading of a page or step. Sets the title and takes the focus when `heading` changes after the first page,
 * which is how someone who does not see the page learns that it changed.
 */
export function PageHeading({
  heading,
  failed = false,
  first = false,
}: {
  heading: string;
  failed?: boolean;
  /** True on the page that the browser itself loaded: it has announced that one already. */
  first?: boolean;
}): ReactElement {
  const element: RefObject<HTMLHeadingElement | null> = useRef(null);
  usePageTitle(heading, failed);
  const announced = useRef<string | null>(null);
  useEffect(() => {
    if (!first && announced.current !== heading) element.current?.focus();
    announced.current = heading;
  }, [heading, first]);
  return (
    <h1 ref={element} tabIndex={-1}>
      {heading}
    </h1>
  );
}

function usePageTitle(heading: string, failed: boolean): void {
  useEffect(() => {
    const title = texts.title(heading);
    document.title = failed ? texts.errorTitle(title) : title;
  }, [heading, failed]);
}
