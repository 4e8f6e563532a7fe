/** Which page an address shows. Links are ordinary links; a click on one stays in the page where it can. */
import { useEffect, useState } from "react";

/** The addresses that are pages. The server answers 200 for these and 404, with the same document, for others. */
export const PAGES = {
  "/": "transfers",
  "/send": "send",
  "/tokens": "tokens",
  "/account": "account",
  "/members": "members",
  "/audit": "audit",
  "/history": "history",
  "/certificate": "certificate",
  "/setup": "setup",
  "/join": "join",
  "/sign-in": "sign-in",
  "/mailbox": "mailbox",
} as const;

export type PageName = (typeof PAGES)[keyof typeof PAGES] | "not-found";

export function pageOf(path: string): PageName {
  return Object.hasOwn(PAGES, path) ? PAGES[path as keyof typeof PAGES] : "not-found";
}

const CHANGED = "portal-page-changed";

/** `state` stays with this step of the browser's history, and never stands in the address. */
export function openPage(path: string, state: unknown = null): void {
  history.pushState(state, "", path);
  dispatchEvent(new Event(CHANGED));
  scrollTo(0, 0);
}

/** The page now shown, and whether the browser itself loaded it. */
export function usePage(): { page: PageName; first: boolean } {
  const [shown, setShown] = useState(() => ({ page: pageOf(location.pathname), first: true }));
  useEffect(() => {
    const read = (): void => setShown({ page: pageOf(location.pathname), first: false });
    addEventListener("popstate", read);
    addEventListener(CHANGED, read);
    document.addEventListener("click", followInside);
    return () => {
      removeEventListener("popstate", read);
      removeEventListener(CHANGED, read);
      document.removeEventListener("click", followInside);
    };
  }, []);
  return shown;
}

/** Plain clicks on links to our own pages; everything else (new tab, other origin, download) is the browser's. */
function followInside(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    return;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (link === null || link.target !== "" || link.hasAttribute("download")) return;
  if (link.origin !== location.origin || link.hash !== "" || pageOf(link.pathname) === "not-found") return;
  event.preventDefault();
  openPage(link.pathname + link.search);
}
