/**
 * Makes docs/reference/errors.md from the code: every problem code with its public message. The house test compares
 * the page with what this would write, so the code and the page cannot differ in either direction.
 *
 * Codes stand in two places only: as keys of the message table in a feature's `errors.ts`, and as the first argument
 * of `new Problem("feature/what", "message")`.
 *
 * Usage: npm run docs:errors
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  isSyntaxNode,
  literalText,
  projectFiles,
  projectRoot,
  projectText,
  type SyntaxNode,
  syntaxNodes,
} from "./source-tree.ts";

export const ERROR_PAGE = "docs/reference/errors.md";
const CODE = /^[a-z][a-z0-9-]*\/[a-z][a-z0-9-]*$/;

export interface ErrorCode {
  readonly code: string;
  readonly message: string;
  readonly file: string;
}

export interface ErrorCodes {
  readonly codes: readonly ErrorCode[];
  /** Codes without a message in plain text, and codes with two different messages. */
  readonly problems: readonly string[];
}

/** Reads the codes of all production code. */
export function readErrorCodes(): ErrorCodes {
  const codes = new Map<string, ErrorCode>();
  const problems: string[] = [];
  const named = new Map<string, string>();
  for (const file of projectFiles()) {
    if (!/^(packages|adapters|apps)\/.*\.tsx?$/.test(file) || /\.test\.tsx?$/.test(file)) continue;
    const text = projectText(file);
    const isTable = file.endsWith("/errors.ts");
    if (!isTable && !text.includes("new Problem")) continue;
    for (const node of syntaxNodes(file, text)) {
      const found = newProblem(node) ?? (isTable ? tableEntry(node) : null);
      if (found) {
        const earlier = codes.get(found.code);
        if (earlier && earlier.message !== found.message) {
          problems.push(`${found.code}: one message in ${earlier.file}, another in ${file}`);
        }
        codes.set(found.code, { ...found, file });
      }
      if (isTable && (node.type === "TsLiteralType" || node.type === "KeyValueProperty")) {
        const code = literalText(node["literal"] ?? node["key"]);
        if (code !== null && CODE.test(code)) named.set(code, file);
      }
    }
  }
  for (const [code, file] of named) if (!codes.has(code)) problems.push(`${code}: named in ${file} without a message`);
  return { codes: [...codes.values()].sort((a, b) => (a.code < b.code ? -1 : 1)), problems };
}

/** The page as it should be. */
export function errorPage(codes: readonly ErrorCode[]): string {
  const features = Map.groupBy(codes, ({ code }) => code.slice(0, code.indexOf("/")));
  const sections = [...features].map(
    ([feature, entries]) =>
      `## ${feature}\n\n| code | what a person reads |\n|---|---|\n${entries
        .map(({ code, message }) => `| \`${code}\` | ${message.replaceAll("|", "\\|")} |`)
        .join("\n")}\n`,
  );
  return `# Errors

Every problem that Safeconduct tells a caller about has one of these codes. A code never changes its meaning; the
message may be reworded and translated, so scripts look at the code. The HTTP API sends it as a problem of RFC 9457,
the command line prints it with \`--json\`. Made from the code by \`npm run docs:errors\`.

${sections.join("\n")}`;
}

/** `new Problem("feature/what", "message")`. A code in a variable was listed where it was written. */
function newProblem(node: SyntaxNode): Omit<ErrorCode, "file"> | null {
  if (node.type !== "NewExpression" || !isSyntaxNode(node["callee"]) || node["callee"]["value"] !== "Problem") {
    return null;
  }
  const [code, message] = Array.isArray(node["arguments"]) ? node["arguments"].map(argumentText) : [];
  return code && message && CODE.test(code) ? { code, message } : null;
}

function argumentText(argument: unknown): string | null {
  return typeof argument === "object" && argument !== null && "expression" in argument
    ? literalText(argument.expression)
    : null;
}

/** `"feature/what": "message"`. */
function tableEntry(node: SyntaxNode): Omit<ErrorCode, "file"> | null {
  if (node.type !== "KeyValueProperty") return null;
  const code = literalText(node["key"]);
  const message = literalText(node["value"]);
  return code !== null && message !== null && CODE.test(code) ? { code, message } : null;
}

if (import.meta.main) {
  const { codes, problems } = readErrorCodes();
  for (const problem of problems) console.error(problem);
  mkdirSync(dirname(join(projectRoot, ERROR_PAGE)), { recursive: true });
  writeFileSync(join(projectRoot, ERROR_PAGE), errorPage(codes));
  console.log(`${ERROR_PAGE}: ${codes.length} codes`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
