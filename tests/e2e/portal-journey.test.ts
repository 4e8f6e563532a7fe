/**
 * A person's way through the true portal, server and key service: set-up by the printed link, sign-in, a file sent from
 * the command line, received on a plain page, seen by the sender, revoked.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  mailedCode,
  type RunningInstance,
  removeFolder,
  runCli,
  sharedData,
  startInstance,
  temporaryFolder,
  TEST_PASSWORD,
} from "@safeconduct/testkit";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { authenticatorCode } from "../../testkit/src/authenticator.ts";
import { accessibilityFaults, chromiumPath, launchChromium, openPage, type WatchedPage } from "./portal-browser.ts";

const executable = chromiumPath();
const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
const MEMBER = "m.okafor@riverside.example";
const STEP_MS = 30_000;

describe.skipIf(executable === null)("the portal of a fresh instance (needs Chromium on the PATH)", () => {
  let root: string;
  let instance: RunningInstance;
  let browser: Browser;
  let origin: string;
  let member: WatchedPage;
  let secret = "";
  let spentStep = 0;

  beforeAll(async () => {
    root = await temporaryFolder();
    instance = await startInstance({ home: join(root, "home") });
    origin = new URL(instance.portal).origin;
    browser = await launchChromium(executable ?? "");
    member = await openPage(browser, origin);
  });
  afterAll(async () => {
    await browser.close();
    await instance.stop();
    await removeFolder(root);
  });

  const title = (watched: WatchedPage, text: string | RegExp) =>
    watched.page.getByRole("heading", { level: 1, name: text }).waitFor();
  /** A code is good once: one of the next step is accepted early (RFC 6238, 5.2). */
  function freshCode(): string {
    const now = Date.now();
    spentStep = Math.max(spentStep + 1, Math.floor(now / STEP_MS));
    return authenticatorCode(secret, spentStep * STEP_MS);
  }
  const config = () => join(root, "config");

  async function send(
    name: string,
    content: Buffer,
    ...args: string[]
  ): Promise<{ transfer: string; link: string; passcode: string }> {
    const path = join(root, name);
    await writeFile(path, content);
    const run = await runCli(["send", path, "--to", RECIPIENT, "--purpose", "TREAT", "--json", ...args], {
      config: config(),
    });
    expect(run.errors).toBe("");
    const { transfer, links } = run.json as { transfer: string; links: { link: string; passcode: string }[] };
    return { transfer, link: links[0]?.link ?? "", passcode: links[0]?.passcode ?? "" };
  }

  test("is set up by the printed link; the link works once", async () => {
    const { page } = member;
    await page.goto(instance.setup ?? "");
    await page.getByLabel("Name of the organisation").fill("Riverside Clinic");
    await page.getByLabel("Your name").fill("M. Okafor");
    await page.getByLabel("Your work e-mail").fill(MEMBER);
    await page.getByLabel("Password", { exact: true }).fill("passwordpassword");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("alert").waitFor();
    await page.getByLabel("Password", { exact: true }).fill(TEST_PASSWORD);
    await page.getByRole("button", { name: "Continue" }).click();
    await title(member, "Add an authenticator");
    secret = ((await page.locator(".secret").textContent()) ?? "").replaceAll(" ", "");
    await page.getByLabel("6-digit code").fill(freshCode());
    await page.getByRole("button", { name: "Continue" }).click();
    await title(member, "Keys for this browser");
    expect(page.url()).not.toContain("token");
    await page.getByRole("button", { name: "Not on this computer" }).click();
    await page.getByRole("button", { name: "Skip this" }).click();
    await title(member, "Riverside Clinic is set up");
    await page.getByText("Command line and scripts").click();

    const token = (await page.locator(".copyable code").first().textContent()) ?? "";
    const login = await runCli(["login", origin, "--json"], { config: config(), answer: async () => token });
    expect(login.exitCode).toBe(0);

    const second = await openPage(browser, origin);
    await second.page.goto(instance.setup ?? "");
    await title(second, "Safeconduct is set up already");
    expect([...member.faults, ...second.faults]).toEqual([]);
    await second.close();
  });

  test("refuses a wrong password in the same words as a wrong address, and keeps its session in a cookie that scripts cannot read", async () => {
    const { page } = member;
    await page.goto(instance.portal);
    await page.getByRole("button", { name: "Sign out" }).click();
    await title(member, "Sign in");
    const refusal = async (address: string, password: string): Promise<string> => {
      await page.getByLabel("E-mail").fill(address);
      await page.getByLabel("Password", { exact: true }).fill(password);
      await page.getByLabel("Code from your authenticator").fill("000000");
      const [answer] = await Promise.all([
        page.waitForResponse(/sessions/),
        page.getByRole("button", { name: "Sign in" }).click(),
      ]);
      expect(answer.status()).toBe(401);
      await page.getByRole("alert").waitFor();
      return (await page.getByRole("alert").textContent()) ?? "";
    };
    const wrong = await refusal(MEMBER, "not the password at all");
    expect(await refusal("nobody@riverside.example", TEST_PASSWORD)).toBe(wrong);
    await page.getByLabel("E-mail").fill(MEMBER);
    await page.getByLabel("Password", { exact: true }).fill(TEST_PASSWORD);
    await page.getByLabel("Code from your authenticator").fill(freshCode());
    await page.getByRole("button", { name: "Sign in" }).click();
    await title(member, "Transfers");
    expect(await page.evaluate(() => document.cookie)).toBe("");
    expect(member.faults).toEqual([]);
  });

  test("a sent file arrives on the recipient's page as the same bytes, and the sender's custody line says so", async () => {
    const folder = sharedData();
    const content = folder === null ? Buffer.alloc(39_206, 7) : await readFile(join(folder, "dicom/CT_small.dcm"));
    const { link, passcode } = await send("CT_small.dcm", content);
    await member.page.goto(instance.portal);
    const line = member.page.getByRole("list", { name: /Custody line/ });
    await line.getByText("on sender’s device").waitFor();

    const recipient = await openPage(browser, origin, { width: 390, colorScheme: "dark" });
    const { page } = recipient;
    await page.goto(link);
    await title(recipient, "Riverside Clinic sent you files");
    await page.getByText("From M. Okafor, for treatment.").waitFor();
    await page.getByRole("button", { name: "Send me a code" }).click();
    await page.getByLabel("6-digit code").fill("000000");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("alert").waitFor();
    await page.getByLabel("6-digit code").fill(await mailedCode(instance, RECIPIENT));
    await page.getByRole("button", { name: "Continue" }).click();
    await title(recipient, "One more step: the passcode");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByLabel("Passcode").fill("AAAAA-BCDEF");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    await page.getByLabel("Passcode").fill(passcode.toLowerCase().replace("-", " "));
    await page.keyboard.press("Enter");
    await title(recipient, "1 file for you");
    expect(await accessibilityFaults(page)).toEqual([]);
    const [saved] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download CT_small.dcm" }).click(),
    ]);
    expect((await readFile(await saved.path())).equals(content)).toBe(true);
    await page.getByText("We told Riverside Clinic").waitFor();
    expect(recipient.faults).toEqual([]);
    await recipient.close();

    // The list is brought up to date by itself.
    await line.getByText("arrived whole").waitFor();
    expect(await accessibilityFaults(member.page)).toEqual([]);
    expect(member.faults).toEqual([]);
  });

  test("a revoked link is over at once, and the certificate can be saved and checked", async () => {
    const { transfer, link } = await send("note.txt", Buffer.from("a note"));
    const { page } = member;
    await page.goto(instance.portal);
    await page
      .getByRole("button", { name: `Revoke ${RECIPIENT}` })
      .first()
      .click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    await page
      .getByRole("button", { name: `Revoke ${RECIPIENT}` })
      .first()
      .click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke now" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("article").first().locator(".tag", { hasText: "Revoked" }).waitFor();

    const recipient = await openPage(browser, origin);
    await recipient.page.goto(link);
    await title(recipient, "These files are no longer available");
    expect(recipient.faults).toEqual([]);
    await recipient.close();

    await page
      .getByRole("link", { name: /^Certificate of custody/ })
      .first()
      .click();
    await title(member, "Certificate of custody");
    const [saved] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download as JSON" }).click(),
    ]);
    expect(saved.suggestedFilename()).toBe(`certificate-${transfer}.json`);
    const verified = await runCli(["certificate", "verify", await saved.path(), "--json"], { config: config() });
    expect(verified.errors).toBe("");
    expect(verified.exitCode).toBe(0);
    expect(member.faults).toEqual([]);
  });

  test("an API token is shown once and ends when it is revoked", async () => {
    const { page } = member;
    await page.getByRole("navigation").getByRole("link", { name: "API tokens" }).click();
    await title(member, "API tokens");
    await page.getByLabel("Name of the new token").fill("Ward 3");
    await page.getByRole("button", { name: "Make a token" }).click();
    await page.getByRole("heading", { name: "New token: Ward 3" }).waitFor();
    const token = (await page.locator(".copyable code").first().textContent()) ?? "";
    const me = () => fetch(`${origin}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } });
    expect((await me()).status).toBe(200);
    await page.getByRole("button", { name: "I have copied it" }).click();
    expect(await page.content()).not.toContain(token);
    await page.getByRole("button", { name: "Revoke the token Ward 3" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke now" }).click();
    await page.getByRole("heading", { name: "Ward 3", exact: true }).waitFor({ state: "detached" });
    expect((await me()).status).toBe(401);
    expect(member.faults).toEqual([]);
  });

  test("the mailbox shows the code that was mailed, ready to copy", async () => {
    const { link } = await send("second.txt", Buffer.from("another note"));
    const recipient = await openPage(browser, origin);
    await recipient.page.goto(link);
    await recipient.page.getByRole("button", { name: "Send me a code" }).click();
    await recipient.page.getByLabel("6-digit code").waitFor();
    await recipient.close();
    const code = await mailedCode(instance, RECIPIENT);
    const mailbox = await openPage(browser, origin);
    await mailbox.page.goto(instance.mailbox ?? "");
    await mailbox.page.getByRole("button", { name: `Copy the code ${code}` }).click();
    expect(await mailbox.page.evaluate(() => navigator.clipboard.readText())).toBe(code);
    expect(mailbox.faults).toEqual([]);
    await mailbox.close();
  });
});
