/** Leafing through what is too long for one page. */
import type { ReactElement } from "react";
import { texts } from "./texts.ts";

const words = texts.pages;

export interface PagesProps {
  /** From 0. */
  readonly page: number;
  readonly count: number;
  readonly onPage: (page: number) => void;
}

/** Nothing where there is one page. */
export function Pages({ page, count, onPage }: PagesProps): ReactElement | null {
  if (count <= 1) return null;
  const turn = (to: number): void => {
    if (to >= 0 && to < count) onPage(to);
  };
  return (
    <nav className="row viewer-pages" aria-label={words.label}>
      <button type="button" className="button quiet small" aria-disabled={page === 0} onClick={() => turn(page - 1)}>
        {words.previous}
      </button>
      <span role="status">{words.at(page + 1, count)}</span>
      <button
        type="button"
        className="button quiet small"
        aria-disabled={page === count - 1}
        onClick={() => turn(page + 1)}
      >
        {words.next}
      </button>
    </nav>
  );
}
