/** Any text as it stands, in pages of lines. Markup in it is text too. */
import { type ReactElement, useMemo, useState } from "react";
import { CannotShow, type FormatViewProps } from "./format-view.ts";
import { Pages } from "./pages.tsx";
import { ReadingPane } from "./reading-pane.tsx";
import { decodeText, PAGE_LINES, textLines } from "./text.ts";
import { texts } from "./texts.ts";

export function TextView(props: FormatViewProps): ReactElement {
  return <PlainText {...props} notice={null} />;
}

/** `notice` says why a file is shown as text that could have been more. */
export function PlainText({
  name,
  content,
  watermark,
  mayKeep,
  notice,
}: FormatViewProps & { readonly notice: string | null }): ReactElement {
  const { lines, isCut } = useMemo(() => {
    if (content.length === 0) throw new CannotShow("empty");
    return textLines(decodeText(content));
  }, [content]);
  const [page, setPage] = useState(0);
  const shown = lines.slice(page * PAGE_LINES, (page + 1) * PAGE_LINES);
  const above = (
    <>
      {notice !== null && <p className="viewer-note">{notice}</p>}
      {isCut && <p className="viewer-note">{texts.linesCut}</p>}
      <Pages page={page} count={Math.ceil(lines.length / PAGE_LINES)} onPage={setPage} />
    </>
  );
  return (
    <ReadingPane key={page} label={texts.textLabel(name)} watermark={watermark} mayKeep={mayKeep} above={above}>
      <pre className="plain-text">{shown.join("\n")}</pre>
    </ReadingPane>
  );
}
