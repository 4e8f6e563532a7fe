/** What every text of the project keeps: no path of a machine, links that lead somewhere, packages that say what they export. */
import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { projectFiles, projectRoot, projectText } from "../../tools/source-tree.ts";

const TEXT =
  /\.(ts|tsx|mjs|js|json|md|css|html|svg|sh|go|mod|sum|txt|yaml|yml|sql|cedar)$|(^|\/)(run|LICENSE|\.gitignore)$/;
const files = projectFiles();
const texts = files.filter((path) => TEXT.test(path));
const pages = files.filter((path) => path.endsWith(".md"));

/** A folder that belongs to one machine, written from its root. */
const MACHINE_PATH = new RegExp(`(?<![\\w.~-])/(${["work", "home", "root"].join("|")})/`);

test("no text names a folder of one machine", () => {
  expect(texts.length).toBeGreaterThan(50);
  expect(texts.filter((path) => MACHINE_PATH.test(projectText(path)))).toEqual([]);
});

test("every link of a page leads to a file and a heading that exist", () => {
  const broken = pages.flatMap((page) =>
    links(projectText(page))
      .filter((link) => !leadsSomewhere(page, link))
      .map((link) => `${page}: ${link}`),
  );
  expect(broken).toEqual([]);
});

test("every package says its name, its type and what it exports; an app, which nothing imports, need not export", () => {
  const manifests = files.filter((path) => /^((packages|adapters|apps)\/[^/]+|testkit)\/package\.json$/.test(path));
  expect(manifests.length).toBeGreaterThan(10);
  const wrong = manifests.filter((path) => {
    const { name, type, exports, private: kept } = JSON.parse(projectText(path));
    const entry = exports?.["."];
    const exportsWell =
      entry === undefined ? path.startsWith("apps/") : existsSync(join(projectRoot, dirname(path), entry));
    return (
      !exportsWell || kept !== true || type !== "module" || name !== `@safeconduct/${dirname(path).split("/").at(-1)}`
    );
  });
  expect(wrong).toEqual([]);
});

/** Targets inside the repository, without what stands in code. */
function links(text: string): string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, "").replaceAll(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = "", heading] = link.split("#");
  const target = path === "" ? page : normalize(join(dirname(page), path));
  if (target.startsWith("..") || !existsSync(join(projectRoot, target))) return false;
  return heading === undefined || !target.endsWith(".md") || headings(projectText(target)).includes(heading);
}

/** Headings as the anchors that code hosts make of them. */
function headings(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
