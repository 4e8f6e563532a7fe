/**
 * Code blocks of the project's pages that are marked `run`: TypeScript is type-checked and run, shell is run with
 * `sh -eu`. Each has an empty folder of its own that sees the installed packages and the pinned Node, and nothing else.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { projectFiles, projectRoot, projectText } from "../../tools/source-tree.ts";

interface PageCode {
  readonly title: string;
  readonly language: "ts" | "sh";
  readonly code: string;
}

const RUN_LIMIT_MS = 60_000;
const blocks = projectFiles()
  .filter((path) => path.endsWith(".md"))
  .flatMap((path) => runnable(path, projectText(path)));

test("a block is found by its mark and its text is kept", () => {
  const text = "a\n\n```ts run\nlet a = 1;\n```\n\n```ts\nlet b;\n```\n\n```sh run\ntrue\nfalse\n```\n";
  expect(runnable("a.md", text)).toEqual([
    { title: "a.md, line 3", language: "ts", code: "let a = 1;\n" },
    { title: "a.md, line 11", language: "sh", code: "true\nfalse\n" },
  ]);
});

test("a block that is wrong does not pass", () => {
  expect(outcome({ title: "", language: "ts", code: 'throw new Error("as it should");' })).toContain("as it should");
  expect(outcome({ title: "", language: "ts", code: 'const a: number = "text";\nconsole.log(a);' })).toContain(
    "TS2322",
  );
  expect(outcome({ title: "", language: "sh", code: "false\ntrue" })).toContain("exit code 1");
});

test.each(blocks)("$title holds", (block) => {
  expect(outcome(block)).toBe("");
});

function runnable(path: string, text: string): PageCode[] {
  return [...text.matchAll(/^```(ts|sh) run\n([\s\S]*?)^```$/gm)].map((match) => ({
    title: `${path}, line ${text.slice(0, match.index).split("\n").length}`,
    language: match[1] === "ts" ? "ts" : "sh",
    code: match[2] ?? "",
  }));
}

/** Empty when the block holds, else what it said. */
function outcome({ language, code }: PageCode): string {
  const folder = mkdtempSync(join(tmpdir(), "page-code-"));
  try {
    symlinkSync(join(projectRoot, "node_modules"), join(folder, "node_modules"));
    if (language === "sh") return run("sh", ["-euc", code], folder);
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
    writeFileSync(join(folder, "block.ts"), `${code}\nexport {};\n`);
    const settings = { extends: join(projectRoot, "tsconfig.json"), include: ["block.ts"], exclude: [] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings));
    const compiler = join(projectRoot, "node_modules/typescript/bin/tsc");
    return run(process.execPath, [compiler, "-p", folder], folder) || run(process.execPath, ["block.ts"], folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(command: string, args: readonly string[], cwd: string): string {
  const path = `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`;
  const env = { ...process.env, PATH: path, CI: "", NODE_OPTIONS: "" };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: "utf8", timeout: RUN_LIMIT_MS });
  return status === 0 ? "" : `exit code ${status}: ${stdout}${stderr}`;
}
