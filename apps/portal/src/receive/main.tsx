/** Entry of the recipient's page, kept small: it opens on any telephone, from a link in a mail. */
import "@fontsource-variable/atkinson-hyperlegible-mono/wght.css";
import "@fontsource-variable/atkinson-hyperlegible-next/wght.css";
import { parseLink } from "@safeconduct/client";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ErrorBoundary } from "../elements/error-boundary.tsx";
import { language } from "../elements/language.ts";
import { loadProblemWords } from "../elements/problem-words.ts";
import { CannotShow } from "../view/format-view.ts";
import { App } from "./app.tsx";

document.documentElement.lang = language;
const root = document.getElementById("root");
if (root === null) throw new Error("the page has no root");
await loadProblemWords();
const page = createRoot(root, {
  // A file that cannot be shown is told in the viewer; it is no mistake of the page.
  onCaughtError: (error) => {
    if (!(error instanceof CannotShow)) reportError(error);
  },
});
let shown = 0;

/** Shows the link of the address bar. Its secret leaves the bar and the history at once. */
function show(): void {
  const link = parseLink(location.href);
  if (location.hash !== "") history.replaceState(null, "", location.pathname);
  shown++;
  page.render(
    <StrictMode>
      <ErrorBoundary>
        <App key={shown} link={link} />
      </ErrorBoundary>
    </StrictMode>,
  );
}

show();
// Another link pasted into the same tab changes only the fragment, which loads nothing.
addEventListener("hashchange", () => {
  if (location.hash !== "") show();
});
