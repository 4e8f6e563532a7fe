/** The window of formats that are read: it scrolls under the watermark, takes the keys, and can forbid that text is selected. */
import type { ReactElement, ReactNode } from "react";
import type { Watermark } from "./watermark.ts";
import { WatermarkLayer } from "./watermark-layer.tsx";

export interface ReadingPaneProps {
  readonly label: string;
  readonly watermark: Watermark;
  readonly mayKeep: boolean;
  /** Above what scrolls: notices, pages. */
  readonly above?: ReactNode;
  readonly children: ReactNode;
}

export function ReadingPane({ label, watermark, mayKeep, above, children }: ReadingPaneProps): ReactElement {
  const keep = mayKeep ? undefined : (event: { preventDefault: () => void }) => event.preventDefault();
  return (
    <>
      {above}
      <div className="reading">
        {/* Focusable, so that the keyboard scrolls it (WCAG 2.1.1). */}
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
        <section
          className={mayKeep ? "reading-scroll" : "reading-scroll view-only"}
          aria-label={label}
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          tabIndex={0}
          onCopy={keep}
          onDragStart={keep}
        >
          {children}
        </section>
        <WatermarkLayer watermark={watermark} />
      </div>
    </>
  );
}
