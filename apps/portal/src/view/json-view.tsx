/** JSON as a tree; what is not JSON, as text. */
import { type ReactElement, useMemo } from "react";
import type { FormatViewProps } from "./format-view.ts";
import { readJson } from "./json.ts";
import { ReadingPane } from "./reading-pane.tsx";
import { decodeText } from "./text.ts";
import { PlainText } from "./text-view.tsx";
import { texts } from "./texts.ts";
import { treeOrNull } from "./tree.ts";
import { TreeView } from "./tree-view.tsx";

export function JsonView(props: FormatViewProps): ReactElement {
  const { name, content, watermark, mayKeep } = props;
  const root = useMemo(() => treeOrNull(() => readJson(decodeText(content))), [content]);
  if (root === null) return <PlainText {...props} notice={texts.notWellFormed} />;
  return (
    <ReadingPane label={texts.textLabel(name)} watermark={watermark} mayKeep={mayKeep}>
      <TreeView root={root} />
    </ReadingPane>
  );
}
