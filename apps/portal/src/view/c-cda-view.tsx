/** A clinical document on the page: facts, then sections with their narrative. Only our own elements, from a closed model. */
import { createElement, type ReactElement, type ReactNode } from "react";
import type { Block, Cell, ClinicalDocument, Inline, Row, Section } from "./c-cda.ts";
import { texts } from "./texts.ts";

const words = texts.clinical;
/** Headings of HTML: the viewer's own is the second. */
const FIRST_LEVEL = 3;
const LAST_LEVEL = 6;

export function ClinicalDocumentView({ document }: { document: ClinicalDocument }): ReactElement {
  return (
    <article className="clinical stack">
      {createElement(`h${FIRST_LEVEL}`, { className: "clinical-title" }, document.title)}
      <dl className="clinical-facts">
        {document.facts.map(([name, text]) => (
          <div key={name}>
            <dt>{words.facts[name]}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      {document.isWrapped && <p className="viewer-note">{words.wrapped}</p>}
      {keyed(document.sections, (section) => (
        <SectionView section={section} level={FIRST_LEVEL + 1} />
      ))}
      <p className="soft small">{words.links}</p>
    </article>
  );
}

function SectionView({ section, level }: { section: Section; level: number }): ReactElement {
  const { title, blocks, sections } = section;
  return (
    <section className="stack-tight">
      {createElement(`h${Math.min(level, LAST_LEVEL)}`, {}, title || words.untitled)}
      {keyed(blocks, (block) => (
        <BlockView block={block} />
      ))}
      {blocks.length === 0 && sections.length === 0 && <p className="soft">{words.noText}</p>}
      {keyed(sections, (inner) => (
        <SectionView section={inner} level={level + 1} />
      ))}
    </section>
  );
}

function BlockView({ block }: { block: Block }): ReactElement {
  switch (block.kind) {
    case "paragraph":
      return (
        <p>
          {block.caption !== "" && <b>{block.caption} </b>}
          {inlines(block.inside)}
        </p>
      );
    case "list": {
      const items = keyed(block.items, (blocks) => <li>{cellContent(blocks)}</li>);
      return (
        <div>
          {block.caption !== "" && <p className="clinical-caption">{block.caption}</p>}
          {block.isOrdered ? <ol>{items}</ol> : <ul>{items}</ul>}
        </div>
      );
    }
    case "table":
      return (
        <div className="clinical-table">
          <table>
            {block.caption !== "" && <caption>{block.caption}</caption>}
            {block.head.length > 0 && <thead>{rows(block.head)}</thead>}
            <tbody>{rows(block.body)}</tbody>
          </table>
        </div>
      );
  }
}

const rows = (list: readonly Row[]): ReactNode => keyed(list, (row) => <tr>{keyed(row, cellOf)}</tr>);

function cellOf(cell: Cell): ReactElement {
  const spans = { colSpan: cell.columns, rowSpan: cell.rows };
  const content = cellContent(cell.blocks);
  return cell.isHeading ? <th {...spans}>{content}</th> : <td {...spans}>{content}</td>;
}

/** A single paragraph without a frame of its own. */
function cellContent(blocks: readonly Block[]): ReactNode {
  const [only] = blocks;
  if (blocks.length === 1 && only?.kind === "paragraph" && only.caption === "") return inlines(only.inside);
  return keyed(blocks, (block) => <BlockView block={block} />);
}

const inlines = (list: readonly Inline[]): ReactNode => keyed(list, inlineOf);

function inlineOf(inline: Inline): ReactNode {
  if (typeof inline === "string") return inline;
  switch (inline.mark) {
    case "break":
      return <br />;
    case "bold":
      return <b>{inlines(inline.inside)}</b>;
    case "italic":
      return <em>{inlines(inline.inside)}</em>;
    case "underline":
      return <u>{inlines(inline.inside)}</u>;
    case "sub":
      return <sub>{inlines(inline.inside)}</sub>;
    case "sup":
      return <sup>{inlines(inline.inside)}</sup>;
    case "plain":
      return inlines(inline.inside);
  }
}

/** As children of one element, by their places: a document that is read once never changes them. */
const keyed = <Item,>(list: readonly Item[], draw: (item: Item) => ReactNode): ReactNode =>
  // oxlint-disable-next-line react/no-array-index-key
  list.map((item, index) => <Place key={index}>{draw(item)}</Place>);

const Place = ({ children }: { children: ReactNode }): ReactNode => children;
