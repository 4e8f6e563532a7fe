/**
 * A clinical document (HL7 CDA R2, C-CDA) as people read it: its header in a few facts and the narrative of each section, which the
 * standard makes the legal content. Narrative blocks (StrucDocText, CDA R2 4.3.5) become our own few kinds of block by an allow-list;
 * of anything else only the text stays. Nothing in it is followed, loaded or run: an address is text.
 */
import { seenText } from "./text.ts";
import { childElements, elementAt, isElement, textOf, type XmlElement } from "./xml.ts";

const CDA = "urn:hl7-org:v3";
const COLUMNS_LIMIT = 50;
/** Blocks and pieces of one document. */
const PIECE_LIMIT = 100_000;
const DEPTH_LIMIT = 60;

/** A run of text, or one of these marks around more. */
export type Inline =
  | string
  | { readonly mark: "bold" | "italic" | "underline" | "sub" | "sup" | "plain"; readonly inside: readonly Inline[] }
  | { readonly mark: "break" };

export type Block =
  | { readonly kind: "paragraph"; readonly caption: string; readonly inside: readonly Inline[] }
  | {
      readonly kind: "list";
      readonly isOrdered: boolean;
      readonly caption: string;
      readonly items: readonly (readonly Block[])[];
    }
  | { readonly kind: "table"; readonly caption: string; readonly head: readonly Row[]; readonly body: readonly Row[] };

export type Row = readonly Cell[];
export interface Cell {
  readonly isHeading: boolean;
  readonly columns: number;
  readonly rows: number;
  readonly blocks: readonly Block[];
}

export interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
  readonly sections: readonly Section[];
}

type FactName = "patient" | "birth" | "gender" | "identifiers" | "date" | "author" | "custodian";

export interface ClinicalDocument {
  readonly title: string;
  readonly facts: readonly (readonly [FactName, string])[];
  readonly sections: readonly Section[];
  /** Whether it carries another file instead of sections. */
  readonly isWrapped: boolean;
}

/** Null for other XML. */
export function readClinicalDocument(root: XmlElement): ClinicalDocument | null {
  if (root.name !== "ClinicalDocument" || root.namespace !== CDA) return null;
  const left = { pieces: PIECE_LIMIT };
  const body = elementAt(root, "component", "structuredBody");
  return {
    title: textOf(elementAt(root, "title")) || (elementAt(root, "code")?.attributes.get("displayName") ?? ""),
    facts: factsOf(root).filter(([, text]) => text !== ""),
    sections: body === null ? [] : sectionsOf(body, left, 0),
    isWrapped: elementAt(root, "component", "nonXMLBody") !== null,
  };
}

function factsOf(root: XmlElement): (readonly [FactName, string])[] {
  const role = elementAt(root, "recordTarget", "patientRole");
  const patient = role && elementAt(role, "patient");
  const author = elementAt(root, "author", "assignedAuthor");
  const identifiers = role === null ? [] : childElements(role, "id").map((id) => id.attributes.get("extension") ?? "");
  return [
    ["patient", nameOf(patient)],
    ["birth", dateText(patient && elementAt(patient, "birthTime"))],
    [
      "gender",
      seenText((patient && elementAt(patient, "administrativeGenderCode"))?.attributes.get("displayName") ?? ""),
    ],
    ["identifiers", seenText(identifiers.filter((id) => id !== "").join(", "))],
    ["date", dateText(elementAt(root, "effectiveTime"))],
    ["author", nameOf(author && elementAt(author, "assignedPerson"))],
    [
      "custodian",
      textOf(elementAt(root, "custodian", "assignedCustodian", "representedCustodianOrganization", "name")),
    ],
  ];
}

const nameOf = (holder: XmlElement | null): string => textOf(holder && elementAt(holder, "name"));

/** HL7 TS: `YYYYMMDDHHMMSS±ZZzz`, cut anywhere. As ISO 8601, so that day and month are not mistaken for each other. */
function dateText(element: XmlElement | null): string {
  const value = element?.attributes.get("value") ?? "";
  const [, year, month, day, hour, minute, zone] =
    /^(\d{4})(\d\d)?(\d\d)?(?:(\d\d)(\d\d)?)?[\d.]*([+-]\d{4})?$/u.exec(value) ?? [];
  if (year === undefined) return seenText(value);
  const date = [year, month, day].filter((part) => part !== undefined).join("-");
  const time = hour === undefined ? "" : ` ${hour}:${minute ?? "00"}`;
  return `${date}${time}${zone === undefined ? "" : ` ${zone}`}`;
}

interface Left {
  pieces: number;
}

function sectionsOf(holder: XmlElement, left: Left, depth: number): Section[] {
  if (depth > DEPTH_LIMIT) return [];
  return (
    childElements(holder, "component")
      .flatMap((component) => childElements(component, "section"))
      .map((section) => {
        const text = elementAt(section, "text");
        return {
          title: textOf(elementAt(section, "title")),
          blocks: text === null ? [] : blocksOf(text, left, depth),
          sections: sectionsOf(section, left, depth + 1),
        };
      })
      // Such as the catalogue of pictures, which is for programs: it has nothing to read.
      .filter(({ title, blocks, sections }) => title !== "" || blocks.length > 0 || sections.length > 0)
  );
}

/** The children of `holder` as blocks; loose text between them becomes a paragraph. */
function blocksOf(holder: XmlElement, left: Left, depth: number): Block[] {
  const blocks: Block[] = [];
  let loose: Inline[] = [];
  const endLoose = (): void => {
    if (loose.some((piece) => typeof piece !== "string" || piece.trim() !== ""))
      blocks.push({ kind: "paragraph", caption: "", inside: loose });
    loose = [];
  };
  for (const child of holder.children) {
    const block = isElement(child) ? blockOf(child, left, depth + 1) : null;
    if (block === null) loose.push(...inlineOf(child, left, depth + 1));
    else {
      endLoose();
      blocks.push(...block);
    }
  }
  endLoose();
  return blocks;
}

/** Null for what belongs into a line of text. */
function blockOf(element: XmlElement, left: Left, depth: number): Block[] | null {
  if (depth > DEPTH_LIMIT || --left.pieces < 0) return [];
  const caption = textOf(elementAt(element, "caption"));
  switch (element.name) {
    case "paragraph":
      return [{ kind: "paragraph", caption, inside: inlinesWithin(element, left, depth) }];
    case "list":
      return [
        {
          kind: "list",
          isOrdered: element.attributes.get("listType") === "ordered",
          caption,
          items: childElements(element, "item").map((item) => blocksOf(item, left, depth)),
        },
      ];
    case "table":
      return [
        {
          kind: "table",
          caption,
          head: childElements(element, "thead").flatMap((part) => rowsOf(part, left, depth)),
          // A table without parts has its rows directly.
          body: [
            ...childElements(element, "tbody").flatMap((part) => rowsOf(part, left, depth)),
            ...rowsOf(element, left, depth),
            ...childElements(element, "tfoot").flatMap((part) => rowsOf(part, left, depth)),
          ],
        },
      ];
    // A caption is shown with what it belongs to.
    case "caption":
      return [];
    default:
      return null;
  }
}

const rowsOf = (part: XmlElement, left: Left, depth: number): Row[] =>
  childElements(part, "tr").map((row) =>
    childElements(row)
      .filter(({ name }) => name === "td" || name === "th")
      .slice(0, COLUMNS_LIMIT)
      .map((cell) => ({
        isHeading: cell.name === "th",
        columns: span(cell.attributes.get("colspan")),
        rows: span(cell.attributes.get("rowspan")),
        blocks: blocksOf(cell, left, depth),
      })),
  );

const span = (written: string | undefined): number =>
  written !== undefined && /^[1-9]\d?$/u.test(written) ? Math.min(Number(written), COLUMNS_LIMIT) : 1;

const inlinesWithin = (element: XmlElement, left: Left, depth: number): Inline[] =>
  element.children.flatMap((child) => inlineOf(child, left, depth));

function inlineOf(node: XmlElement | string, left: Left, depth: number): Inline[] {
  if (!isElement(node)) return [seenText(node.replaceAll(/\s+/gu, " "))];
  if (depth > DEPTH_LIMIT || --left.pieces < 0) return [];
  const inside = inlinesWithin(node, left, depth + 1);
  switch (node.name) {
    case "br":
      return [{ mark: "break" }];
    case "sub":
    case "sup":
      return [{ mark: node.name, inside }];
    case "content":
      return [{ mark: STYLES[node.attributes.get("styleCode")?.split(/\s+/u)[0] ?? ""] ?? "plain", inside }];
    case "linkHtml":
      return [...inside, ...reference(node.attributes.get("href"))];
    case "caption":
      return [];
    default:
      // Blocks where the standard has none keep their text, each set off from the next.
      return [{ mark: "plain", inside }, " "];
  }
}

/** The address of a link as text, where it leads out of the document. */
const reference = (href: string | undefined): Inline[] =>
  href === undefined || href.startsWith("#") ? [] : [` (${seenText(href.slice(0, REFERENCE_LIMIT))})`];
const REFERENCE_LIMIT = 500;

const STYLES: Readonly<Record<string, "bold" | "italic" | "underline">> = {
  Bold: "bold",
  Emphasis: "italic",
  Italics: "italic",
  Underline: "underline",
};
