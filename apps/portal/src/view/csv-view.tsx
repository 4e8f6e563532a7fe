/** A table from comma-separated values, a hundred rows at a time. The first row names the columns. */
import { type ReactElement, useMemo, useState } from "react";
import { CannotShow, type FormatViewProps } from "./format-view.ts";
import { readCsv, ROW_LIMIT } from "./csv.ts";
import { Pages } from "./pages.tsx";
import { ReadingPane } from "./reading-pane.tsx";
import { decodeText } from "./text.ts";
import { texts } from "./texts.ts";
import { count } from "../elements/words.ts";

const PAGE_ROWS = 100;

export function CsvView({ name, content, watermark, mayKeep }: FormatViewProps): ReactElement {
  const { rows, columns, isCut } = useMemo(() => {
    const table = readCsv(decodeText(content));
    if (table.rows.length === 0) throw new CannotShow("empty");
    return table;
  }, [content]);
  const [page, setPage] = useState(0);
  const [head = [], ...body] = rows;
  const first = page * PAGE_ROWS;
  const cells = Array.from({ length: columns }, (_, column) => column);
  const above = (
    <>
      {isCut && <p className="viewer-note">{texts.csv.cut(count(ROW_LIMIT))}</p>}
      <Pages page={page} count={Math.ceil(body.length / PAGE_ROWS)} onPage={setPage} />
    </>
  );
  return (
    <ReadingPane key={page} label={texts.csv.label(name)} watermark={watermark} mayKeep={mayKeep} above={above}>
      <table className="csv">
        <thead>
          <tr>
            <th scope="col">{texts.csv.rowNumber}</th>
            {cells.map((column) => (
              <th key={column} scope="col">
                {head[column]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {body.slice(first, first + PAGE_ROWS).map((row, index) => (
            // oxlint-disable-next-line react/no-array-index-key
            <tr key={first + index}>
              <th scope="row">{first + index + 1}</th>
              {cells.map((column) => (
                <td key={column}>{row[column]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ReadingPane>
  );
}
