/** XML: a clinical document as people read it, any other as a tree, and what is not XML as text. */
import { type ReactElement, useMemo, useState } from "react";
import { readClinicalDocument } from "./c-cda.ts";
import { ClinicalDocumentView } from "./c-cda-view.tsx";
import type { FormatViewProps } from "./format-view.ts";
import { ReadingPane } from "./reading-pane.tsx";
import { decodeText } from "./text.ts";
import { PlainText } from "./text-view.tsx";
import { texts } from "./texts.ts";
import { treeOrNull } from "./tree.ts";
import { TreeView } from "./tree-view.tsx";
import { readXml, xmlTree } from "./xml.ts";

export function XmlView(props: FormatViewProps): ReactElement {
  const { name, content, watermark, mayKeep } = props;
  const read = useMemo(() => {
    const root = treeOrNull(() => readXml(decodeText(content)));
    return root && { root, clinical: readClinicalDocument(root) };
  }, [content]);
  const [asTree, setAsTree] = useState(false);
  if (read === null) return <PlainText {...props} notice={texts.notWellFormed} />;
  const { root, clinical } = read;
  const above = clinical !== null && (
    <div className="row viewer-pages">
      <button type="button" className="button quiet small" onClick={() => setAsTree(!asTree)}>
        {asTree ? texts.clinical.readable : texts.clinical.source}
      </button>
    </div>
  );
  return (
    <ReadingPane
      key={String(asTree)}
      label={texts.textLabel(name)}
      watermark={watermark}
      mayKeep={mayKeep}
      above={above}
    >
      {clinical === null || asTree ? <TreeView root={xmlTree(root)} /> : <ClinicalDocumentView document={clinical} />}
    </ReadingPane>
  );
}
