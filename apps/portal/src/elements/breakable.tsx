/** Text without spaces that may break after an `@`, dot, dash or slash instead of in the middle of a word. */
import { Fragment, type ReactElement } from "react";

/** Not after a piece of one or two letters: `(a.` alone at the end of a line reads as an error. */
const BREAKS = /(?<=@)|(?<=[^\s(@./_-]{3}[./_-])/u;

export function Breakable({ text }: { text: string }): ReactElement {
  return (
    <>
      {text.split(BREAKS).map((piece, index) => (
        // The pieces of one text never change places.
        // oxlint-disable-next-line react/no-array-index-key
        <Fragment key={index}>
          {index > 0 && <wbr />}
          {piece}
        </Fragment>
      ))}
    </>
  );
}
