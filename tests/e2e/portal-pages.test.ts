/**
 * Every page and state of the portal in the real Chromium, wide and narrow, light and dark: nothing for axe to find,
 * nothing that sticks out or is too small to hit, nothing that the policy refuses.
 */
import { ensurePortal } from "@safeconduct/testkit";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  accessibilityFaults,
  chromiumPath,
  darkFaults,
  launchChromium,
  openPage,
  smallTargets,
  widthFaults,
} from "./portal-browser.ts";
import { openPortalDouble, type PortalDouble } from "./portal-double.ts";
import { scenes } from "./portal-scenes.ts";

const executable = chromiumPath();
/** WCAG 2.2, 1.4.10: no scrolling to the side from 320 CSS pixels on. */
const NARROWEST = 320;

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
    const faults: string[] = [];
    for (const width of [1280, 390]) {
      const watched = await openPage(browser, double.origin, { width });
      const { page } = watched;
      try {
        await scene.show(page, double);
        const found = [
          ...(await accessibilityFaults(page)),
          ...(await smallTargets(page)),
          ...(await widthFaults(page)),
        ];
        found.push(...(await darkFaults(page)));
        if (width === 390) {
          await page.setViewportSize({ width: NARROWEST, height: 800 });
          found.push(...(await widthFaults(page)));
        }
        if (!(await page.title()).endsWith(" – Safeconduct")) found.push("the title does not say where one is");
        faults.push(...[...found, ...watched.faults].map((fault) => `${width}: ${fault}`));
      } finally {
        await watched.close();
      }
    }
    expect(faults).toEqual([]);
  });
});
