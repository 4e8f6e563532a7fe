/**
 * XML 1.0 without document types, for reading only. Ours and not the browser's `DOMParser`: that is a sink of Trusted Types, for which
 * the page would need a policy that lets any text through, and it expands entities. Here there are the five of XML 1.0 (4.6) and
 * character references; a document with a DTD is shown as text. Namespaces (XML Names) are resolved, because C-CDA is told by them.
 */
import { seenText } from "./text.ts";
import { NotATree, TREE_DEPTH_LIMIT, TREE_NODE_LIMIT, type TreeNode } from "./tree.ts";

export interface XmlElement {
  /** Without its prefix. */
  readonly name: string;
  /** As it is written, with its prefix. */
  readonly writtenName: string;
  /** Empty where none is declared. */
  readonly namespace: string;
  /** By the name that is written. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly (XmlElement | string)[];
}

interface OpenElement extends XmlElement {
  readonly children: (XmlElement | string)[];
  readonly prefixes: ReadonlyMap<string, string>;
}

const NAME = "[\\p{L}_:][\\p{L}\\p{N}_:.\\u00b7-]*";
const TAG = new RegExp(`<(/?)(${NAME})((?:\\s+${NAME}\\s*=\\s*(?:"[^"<]*"|'[^'<]*'))*)\\s*(/?)>`, "uy");
const ATTRIBUTE = new RegExp(`(${NAME})\\s*=\\s*(?:"([^"<]*)"|'([^'<]*)')`, "gu");
/** Comments, and processing instructions with the declaration. */
const ASIDES = [
  ["<!--", "-->"],
  ["<?", "?>"],
] as const;
const MARKED = ["<![CDATA[", "]]>"] as const;
const TEXT = /[^<]+/uy;
const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** Attacker-controlled. Throws NotATree unless it is one element within the limits. */
export function readXml(text: string): XmlElement {
  const reader = new XmlReader(text);
  return reader.document();
}

class XmlReader {
  private readonly text: string;
  private at = 0;
  private nodes = 0;

  constructor(text: string) {
    this.text = text;
    if (text.startsWith("\ufeff")) this.at = 1;
  }

  document(): XmlElement {
    const open: OpenElement[] = [];
    let root: OpenElement | null = null;
    while (this.at < this.text.length) {
      const text = this.match(TEXT)?.[0];
      const parent = open.at(-1);
      if (text !== undefined) {
        if (parent !== undefined) this.add(parent, decoded(text));
        else if (text.trim() !== "") throw new NotATree("text outside the root");
        continue;
      }
      if (ASIDES.some((marks) => this.between(marks) !== null)) continue;
      const marked = this.between(MARKED);
      if (marked !== null) {
        if (parent === undefined) throw new NotATree("text outside the root");
        this.add(parent, marked);
        continue;
      }
      const [, closing, writtenName, attributes = "", empty] = this.match(TAG) ?? [];
      if (writtenName === undefined) throw new NotATree("not XML");
      if (closing === "/") {
        if (parent?.writtenName !== writtenName) throw new NotATree("tags do not match");
        open.pop();
        continue;
      }
      if (parent === undefined && root !== null) throw new NotATree("two roots");
      const element = elementOf(writtenName, attributes, parent?.prefixes ?? new Map());
      if (parent === undefined) root = element;
      else this.add(parent, element);
      if (empty !== "/") open.push(element);
      if (open.length > TREE_DEPTH_LIMIT) throw new NotATree("too deep");
    }
    if (root === null || open.length > 0) throw new NotATree("not XML");
    return root;
  }

  private add(parent: OpenElement, child: XmlElement | string): void {
    if (++this.nodes > TREE_NODE_LIMIT) throw new NotATree("too many");
    parent.children.push(child);
  }

  /** What stands between the marks, if the first stands here. */
  private between([opening, closing]: readonly [string, string]): string | null {
    if (!this.text.startsWith(opening, this.at)) return null;
    const start = this.at + opening.length;
    const end = this.text.indexOf(closing, start);
    if (end < 0) throw new NotATree("not XML");
    this.at = end + closing.length;
    return this.text.slice(start, end);
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found !== null) this.at = pattern.lastIndex;
    return found;
  }
}

function elementOf(writtenName: string, written: string, outer: ReadonlyMap<string, string>): OpenElement {
  const attributes = new Map<string, string>();
  let prefixes = outer;
  for (const [, name = "", double, single] of written.matchAll(ATTRIBUTE)) {
    if (attributes.has(name)) throw new NotATree("an attribute twice");
    const value = decoded(double ?? single ?? "");
    attributes.set(name, value);
    if (name === "xmlns" || name.startsWith("xmlns:")) prefixes = new Map(prefixes).set(name.slice(6), value);
  }
  const colon = writtenName.indexOf(":");
  const prefix = colon < 0 ? "" : writtenName.slice(0, colon);
  const namespace = prefixes.get(prefix) ?? "";
  return { name: writtenName.slice(colon + 1), writtenName, namespace, attributes, children: [], prefixes };
}

function decoded(text: string): string {
  if (!text.includes("&")) return text;
  return text.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w{1,8}));?/gu, (whole, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[name as string] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex as string, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
  });
}

export const isElement = (node: XmlElement | string): node is XmlElement => typeof node !== "string";

export const childElements = (element: XmlElement, name?: string): readonly XmlElement[] =>
  element.children.filter(isElement).filter((child) => name === undefined || child.name === name);

/** The first element that the path of names leads to, or null. */
export function elementAt(element: XmlElement, ...path: readonly string[]): XmlElement | null {
  let found: XmlElement | null = element;
  for (const name of path) found = found === null ? null : (childElements(found, name)[0] ?? null);
  return found;
}

/** All text within, white space as one space. */
export function textOf(element: XmlElement | null): string {
  return element === null ? "" : seenText(allText(element).join("").replaceAll(/\s+/gu, " ").trim());
}

const allText = (element: XmlElement): string[] =>
  element.children.flatMap((child) => (isElement(child) ? [...allText(child), " "] : [child]));

/** The element as it is written, for people who look at any XML. */
export function xmlTree(element: XmlElement): TreeNode {
  const attributes = [...element.attributes].map(([name, value]) => `${name}="${seenText(value)}"`).join(" ");
  const parts = element.children.filter((child) => isElement(child) || child.trim() !== "");
  const [only] = parts;
  const label = element.writtenName;
  if (parts.length === 0) return { label, value: attributes, children: [], kind: "leaf" };
  if (parts.length === 1 && typeof only === "string") {
    const text = seenText(only.trim());
    return { label, value: attributes === "" ? text : `${attributes}  ${text}`, children: [], kind: "leaf" };
  }
  const children = parts.map((child) =>
    isElement(child)
      ? xmlTree(child)
      : ({ label: "", value: seenText(child.trim()), children: [], kind: "leaf" } as const),
  );
  return { label, value: attributes, children, kind: "group" };
}
