/**
 * What is still asked after the files, through the true portal and server: a deletion that is confirmed when the link has ended.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  mailedCode,
  removeFolder,
  type RunningInstance,
  runCli,
  startInstance,
  temporaryFolder,
  TEST_PASSWORD,
} from "@safeconduct/testkit";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { authenticatorCode } from "../../testkit/src/authenticator.ts";
import { accessibilityFaults, chromiumPath, launchChromium, openPage, type WatchedPage } from "./portal-browser.ts";

const executable = chromiumPath();
const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
const STEP_LIMIT_MS = 60_000;

describe.skipIf(executable === null)("after the files, in the portal (needs Chromium on the PATH)", () => {
  let root: string;
  let config: string;
  let instance: RunningInstance;
  let browser: Browser;
  let origin: string;
  let member: WatchedPage;
  let theirs: WatchedPage;

  beforeAll(async () => {
    root = await temporaryFolder();
    config = join(root, "config");
    instance = await startInstance({ home: join(root, "home") });
    origin = new URL(instance.portal).origin;
    browser = await launchChromium(executable ?? "");
    member = await openPage(browser, origin);
    theirs = await openPage(browser, origin, { width: 390 });
    for (const { page } of [member, theirs]) page.context().setDefaultTimeout(STEP_LIMIT_MS);
    const { page } = member;
    await page.goto(instance.setup ?? "");
    await page.getByLabel("Name of the organisation").fill("Riverside Clinic");
    await page.getByLabel("Your name").fill("M. Okafor");
    await page.getByLabel("Your work e-mail").fill("m.okafor@riverside.example");
    await page.getByLabel("Password", { exact: true }).fill(TEST_PASSWORD);
    await page.getByRole("button", { name: "Continue" }).click();
    const secret = ((await page.locator(".secret").textContent()) ?? "").replaceAll(" ", "");
    await page.getByLabel("6-digit code").fill(authenticatorCode(secret, Date.now()));
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("button", { name: "Not on this computer" }).click();
    await page.getByRole("button", { name: "Skip this" }).click();
    await page.getByText("Command line and scripts").click();
    const token = (await page.locator(".copyable code").first().textContent()) ?? "";
    await runCli(["login", origin, "--json"], { config, answer: async () => token });
    await writeFile(join(root, "note.txt"), "what the doctor wrote");
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await instance.stop();
    await removeFolder(root);
  });

  async function sent(): Promise<string> {
    const words = [
      join(root, "note.txt"),
      "--to",
      RECIPIENT,
      "--purpose",
      "TREAT",
      "--public",
      "--delete-within",
      "14",
    ];
    const run = await runCli(["send", ...words, "--json"], { config });
    expect(run.exitCode, run.errors).toBe(0);
    return (run.json as { links: { link: string }[] }).links[0]?.link ?? "";
  }

  /** The mail is on its way when the page has its answer. `before`: a mailbox tells the last code. */
  const newCode = (before = "") =>
    vi.waitFor(
      async () => {
        const code = await mailedCode(instance, RECIPIENT);
        expect(code).not.toBe(before);
        return code;
      },
      { timeout: STEP_LIMIT_MS },
    );

  /** Opens the link and its files; answers the code that did it. */
  async function opened(page: Page, link: string): Promise<string> {
    await page.goto(link);
    await page.getByRole("button", { name: "Send me a code" }).click();
    const code = await newCode();
    await page.getByLabel("6-digit code").fill(code);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("button", { name: "Accept and open the files" }).click();
    await page.getByRole("heading", { level: 1, name: "1 file for you" }).waitFor();
    return code;
  }

  const transfersShown = async () => {
    await member.page.goto(instance.portal);
    return member.page.getByRole("article").first();
  };

  test("a deletion is confirmed after the link was revoked, and the sender sees it", async () => {
    const link = await sent();
    const code = await opened(theirs.page, link);
    const card = await transfersShown();
    await card.getByRole("button", { name: /^Revoke/u }).click();
    await member.page
      .getByRole("dialog")
      .getByRole("button", { name: /^Revoke/u })
      .click();
    await card.getByText("Revoked").first().waitFor();

    const { page } = theirs;
    // Away first: the same address with the same fragment would load nothing.
    await page.goto("about:blank");
    await page.goto(link);
    await page.getByRole("heading", { level: 1, name: "These files are no longer available" }).waitFor();
    await page.getByText("Confirm that I deleted the files").click();
    await page.getByLabel("Your e-mail address").fill(`${RECIPIENT[0]?.toUpperCase()}${RECIPIENT.slice(1)}`);
    await page.getByRole("button", { name: "Send me a code" }).click();
    await page.getByLabel("6-digit code").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByLabel("6-digit code").fill(await newCode(code));
    await page.getByRole("button", { name: "Yes, all copies are deleted" }).click();
    await page.getByText("Thank you. The sender sees").waitFor();

    await (await transfersShown()).getByText("Show").first().click();
    await member.page.getByText(/copies deleted, they say/u).waitFor();
    await member.page
      .getByRole("link", { name: /^History/u })
      .first()
      .click();
    await member.page.getByText("said that their copies are deleted").waitFor();
    expect([...member.faults.splice(0), ...theirs.faults.splice(0)]).toEqual([]);
  }, 180_000);
});
