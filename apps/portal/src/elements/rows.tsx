/** A list of things that one holds, each with what is said of it and, where it may be given up, the button that asks for that. */
import type { ReactElement, ReactNode } from "react";

export const Rows = ({ children }: { children: ReactNode }): ReactElement => <ul className="rows">{children}</ul>;

export function Row({
  name,
  tags,
  facts,
  onRemove,
  removeWords,
}: {
  name: string;
  /** Beside the name. */
  tags?: ReactNode;
  facts: ReactNode;
  /** Absent: it cannot be given up here. `label` names what goes, for those who do not see the row. */
  onRemove?: (() => void) | undefined;
  removeWords?: { readonly text: string; readonly label: string };
}): ReactElement {
  return (
    <li>
      <div>
        <div className="title-line">
          <h3>{name}</h3>
          {tags}
        </div>
        <p className="soft small">{facts}</p>
      </div>
      {onRemove !== undefined && removeWords !== undefined && (
        <button type="button" className="button quiet small bad" aria-label={removeWords.label} onClick={onRemove}>
          {removeWords.text}
        </button>
      )}
    </li>
  );
}
