/** What the recipient's page loads before anything is pressed: a true link of a true server, in the real Chromium. */
import { join } from "node:path";
import { type RunningInstance, removeFolder, setUp, startInstance, temporaryFolder } from "@safeconduct/testkit";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sendFromHere } from "../integration/api-sender.ts";
import { chromiumPath, launchChromium, openPage, type WatchedPage } from "./portal-browser.ts";

const executable = chromiumPath();
/** Everything that comes over the network, compressed as it is sent: page, scripts, styles, fonts, answers. React is half of it. */
const FIRST_LOAD_LIMIT_KB = 120;

interface Loaded {
  readonly path: string;
  readonly bytes: number;
}

describe.skipIf(executable === null)("the recipient's page (needs Chromium on the PATH)", () => {
  let root: string;
  let instance: RunningInstance;
  let browser: Browser;
  let watched: WatchedPage;
  let loaded: readonly Loaded[];
  let link = "";

  const sofar = (): Promise<readonly Loaded[]> =>
    watched.page.evaluate(() =>
      performance
        .getEntries()
        .filter((entry) => entry instanceof PerformanceResourceTiming)
        .map(({ name, encodedBodySize }) => ({ path: new URL(name).pathname, bytes: encodedBodySize })),
    );

  beforeAll(async () => {
    root = await temporaryFolder();
    const config = join(root, "config");
    [instance, browser] = await Promise.all([
      startInstance({ home: join(root, "home") }),
      launchChromium(executable ?? ""),
    ]);
    await setUp(instance, config);
    const { links } = await sendFromHere({
      config,
      content: new Uint8Array(1000),
      address: "a.lindqvist@northlake-cardiology.example",
      lifeMs: 3_600_000,
    });
    watched = await openPage(browser, new URL(instance.portal).origin);
    link = links[0]?.link ?? "";
    await watched.page.goto(link);
    await watched.page.getByRole("button", { name: "Send me a code" }).waitFor();
    await watched.page.evaluate(() => document.fonts.ready);
    await watched.page.waitForLoadState("networkidle");
    loaded = await sofar();
  });
  afterAll(async () => {
    await browser.close();
    await instance.stop();
    await removeFolder(root);
  });

  test("loads little before anything is pressed, fonts and answers included", () => {
    const kinds = ["/r/", ".js", ".css", ".woff2", "/api/"].filter((kind) =>
      loaded.some(({ path }) => path.includes(kind)),
    );
    expect(kinds).toEqual(["/r/", ".js", ".css", ".woff2", "/api/"]);
    const bytes = loaded.reduce((sum, each) => sum + each.bytes, 0);
    expect(bytes / 1000, loaded.map(({ path, bytes: each }) => `${each} ${path}`).join("\n")).toBeLessThan(
      FIRST_LOAD_LIMIT_KB,
    );
  });

  test("loads no schemas, no cryptography and nothing of the viewer with it", async () => {
    const scripts = await Promise.all(
      loaded
        .filter(({ path }) => path.endsWith(".js"))
        .map(async ({ path }) => (await fetch(new URL(path, instance.portal))).text()),
    );
    for (const word of [
      "safeParseAsync",
      "WebAssembly",
      "getViewport",
      "ClinicalDocument",
      "LosslessDecoder",
      "dialog.viewer",
    ]) {
      expect(
        scripts.filter((text) => text.includes(word)),
        word,
      ).toEqual([]);
    }
  });

  test("loads the way on with the first button", async () => {
    await watched.page.getByRole("button", { name: "I have a code already" }).click();
    await watched.page.getByLabel("6-digit code").waitFor();
    expect((await sofar()).length).toBeGreaterThan(loaded.length);
    expect(watched.faults).toEqual([]);
  });

  test("says so when the way on cannot be loaded, and comes back with the whole link", async () => {
    const cut = await openPage(browser, new URL(instance.portal).origin);
    const { page } = cut;
    const way = "**/assets/visit-steps-*.js";
    await page.route(way, (route) => route.abort());
    await page.goto(link);
    await page.getByRole("button", { name: "I have a code already" }).click();
    await page.getByRole("heading", { level: 1, name: "No connection" }).waitFor();
    await page.unroute(way);
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { level: 1, name: "sent you files" }).waitFor();
    await page.getByRole("button", { name: "I have a code already" }).click();
    await page.getByLabel("6-digit code").waitFor();
    expect(page.url()).not.toContain("#");
    expect(cut.faults).toEqual([]);
    await cut.close();
  });
});
