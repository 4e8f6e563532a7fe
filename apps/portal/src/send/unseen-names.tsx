/** Names of the files that the recipient's page cannot show, the first of many. */
import { safePath } from "@safeconduct/envelope";
import type { ReactElement } from "react";
import { Breakable } from "../elements/breakable.tsx";
import { texts } from "./texts.ts";
import type { UnseenFile } from "./unseen-files.ts";

const NAMES_SHOWN = 5;

export function UnseenNames({ files }: { files: readonly UnseenFile[] }): ReactElement | null {
  if (files.length === 0) return null;
  const left = files.length - NAMES_SHOWN;
  return (
    <ul className="unseen-names small">
      {files.slice(0, NAMES_SHOWN).map(({ key, name }) => (
        <li key={key}>
          <Breakable text={safePath(name)} />
        </li>
      ))}
      {left > 0 && <li>{texts.decision.viewingMore(left)}</li>}
    </ul>
  );
}
