/**
 * Every page and state of the portal in the real Chromium, wide and narrow, light and dark: nothing for axe to find,
 * nothing that sticks out or is too small to hit, nothing that the policy refuses.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ensurePortal } from "@safeconduct/testkit";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  accessibilityFaults,
  chromiumPath,
  launchChromium,
  openPage,
  restyle,
  smallTargets,
  widthFaults,
} from "./portal-browser.ts";
import { openPortalDouble, type PortalDouble, portalFolder } from "./portal-double.ts";
import { scenes } from "./portal-scenes.ts";

const executable = chromiumPath();
/** WCAG 2.2, 1.4.10: no scrolling to the side from 320 CSS pixels on. */
const NARROWEST = 320;

test.each(["index.html", "receive.html"])(
  "%s runs nothing that was changed after it was built, and nothing inline",
  async (name) => {
    await ensurePortal();
    const html = await readFile(join(portalFolder, name), "utf8");
    const loads = html.match(/<script[^>]*>|<link[^>]*rel="(?:stylesheet|modulepreload)"[^>]*>/gu) ?? [];
    expect(loads.length).toBeGreaterThan(2);
    expect(
      loads.filter(
        (tag) => !/ (?:src|href)="\/assets\/[^"]+"/u.test(tag) || !/ integrity="sha384-[^"]{64}"/u.test(tag),
      ),
    ).toEqual([]);
    expect(html).not.toMatch(/<style|style=|javascript:| on[a-z]+=/u);
  },
);

describe.skipIf(executable === null)("every page and state (needs Chromium on the PATH)", () => {
  let browser: Browser;
  let double: PortalDouble;

  beforeAll(async () => {
    await ensurePortal();
    [browser, double] = await Promise.all([launchChromium(executable ?? ""), openPortalDouble()]);
  });
  afterAll(async () => {
    await browser.close();
    await double.close();
  });

  test.each(scenes)("$name can be read and used by everyone", async (scene) => {
    const { page, faults, close } = await openPage(browser, double.origin);
    try {
      await scene.show(page, double);
      faults.push(...(await accessibilityFaults(page)), ...(await smallTargets(page)), ...(await widthFaults(page)));
      await restyle(page, { width: 390, colorScheme: "dark" });
      const narrow = [
        ...(await accessibilityFaults(page)),
        ...(await smallTargets(page)),
        ...(await widthFaults(page)),
      ];
      await restyle(page, { width: NARROWEST, colorScheme: "dark" });
      faults.push(...[...narrow, ...(await widthFaults(page))].map((fault) => `narrow and dark: ${fault}`));
      if (!(await page.title()).endsWith(" – Safeconduct")) faults.push("the title does not say where one is");
    } finally {
      await close();
    }
    expect(faults).toEqual([]);
  });
});
