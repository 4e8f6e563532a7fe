/** Text without spaces that may break after an `@`, dot, dash or slash instead of in the middle of a word. */
import { Fragment, type ReactElement } from "react";

export function Breakable({ text }: { text: string }): ReactElement {
  return (
    <>
      {text.split(/(?<=[@./_-])/u).map((piece, index) => (
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
