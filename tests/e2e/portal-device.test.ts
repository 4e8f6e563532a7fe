/**
 * A member's browser as a device, against the true server and key service: set-up to its end, a second browser and the command line let
 * in by a code, a reload, a removal, and the recovery key on paper when the rest is lost.
 */
import { join } from "node:path";
import {
  removeFolder,
  runCli,
  type RunningInstance,
  startInstance,
  temporaryFolder,
  TEST_PASSWORD,
} from "@safeconduct/testkit";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { authenticatorCode } from "../../testkit/src/authenticator.ts";
import { chromiumPath, launchChromium, openPage, type WatchedPage } from "./portal-browser.ts";

const executable = chromiumPath();
const MEMBER = "m.okafor@riverside.example";

describe.skipIf(executable === null)("a browser of a member (needs Chromium on the PATH)", () => {
  let root: string;
  let instance: RunningInstance;
  let browser: Browser;
  let origin: string;
  let first: WatchedPage;
  let second: WatchedPage;
  let token = "";
  let paper = "";

  beforeAll(async () => {
    root = await temporaryFolder();
    instance = await startInstance({ home: join(root, "home") });
    origin = new URL(instance.portal).origin;
    browser = await launchChromium(executable ?? "");
    first = await openPage(browser, origin);
  });
  afterAll(async () => {
    await browser.close();
    await instance.stop();
    await removeFolder(root);
  });

  const title = (watched: WatchedPage, text: string | RegExp) =>
    watched.page.getByRole("heading", { level: 1, name: text }).waitFor();
  const press = ({ page }: WatchedPage, name: string | RegExp) => page.getByRole("button", { name }).click();
  /** Another browser that is signed in: it has the cookie, and nothing else that the first one has. */
  async function signedIn(): Promise<WatchedPage> {
    const watched = await openPage(browser, origin);
    await watched.page.context().addCookies(await first.page.context().cookies());
    await watched.page.goto(`${origin}/account`);
    await title(watched, "Your account");
    return watched;
  }
  const shownCode = async ({ page }: WatchedPage): Promise<string> => {
    await page.getByRole("heading", { name: "Type this code" }).waitFor();
    return (await page.locator(".pairing-code [aria-hidden] span").allTextContents()).join("-");
  };
  async function letIn(watched: WatchedPage, code: string): Promise<void> {
    await watched.page.getByLabel("Code of the new device").fill(code.toLowerCase().replaceAll("-", " "));
    await press(watched, "Let a device in");
    await watched.page.getByText(/is let in\. It can send/).waitFor();
  }
  const devices = (page: Page) => page.getByRole("region", { name: "Devices" }).getByRole("list");
  const listed = ({ page }: WatchedPage, name: string) => devices(page).getByText(name, { exact: true });

  test("is the first device at the end of set-up, with a recovery key on paper and a test mail in the mailbox", async () => {
    const { page } = first;
    await page.goto(instance.setup ?? "");
    await page.getByLabel("Name of the organisation").fill("Riverside Clinic");
    await page.getByLabel("Your name").fill("M. Okafor");
    await page.getByLabel("Your work e-mail").fill(MEMBER);
    await page.getByLabel("Password", { exact: true }).fill(TEST_PASSWORD);
    await press(first, "Continue");
    await title(first, "Add an authenticator");
    const secret = ((await page.locator(".secret").textContent()) ?? "").replaceAll(" ", "");
    await page.getByLabel("6-digit code").fill(authenticatorCode(secret, Date.now()));
    await press(first, "Continue");
    await title(first, "Keys for this browser");
    await page.getByLabel("Name of this device").fill("Front desk");
    await press(first, "Make keys here");

    await title(first, "Print your recovery key");
    const groups = await page.locator(".recovery-groups span").allTextContents();
    paper = groups.join("-");
    await page.emulateMedia({ media: "print" });
    expect(await page.getByRole("button", { name: "Print it" }).isVisible()).toBe(false);
    expect(await page.locator(".recovery-groups").isVisible()).toBe(true);
    await page.emulateMedia({ media: "screen" });
    await page.getByLabel("The last group").fill(groups[0] ?? "");
    await press(first, "It is on paper");
    await page.getByText("That is not the last group").first().waitFor();
    await page.getByLabel("The last group").fill((groups.at(-1) ?? "").toLowerCase());
    await press(first, "It is on paper");

    await title(first, "See whether mail arrives");
    await press(first, `Send a test mail to ${MEMBER}`);
    await page.getByText("Open the local mailbox").waitFor();
    const mails = await fetch(`${origin}/api/v1/mailbox?to=${encodeURIComponent(MEMBER)}`);
    expect(await mails.text()).toContain("M. Okafor of Riverside Clinic asked for this mail");
    await press(first, "Continue");
    await title(first, "Riverside Clinic is set up");
    await page.getByText("Command line and scripts").click();
    token = (await page.locator(".copyable code").first().textContent()) ?? "";
    expect(first.faults).toEqual([]);
  });

  test("is still the device after a reload, and in another tab", async () => {
    await first.page.goto(`${origin}/account`);
    await listed(first, "Front desk").waitFor();
    await first.page.reload();
    await listed(first, "Front desk").waitFor();
    await first.page.getByText("You have a recovery key, made").waitFor();
    const tab = await first.page.context().newPage();
    await tab.goto(`${origin}/account`);
    await devices(tab).getByText("This browser").waitFor();
    await tab.close();
    expect(await first.page.content()).not.toContain(paper.slice(0, 8));
    expect(first.faults).toEqual([]);
  });

  test("lets the command line in by the code that it shows, and so the other way round", async () => {
    let typed: Promise<void> = Promise.resolve();
    const config = join(root, "config");
    const login = await runCli(["login", origin, "--join", "--device", "Night script"], {
      config,
      answer: async () => token,
      onStart: ({ stderr }) =>
        stderr?.on("data", (chunk: Buffer) => {
          const [code] = /(?:[0-9A-Z]{6}-){3}[0-9A-Z]{6}/.exec(chunk.toString()) ?? [];
          if (code !== undefined) typed = letIn(first, code);
        }),
    });
    await typed;
    expect(login.exitCode).toBe(0);
    await listed(first, "Night script").waitFor();

    second = await signedIn();
    await second.page.getByLabel("Name of this device").fill("Ward 3");
    await press(second, "Show a code");
    const code = await shownCode(second);
    await second.page.reload();
    expect(await shownCode(second)).toBe(code);
    const approved = await runCli(["device", "approve", code, "--json"], { config });
    expect(approved.json).toMatchObject({ name: "Ward 3" });
    await listed(second, "Ward 3").waitFor();
    expect([...first.faults, ...second.faults]).toEqual([]);
  });

  test("that is removed hears of it, holds no key any more, and can be let in again from the other browser", async () => {
    await press(first, "Remove the device Ward 3");
    await first.page.getByRole("dialog").getByRole("button", { name: "Remove it" }).click();
    await first.page.getByRole("dialog").waitFor({ state: "detached" });
    await second.page.reload();
    await second.page.getByRole("heading", { name: "This browser was removed" }).waitFor();
    await press(second, "Show a code");
    await letIn(first, await shownCode(second));
    await second.page.getByRole("heading", { name: "Let a device in" }).waitFor();
    expect([...first.faults, ...second.faults]).toEqual([]);
  });

  test("gets in by the recovery key on paper alone, and by no other text", async () => {
    const third = await signedIn();
    await third.page.getByText("I have my printed recovery key").click();
    await third.page.getByLabel("Recovery key").fill(`${paper.slice(0, -1)}${paper.endsWith("A") ? "B" : "A"}`);
    await press(third, "Let this browser in");
    await third.page.getByRole("alert").waitFor();
    await third.page.getByLabel("Recovery key").fill(paper.toLowerCase());
    await press(third, "Let this browser in");
    await devices(third.page).getByText("This browser").waitFor();
    await third.page.getByText("let in by Recovery key").waitFor();
    expect(third.faults).toEqual([]);
    await third.close();
  });
});
