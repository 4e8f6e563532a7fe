/** Entry of the members' portal. */
import "@fontsource-variable/atkinson-hyperlegible-mono/wght.css";
import "@fontsource-variable/atkinson-hyperlegible-next/wght.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ErrorBoundary } from "../elements/error-boundary.tsx";
import { language } from "../elements/language.ts";
import { loadProblemWords } from "../elements/problem-words.ts";
import { App } from "./app.tsx";

document.documentElement.lang = language;
const root = document.getElementById("root");
if (root === null) throw new Error("the page has no root");
await loadProblemWords();
createRoot(root).render(
  <StrictMode>
    <ErrorBoundary>
      <App />
    </ErrorBoundary>
  </StrictMode>,
);
