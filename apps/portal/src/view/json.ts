/**
 * JSON (RFC 8259) as a tree to look at. Not `JSON.parse`: that rounds long numbers, and an identifier that is written as a number
 * must be shown as it stands; it keeps one of two fields with the same name; and its depth has no limit of ours.
 */
import { seenText } from "./text.ts";
import { NotATree, TREE_DEPTH_LIMIT, TREE_NODE_LIMIT, type TreeNode } from "./tree.ts";

const WHITE_SPACE = /[\t\n\r ]*/uy;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/uy;

/** Attacker-controlled. Throws NotATree unless it is one JSON value within the limits. */
export function readJson(text: string): TreeNode {
  const reader = new JsonReader(text);
  const node = reader.value("", 0);
  reader.end();
  return node;
}

class JsonReader {
  private readonly text: string;
  private at = 0;
  private nodes = 0;

  constructor(text: string) {
    this.text = text;
    if (text.startsWith("\ufeff")) this.at = 1;
  }

  value(label: string, depth: number): TreeNode {
    if (depth > TREE_DEPTH_LIMIT || ++this.nodes > TREE_NODE_LIMIT) throw new NotATree("too deep or too many");
    this.match(WHITE_SPACE);
    const opening = this.text[this.at];
    if (opening === "{" || opening === "[") return this.group(label, depth, opening === "{");
    if (opening === '"') return leaf(label, `"${this.string()}"`);
    const scalar = this.match(SCALAR);
    if (scalar === null) throw new NotATree("not JSON");
    return leaf(label, scalar);
  }

  end(): void {
    this.match(WHITE_SPACE);
    if (this.at !== this.text.length) throw new NotATree("more than one value");
  }

  private group(label: string, depth: number, isObject: boolean): TreeNode {
    const children: TreeNode[] = [];
    this.at++;
    const closing = isObject ? "}" : "]";
    for (;;) {
      this.match(WHITE_SPACE);
      if (children.length === 0 && this.take(closing)) break;
      const name = isObject ? this.name() : String(children.length + 1);
      children.push(this.value(name, depth + 1));
      this.match(WHITE_SPACE);
      if (this.take(closing)) break;
      if (!this.take(",")) throw new NotATree("not JSON");
    }
    return { label, value: null, children, kind: isObject ? "group" : "list" };
  }

  private name(): string {
    const name = this.string();
    this.match(WHITE_SPACE);
    if (!this.take(":")) throw new NotATree("not JSON");
    return name;
  }

  /** By a loop: a pattern that repeats runs out of its stack on an attachment of some megabytes. */
  private string(): string {
    if (this.text[this.at] !== '"') throw new NotATree("not JSON");
    let end = this.at + 1;
    while (end < this.text.length && this.text[end] !== '"') end += this.text[end] === "\\" ? 2 : 1;
    const written = this.text.slice(this.at, end + 1);
    this.at = end + 1;
    return seenText(unescaped(written));
  }

  private take(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? null;
    if (found !== null) this.at += found.length;
    return found;
  }
}

const leaf = (label: string, value: string): TreeNode => ({ label, value, children: [], kind: "leaf" });

function unescaped(written: string): string {
  try {
    return String(JSON.parse(written));
  } catch {
    throw new NotATree("not JSON");
  }
}
