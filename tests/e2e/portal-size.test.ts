/** What the recipient's page loads before anything is pressed, from the files as they are built. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { ensurePortal } from "@safeconduct/testkit";
import { beforeAll, describe, expect, test } from "vitest";
import { portalFolder } from "./portal-double.ts";

/** Scripts and style sheets that the page names, as browsers get them (brotli): React and zod are two thirds. The goal of issue 4 is 120. */
const FIRST_LOAD_LIMIT_KB = 135;

describe("the recipient's page", () => {
  let named: readonly { readonly path: string; readonly content: Buffer }[];

  beforeAll(async () => {
    await ensurePortal();
    const html = await readFile(join(portalFolder, "receive.html"), "utf8");
    const paths = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/gu)].map(([, path = ""]) => path);
    named = await Promise.all(paths.map(async (path) => ({ path, content: await readFile(join(portalFolder, path)) })));
  });

  test("loads little before anything is pressed", () => {
    const bytes = named.map(({ content }) => brotliCompressSync(content).length);
    expect(named.length).toBeGreaterThan(2);
    expect(bytes.reduce((sum, length) => sum + length, 0) / 1000).toBeLessThan(FIRST_LOAD_LIMIT_KB);
  });

  test("loads nothing of the viewer with it", () => {
    const text = named.map(({ content }) => content.toString("latin1")).join("");
    for (const word of ["getViewport", "ClinicalDocument", "LosslessDecoder", "dialog.viewer"]) {
      expect(text).not.toContain(word);
    }
  });
});
