/** Every link of a page to another page, heading or picture of this tree leads somewhere. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { projectFiles, projectRoot, projectText } from "../../tools/source-tree.ts";

const pages = projectFiles().filter((path) => path.endsWith(".md"));

/** As GitHub makes it of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_\- ]/gu, "")
    .replaceAll(" ", "-");

const withoutCode = (text: string): string => text.replaceAll(/^```.*?^```$/gmsu, "");
const anchorsOf = (page: string): readonly string[] =>
  [...withoutCode(projectText(page)).matchAll(/^#+ (.*)$/gmu)].map(([, heading = ""]) => anchorOf(heading));

test("every link leads somewhere", () => {
  const links = pages.flatMap((page) =>
    [...withoutCode(projectText(page)).matchAll(/\]\((?![a-z]+:)([^)\s#]*)(?:#([^)\s]*))?\)/gu)].map(
      ([link, path = "", anchor]) => ({ page, link, to: path === "" ? page : join(dirname(page), path), anchor }),
    ),
  );
  expect(links.length).toBeGreaterThan(100);
  const dead = links.filter(
    ({ to, anchor }) =>
      !existsSync(join(projectRoot, to)) ||
      (anchor !== undefined && to.endsWith(".md") && !anchorsOf(to).includes(anchor)),
  );
  expect(dead.map(({ page, link }) => `${page}: ${link}`)).toEqual([]);
});
