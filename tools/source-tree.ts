/**
 * The project's own files and their syntax trees, for the house rules and the generated pages.
 * What .gitignore names is left out; what is new and not yet committed is read like the rest.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseSync } from "@swc/core";

/** The project's root folder. */
export const projectRoot: string = dirname(import.meta.dirname);

/** Simple names and `*.ext` patterns are all that .gitignore of this project uses. */
const IGNORED: readonly RegExp[] = [
  ".git/",
  ...readFileSync(join(projectRoot, ".gitignore"), "utf8").split("\n").filter(Boolean),
].map((line) => new RegExp(`^${line.replace(/\/$/, "").replaceAll(".", "\\.").replace("*", ".*")}$`));

/** Paths of every file below `folder`, relative to the root, sorted. */
export function projectFiles(folder = "."): string[] {
  return readdirSync(join(projectRoot, folder), { withFileTypes: true })
    .filter((entry) => !IGNORED.some((pattern) => pattern.test(entry.name)))
    .flatMap((entry) => {
      const path = folder === "." ? entry.name : `${folder}/${entry.name}`;
      return entry.isDirectory() ? projectFiles(path) : [path];
    })
    .sort();
}

export function projectText(path: string): string {
  return readFileSync(join(projectRoot, path), "utf8");
}

/** Files that Node, a browser or the compiler reads. */
export function isModule(path: string): boolean {
  return /\.(ts|tsx|mts|mjs|js)$/.test(path);
}

export interface SyntaxNode {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Every node of the module's syntax tree, parents before children. Throws when it does not parse. */
export function* syntaxNodes(path: string, text: string): Generator<SyntaxNode> {
  const tsx = path.endsWith("x");
  const module: unknown = parseSync(text, { syntax: "typescript", tsx, target: "es2024" });
  yield* below(module);
}

function* below(value: unknown): Generator<SyntaxNode> {
  if (Array.isArray(value)) {
    for (const each of value) yield* below(each);
  } else if (typeof value === "object" && value !== null) {
    if (isSyntaxNode(value)) yield value;
    for (const each of Object.values(value)) yield* below(each);
  }
}

export function isSyntaxNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

/** `a.b.c` for a chain of plain names, `new.target`-like and computed parts end it with null. */
export function dottedName(value: unknown): string | null {
  if (!isSyntaxNode(value)) return null;
  if (value.type === "Identifier") return String(value["value"]);
  if (value.type === "CallExpression") return dottedName(value["callee"]);
  if (value.type !== "MemberExpression" || !isSyntaxNode(value["property"])) return null;
  const object = dottedName(value["object"]);
  const property = value["property"]["type"] === "Identifier" ? String(value["property"]["value"]) : null;
  return object === null || property === null ? null : `${object}.${property}`;
}

/** The value of a string literal, of several joined by `+`, or of a template without places to fill. */
export function literalText(value: unknown): string | null {
  if (!isSyntaxNode(value)) return null;
  if (value.type === "StringLiteral") return String(value["value"]);
  if (value.type === "BinaryExpression" && value["operator"] === "+") {
    const left = literalText(value["left"]);
    const right = literalText(value["right"]);
    return left === null || right === null ? null : left + right;
  }
  if (value.type !== "TemplateLiteral" || !Array.isArray(value["quasis"]) || value["quasis"].length !== 1) return null;
  const only: unknown = value["quasis"][0];
  return isSyntaxNode(only) ? String(only["cooked"]) : null;
}
