/** Idle lock, two tabs, sign-out from elsewhere: the true server and the real Chromium, with a page's clock that is moved. */
import { join } from "node:path";
import {
  removeFolder,
  type RunningInstance,
  startInstance,
  temporaryFolder,
  TEST_PASSWORD,
} from "@safeconduct/testkit";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { authenticatorCode } from "../../testkit/src/authenticator.ts";
import { accessibilityFaults, chromiumPath, launchChromium, openPage, type WatchedPage } from "./portal-browser.ts";

const executable = chromiumPath();
const MEMBER = "m.okafor@riverside.example";
const STEP_MS = 30_000;
const MINUTE_MS = 60_000;

describe.skipIf(executable === null)("sessions of the portal (needs Chromium on the PATH)", () => {
  let root: string;
  let instance: RunningInstance;
  let browser: Browser;
  let origin: string;
  let member: WatchedPage;
  let page: Page;
  /** A code is good once; the step before, this one and the next are accepted (RFC 6238 §5.2). */
  let codes: string[];

  beforeAll(async () => {
    root = await temporaryFolder();
    instance = await startInstance({ home: join(root, "home") });
    origin = new URL(instance.portal).origin;
    browser = await launchChromium(executable ?? "");
    member = await openPage(browser, origin);
    ({ page } = member);
    await page.clock.install();
    await page.goto(instance.setup ?? "");
    await page.getByLabel("Name of the organisation").fill("Riverside Clinic");
    await page.getByLabel("Your name").fill("M. Okafor");
    await page.getByLabel("Your work e-mail").fill(MEMBER);
    await page.getByLabel("Password", { exact: true }).fill(TEST_PASSWORD);
    await page.getByRole("button", { name: "Continue" }).click();
    await title(page, "Add an authenticator");
    const secret = ((await page.locator(".secret").textContent()) ?? "").replaceAll(" ", "");
    const now = Date.now();
    codes = [-1, 0, 1].map((step) => authenticatorCode(secret, now + step * STEP_MS));
    await page.getByLabel("6-digit code").fill(codes.shift() ?? "");
    await page.getByRole("button", { name: "Continue" }).click();
    await title(page, "Keys for this browser");
  });
  afterAll(async () => {
    await browser.close();
    await instance.stop();
    await removeFolder(root);
  });

  const title = (at: Page, text: string) => at.getByRole("heading", { level: 1, name: text }).waitFor();
  const asks = (at: Page) => at.getByRole("dialog", { name: "Are you still there?" });
  const locked = (at: Page) => at.getByRole("dialog", { name: "Locked" });
  /**
   * The server's clock stands where it is: it is made to say that nobody was there, to whoever asks from this page (the watch over it
   * and the screen that locks it, in either order), until what this answers is called.
   */
  const serverAgrees = async (at: Page) => {
    const path = "**/api/v1/sessions/current";
    await at.route(path, async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...((await answer.json()) as object), locksInMs: 0 } });
    });
    return () => at.unroute(path);
  };

  test("a page that nobody uses asks, and goes on when somebody answers", async () => {
    await page.goto(`${origin}/tokens`);
    await page.getByLabel("Name of the new token").fill("Ward 3");
    await page.clock.fastForward(13 * MINUTE_MS + 1000);
    await asks(page).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    // A passing hand is no answer; Escape is one.
    await page.mouse.move(200, 200);
    expect(await asks(page).isVisible()).toBe(true);
    await page.keyboard.press("Escape");
    await asks(page).waitFor({ state: "detached" });
    expect(await page.getByLabel("Name of the new token").inputValue()).toBe("Ward 3");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("token-name");
  });

  test("without an answer it locks: nothing of it is shown or reached, on the server neither, nor in the other tab", async () => {
    const other = await page.context().newPage();
    await other.goto(instance.portal);
    await title(other, "Transfers");
    await page.bringToFront();
    const serverGoesOn = await serverAgrees(page);
    await page.clock.fastForward(16 * MINUTE_MS);
    await locked(page).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await page.title()).toBe("Locked – Safeconduct");
    expect(await page.getByLabel("Name of the new token").count()).toBe(1);
    expect(await page.getByLabel("Name of the new token").isVisible()).toBe(false);
    expect(await page.getByText("Riverside Clinic").filter({ visible: true }).count()).toBe(0);
    for (let turn = 0; turn < 3; turn++) await page.keyboard.press("Escape");
    expect(await locked(page).isVisible()).toBe(true);
    await locked(other).waitFor();
    await page.waitForFunction(async () => (await fetch("/api/v1/transfers")).status === 403);
    await serverGoesOn();

    await other.reload();
    await locked(other).waitFor();
    expect(await other.getByText("Riverside Clinic").count()).toBe(0);

    await page.getByLabel("Password", { exact: true }).fill("not the password at all");
    await page.getByLabel("Code from your authenticator").fill("000000");
    await page.getByRole("button", { name: "Unlock" }).click();
    await page.getByRole("alert").getByText("Password and code do not match").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByLabel("Password", { exact: true }).fill(TEST_PASSWORD);
    await page.getByLabel("Code from your authenticator").fill(codes.shift() ?? "");
    await page.getByRole("button", { name: "Unlock" }).click();
    await locked(page).waitFor({ state: "detached" });
    expect(await page.getByLabel("Name of the new token").inputValue()).toBe("Ward 3");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("token-name");
    await title(other, "Transfers");
    await other.close();
    expect(member.faults).toEqual([]);
  });

  test("use in one tab keeps the other open", async () => {
    const other = await page.context().newPage();
    await other.goto(instance.portal);
    await title(other, "Transfers");
    // Even when the word of a use arrives a turn late, no page is at thirteen minutes.
    for (let turn = 0; turn < 4; turn++) {
      await other.clock.fastForward(6 * MINUTE_MS);
      await other.mouse.move(100 + turn, 100);
    }
    await page.bringToFront();
    expect([await asks(page).count(), await locked(page).count()]).toEqual([0, 0]);
    await other.close();
  });

  test("another browser is listed in words, and is signed out from here", async () => {
    const elsewhere = await openPage(browser, origin);
    await elsewhere.page.goto(`${origin}/tokens`);
    await title(elsewhere.page, "Sign in");
    await elsewhere.page.getByLabel("E-mail").fill(MEMBER);
    await elsewhere.page.getByLabel("Password", { exact: true }).fill(TEST_PASSWORD);
    await elsewhere.page.getByLabel("Code from your authenticator").fill(codes.shift() ?? "");
    await elsewhere.page.getByRole("button", { name: "Sign in" }).click();
    await title(elsewhere.page, "API tokens");

    await page.goto(`${origin}/account`);
    const section = page.getByRole("region", { name: "Signed in" });
    await section.getByRole("listitem").filter({ hasText: "This one" }).getByText("Chrome on Linux").waitFor();
    expect(await section.getByRole("listitem").count()).toBe(2);
    await section.getByRole("button", { name: /^Sign out there/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
    await section.getByText("Signed out: Chrome on Linux.").waitFor();
    await section.getByRole("button", { name: /^Sign out there/ }).waitFor({ state: "detached" });

    await title(elsewhere.page, "Sign in");
    await elsewhere.page.getByText("Your session is over").waitFor();
    expect([...elsewhere.faults, ...member.faults]).toEqual([]);
    await elsewhere.close();
  });

  test("signing out in one tab empties the other", async () => {
    const other = await page.context().newPage();
    await other.goto(instance.portal);
    await title(other, "Transfers");
    await other.getByRole("button", { name: "Sign out" }).click();
    await title(other, "Sign in");
    await title(page, "Sign in");
    await page.getByText("You are signed out.").waitFor();
    await other.close();
    expect(member.faults).toEqual([]);
  });
});
