/**
 * What a sender can do about a transfer, through the true portal and server: a link is closed for now and opened again, replaced by a
 * fresh one, and somebody is added who opens the same files.
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
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { authenticatorCode } from "../../testkit/src/authenticator.ts";
import { accessibilityFaults, chromiumPath, launchChromium, openPage, type WatchedPage } from "./portal-browser.ts";

const executable = chromiumPath();
const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
const ANOTHER = "t.brandt@northlake-cardiology.example";
const CONTENT = "what the doctor wrote";

describe.skipIf(executable === null)("transfers in the portal (needs Chromium on the PATH)", () => {
  let root: string;
  let instance: RunningInstance;
  let browser: Browser;
  let origin: string;
  let member: WatchedPage;
  const sent: { link: string; passcode: string } = { link: "", passcode: "" };

  beforeAll(async () => {
    root = await temporaryFolder();
    instance = await startInstance({ home: join(root, "home") });
    origin = new URL(instance.portal).origin;
    browser = await launchChromium(executable ?? "");
    member = await openPage(browser, origin);
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
    const config = join(root, "config");
    await runCli(["login", origin, "--json"], { config, answer: async () => token });
    const path = join(root, "note.txt");
    await writeFile(path, CONTENT);
    const run = await runCli(["send", path, "--to", RECIPIENT, "--purpose", "TREAT", "--json"], { config });
    const [link] = (run.json as { links: { link: string; passcode: string }[] }).links;
    Object.assign(sent, link);
    await page.goto(instance.portal);
    await page.getByRole("article").waitFor();
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await instance.stop();
    await removeFolder(root);
  });

  /** What the recipient's page says of a link. */
  async function headingBehind(link: string): Promise<string> {
    const recipient = await openPage(browser, origin);
    await recipient.page.goto(link);
    const heading = recipient.page.getByRole("heading", { level: 1, name: /sent you files|no longer available/u });
    const text = (await heading.textContent()) ?? "";
    await recipient.close();
    return text;
  }

  test("a suspended link says what a dead one says, and opens again when it is resumed", async () => {
    const { page } = member;
    await page.getByRole("button", { name: `Suspend the link of ${RECIPIENT}` }).click();
    await page.getByText("Suspended", { exact: true }).waitFor();
    expect(await headingBehind(sent.link)).toBe("These files are no longer available");
    await page.getByRole("radio", { name: /^Need attention/u }).check();
    await page.getByRole("article").waitFor();
    await page.getByRole("button", { name: `Resume the link of ${RECIPIENT}` }).click();
    await page.getByRole("heading", { name: "Nothing matches" }).waitFor();
    await page.getByRole("button", { name: "Show all transfers" }).click();
    await page.getByRole("article").waitFor();
    expect(await headingBehind(sent.link)).toBe("Riverside Clinic sent you files");
  });

  test("a search finds a recipient, stays in no address, and is there after the back button", async () => {
    const { page } = member;
    await page.getByLabel("Search for a recipient").fill("nobody");
    await page.getByRole("heading", { name: "Nothing matches" }).waitFor();
    await page.getByLabel("Search for a recipient").fill("LINDQVIST");
    await page.getByRole("article").waitFor();
    expect(page.url()).not.toContain("indqvist");
    await page.getByRole("navigation").getByRole("link", { name: "API tokens" }).click();
    await page.getByRole("heading", { level: 1, name: "API tokens" }).waitFor();
    await page.goBack();
    await page.getByRole("article").waitFor();
    expect(await page.getByLabel("Search for a recipient").inputValue()).toBe("LINDQVIST");
    await page.getByRole("button", { name: "Show all transfers" }).click();
  });

  /** Shown once: link and passcode. */
  async function madeLink(): Promise<{ link: string; passcode: string }> {
    const dialog = member.page.getByRole("dialog");
    await dialog.getByRole("heading", { name: /^The link for/u }).waitFor({ timeout: 60_000 });
    expect(await accessibilityFaults(member.page)).toEqual([]);
    const [link = "", passcode = ""] = await dialog.locator(".copyable code").allTextContents();
    await member.page.keyboard.press("Escape");
    await dialog.getByRole("button", { name: "I have copied everything" }).click();
    await dialog.waitFor({ state: "detached" });
    return { link, passcode };
  }

  test("the browser is let in, a fresh link is made, and the old one is dead", async () => {
    const { page } = member;
    await page.getByRole("button", { name: `Make a fresh link for ${RECIPIENT}` }).click();
    await page.getByRole("dialog").locator(".device-gate").waitFor();
    await page.getByRole("button", { name: "Show a code" }).click();
    await page.getByRole("heading", { name: "Type this code" }).waitFor();
    const code = (await page.locator(".pairing-code [aria-hidden] span").allTextContents()).join("-");
    const approved = await runCli(["device", "approve", code, "--json"], { config: join(root, "config") });
    expect(approved.exitCode).toBe(0);
    await page.getByRole("button", { name: "Make the fresh link" }).click();
    const fresh = await madeLink();
    expect(await headingBehind(sent.link)).toBe("These files are no longer available");
    expect(await headingBehind(fresh.link)).toBe("Riverside Clinic sent you files");
  });

  test("somebody who is added opens the same files", async () => {
    const { page } = member;
    await page.getByRole("button", { name: /^Add a recipient/u }).click();
    await page.getByRole("button", { name: "Make the link" }).click();
    await page.getByRole("alert").waitFor();
    await page.getByLabel("E-mail address").fill(ANOTHER);
    await page.getByRole("button", { name: "Make the link" }).click();
    const { link, passcode } = await madeLink();
    const recipient = await openPage(browser, origin);
    await recipient.page.goto(link);
    await recipient.page.getByRole("button", { name: "Send me a code" }).click();
    await recipient.page.getByLabel("6-digit code").waitFor();
    // The mail is on its way when the page has its answer.
    await recipient.page.getByLabel("6-digit code").fill(await vi.waitFor(() => mailedCode(instance, ANOTHER)));
    await recipient.page.getByRole("button", { name: "Continue" }).click();
    await recipient.page.getByLabel("Passcode").fill(passcode);
    await recipient.page.keyboard.press("Enter");
    await recipient.page.getByRole("heading", { level: 1, name: "1 file for you" }).waitFor();
    expect(recipient.faults).toEqual([]);
    await recipient.close();
    await page.getByRole("heading", { name: ANOTHER }).waitFor();
    expect(member.faults).toEqual([]);
  });
});
