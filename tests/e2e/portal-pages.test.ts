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
import type { Scene } from "./scenes/scene.ts";

const executable = chromiumPath();
/** WCAG 2.2, 1.4.10: no scrolling to the side from 320 CSS pixels on. */
const NARROWEST = 320;
/** Scenes shown at a time, each with its own double; one page leaves a core idle for most of its time. */
const SEATS = 2;

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

describe.skipIf(executable === null).concurrent("every page and state (needs Chromium on the PATH)", () => {
  let browser: Browser;
  /** Those that no scene uses now. */
  const doubles: PortalDouble[] = [];
  const waiting: ((double: PortalDouble) => void)[] = [];

  beforeAll(async () => {
    await ensurePortal();
    browser = await launchChromium(executable ?? "");
    for (let seat = 0; seat < SEATS; seat++) doubles.push(await openPortalDouble());
  });
  afterAll(async () => {
    await browser.close();
    for (const double of doubles) await double.close();
  });

  async function withDouble<T>(use: (double: PortalDouble) => Promise<T>): Promise<T> {
    const double = doubles.pop() ?? (await new Promise<PortalDouble>((resolve) => waiting.push(resolve)));
    try {
      return await use(double);
    } finally {
      const next = waiting.shift();
      if (next === undefined) doubles.push(double);
      else next(double);
    }
  }

  test.each(scenes)("$name can be read and used by everyone", async (scene) => {
    const faults = await withDouble((double) => faultsOf(browser, double, scene));
    expect(faults).toEqual([]);
  });
});

async function faultsOf(browser: Browser, double: PortalDouble, scene: Scene): Promise<readonly string[]> {
  const { page, faults, close } = await openPage(browser, double.origin);
  try {
    await scene.show(page, double);
    faults.push(...(await accessibilityFaults(page)), ...(await smallTargets(page)), ...(await widthFaults(page)));
    await restyle(page, { width: 390, colorScheme: "dark" });
    const narrow = [...(await accessibilityFaults(page)), ...(await smallTargets(page)), ...(await widthFaults(page))];
    await restyle(page, { width: NARROWEST, colorScheme: "dark" });
    faults.push(...[...narrow, ...(await widthFaults(page))].map((fault) => `narrow and dark: ${fault}`));
    if (!(await page.title()).endsWith(" – Safeconduct")) faults.push("the title does not say where one is");
  } finally {
    await close();
  }
  return faults;
}
