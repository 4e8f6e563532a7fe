/**
 * The rules of the house that a type checker or linter does not hold: what one module may contain.
 * Each rule reads the syntax tree, so that comments and strings never count as code.
 */
import { dottedName, isSyntaxNode, literalText, type SyntaxNode, syntaxNodes } from "./source-tree.ts";

/** Above this a file's header says why it is one thing. */
export const LONG_FILE_LINES = 500;

/** What the rules say about one module; empty when they hold. `path` is relative to the root. */
export function brokenRules(path: string, text: string): string[] {
  const broken = [...headerRules(path, text), ...commentRules(text)];
  for (const node of syntaxNodes(path, text)) {
    broken.push(...shapeRules(path, node), ...ambientRules(path, node), ...testRules(path, node));
  }
  return [...new Set(broken)];
}

function headerRules(path: string, text: string): string[] {
  const start = text.replace(/^#!.*\n/, "");
  // A unit test is described by the module beside it; a plain script may use line comments.
  const needsHeader = path.startsWith("tests/") || !/\.test\.tsx?$/.test(path);
  const opening = /\.m?js$/.test(path) ? /^(\/\*\*|\/\/ )/ : /^\/\*\*/;
  if (needsHeader && !opening.test(start)) return ["does not open with a comment that says what it is"];
  if (text.split("\n").length - 1 <= LONG_FILE_LINES) return [];
  const header = start.slice(0, start.indexOf("*/"));
  return /\bone (file|thing|piece)\b/.test(header)
    ? []
    : [`is longer than ${LONG_FILE_LINES} lines and its header does not say why it is one thing`];
}

function commentRules(text: string): string[] {
  const comments = text.match(/\/\*[\s\S]*?\*\/|(?<![:"'`])\/\/.*/g) ?? [];
  return comments.flatMap((comment) => [
    ...(/\bFIXME\b|\bXXX\b/.test(comment) ? ["leaves a repair for later"] : []),
    ...(/\bTODO\b(?! ?\(?#\d)/.test(comment) ? ["leaves work for later without the number of an issue"] : []),
  ]);
}

function shapeRules(path: string, node: SyntaxNode): string[] {
  switch (node.type) {
    case "TsEnumDeclaration":
      return ["declares an enum"];
    case "TsModuleDeclaration":
      return node["global"] === true || isModuleAugmentation(node) ? [] : ["declares a namespace"];
    case "ExportDefaultDeclaration":
    case "ExportDefaultExpression":
      // vite and vitest read their configuration from a default export only.
      return path.endsWith(".config.ts") ? [] : ["has a default export"];
    case "TsKeywordType":
      return node["kind"] === "any" ? ["uses the type any"] : [];
    default:
      return [];
  }
}

function isModuleAugmentation(node: SyntaxNode): boolean {
  return isSyntaxNode(node["id"]) && node["id"].type === "StringLiteral";
}

/** Time, chance, environment and network come in through a port: everywhere but where ports are made and wired. */
const MAY_BE_AMBIENT = [
  /^adapters\//,
  /^apps\/[^/]+\/(src\/main\.tsx?$|[^/]+\.config\.ts$)/,
  // They are about nothing but a timer, a child process, witnesses on the network, a browser.
  /^apps\/server\/src\/(ticker|key-process|witness-rounds|http\/(late-requests|even-answers))\.ts$/,
  /^apps\/portal\/src\/platform\.ts$/,
  /^(testkit|tests|bench|tools)\//,
  /^[^/]+\.config\.ts$/,
  /\.test\.tsx?$/,
];
const AMBIENT_NAMES = new Set([
  "process.env",
  "Date.now",
  "performance.now",
  "Math.random",
  "process.hrtime",
  "crypto.getRandomValues",
  "crypto.randomUUID",
  "AbortSignal.timeout",
]);
const AMBIENT_CALLS = new Set(["fetch", "setTimeout", "setInterval", "setImmediate"]);
const AMBIENT_IMPORTS = new Set([
  "randomBytes",
  "randomFillSync",
  "randomFill",
  "randomInt",
  "randomUUID",
  "env",
  "hrtime",
]);
const AMBIENT_MODULES = new Set(["node:timers", "node:timers/promises", "timers", "timers/promises"]);
const GLOBAL_OBJECTS = /^(globalThis|window|self)\./;

function ambientRules(path: string, node: SyntaxNode): string[] {
  if (MAY_BE_AMBIENT.some((pattern) => pattern.test(path))) return [];
  const what = ambientUse(node);
  return what === null ? [] : [`uses ${what} outside an adapter or an app's root: take a port`];
}

function ambientUse(node: SyntaxNode): string | null {
  if (node.type === "MemberExpression") {
    const name = dottedName(node)?.replace(GLOBAL_OBJECTS, "");
    return name !== undefined && (AMBIENT_NAMES.has(name) || AMBIENT_CALLS.has(name)) ? name : null;
  }
  if (node.type === "CallExpression") {
    const name =
      isSyntaxNode(node["callee"]) && node["callee"].type === "Identifier" ? dottedName(node["callee"]) : null;
    return name !== null && AMBIENT_CALLS.has(name) ? name : null;
  }
  if (node.type === "NewExpression") {
    const given = Array.isArray(node["arguments"]) ? node["arguments"].length : 0;
    return dottedName(node["callee"]) === "Date" && given === 0 ? "new Date()" : null;
  }
  if (node.type === "ImportDeclaration") {
    const from = literalText(node["source"]);
    return from !== null && AMBIENT_MODULES.has(from) && node["typeOnly"] !== true ? from : null;
  }
  if (node.type !== "ImportSpecifier") return null;
  const name = isSyntaxNode(node["imported"]) ? node["imported"]["value"] : dottedName(node["local"]);
  return typeof name === "string" && AMBIENT_IMPORTS.has(name) ? name : null;
}

const NEVER_RUN = new Set(["skip", "only", "todo", "fails"]);
const TEST_WORDS = new Set(["test", "it", "describe", "suite"]);

/** A test is left out only by a condition, and its title then carries the reason. */
function testRules(path: string, node: SyntaxNode): string[] {
  if (!/^(testkit|tests)\/|\.test\.tsx?$/.test(path)) return [];
  if (node.type === "MemberExpression") {
    const [first = "", ...rest] = dottedName(node)?.split(".") ?? [];
    const word = rest.at(-1);
    return TEST_WORDS.has(first) && word !== undefined && NEVER_RUN.has(word)
      ? [`leaves a test out with .${word}`]
      : [];
  }
  if (node.type !== "CallExpression" || !isConditional(node["callee"])) return [];
  const [title] = Array.isArray(node["arguments"]) ? (node["arguments"] as { expression?: unknown }[]) : [];
  const text = literalText(title?.expression);
  const saysWhy = text === null ? isSyntaxNode(title?.expression) : /\b(skipped|needs)\b/.test(text);
  return saysWhy ? [] : ["leaves a test out on a condition whose reason is not in the test's title"];
}

/** `describe.skipIf(condition)` as the callee of the call that carries the title. */
function isConditional(callee: unknown): boolean {
  return isSyntaxNode(callee) && callee.type === "CallExpression" && /\.(skipIf|runIf)$/.test(dottedName(callee) ?? "");
}
