/**
 * How a member signs in, in the real Chromium with the true server: a passkey is added, signed in with, unlocked with, refused where it
 * must be, and removed; the password is changed.
 */
import { join } from "node:path";
import {
  known,
  removeFolder,
  type RunningInstance,
  startInstance,
  temporaryFolder,
  TEST_PASSWORD,
} from "@safeconduct/testkit";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { authenticatorCode } from "../../testkit/src/authenticator.ts";
import {
  accessibilityFaults,
  chromiumPath,
  launchChromium,
  openPage,
  type VirtualDevice,
  virtualDevice,
  type WatchedPage,
} from "./portal-browser.ts";

const executable = chromiumPath();
const MEMBER = "m.okafor@riverside.example";
const STEP_MS = 30_000;
const NEW_PASSWORD = "another granite lantern";
const REFUSED = "That passkey was not accepted";

describe.skipIf(executable === null)("passkeys of a member (needs Chromium on the PATH)", () => {
  let root: string;
  let instance: RunningInstance;
  let browser: Browser;
  let origin: string;
  let member: WatchedPage;
  let page: Page;
  let device: VirtualDevice;
  /** A code is good once; the step before, this one and the next are accepted (RFC 6238 §5.2). */
  let codes: string[];

  beforeAll(async () => {
    root = await temporaryFolder();
    instance = await startInstance({ home: join(root, "home") });
    origin = new URL(instance.portal).origin;
    const post = async (path: string, body: object) => {
      const headers = { "content-type": "application/json" };
      const response = await fetch(`${origin}/api/v1/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
      expect(response.ok).toBe(true);
      return (await response.json()) as { secret: string };
    };
    const setupToken = known(/#token=(.+)$/.exec(instance.setup ?? "")?.[1]);
    const who = { organisation: { name: "Riverside Clinic" }, member: { name: "M. Okafor", address: MEMBER } };
    const { secret } = await post("setup/enrolment", { setupToken, ...who, password: TEST_PASSWORD });
    const now = Date.now();
    codes = [-1, 0, 1].map((step) => authenticatorCode(secret, now + step * STEP_MS));
    await post("setup/completion", { setupToken, code: codes.shift() });
    browser = await launchChromium(executable ?? "");
    member = await openPage(browser, origin);
    ({ page } = member);
    device = await virtualDevice(page);
  });
  afterAll(async () => {
    await browser.close();
    await instance.stop();
    await removeFolder(root);
  });

  const title = (at: Page, text: string) => at.getByRole("heading", { level: 1, name: text }).waitFor();
  const press = (at: Page, name: string) => at.getByRole("button", { name, exact: true }).press("Enter");
  const section = () => page.getByRole("region", { name: "Passkeys" });
  async function signIn(at: Page, password = TEST_PASSWORD): Promise<void> {
    await at.goto(`${origin}/sign-in`);
    await at.getByLabel("E-mail").fill(MEMBER);
    await at.getByLabel("Password", { exact: true }).fill(password);
    await at.getByLabel("Code from your authenticator").fill(codes.shift() ?? "");
    await press(at, "Sign in");
    await title(at, "Transfers");
  }
  async function signOut(): Promise<void> {
    await press(page, "Sign out");
    await title(page, "Sign in");
  }
  const subjects = async () => {
    const response = await fetch(`${origin}/api/v1/mailbox?to=${encodeURIComponent(MEMBER)}`);
    const { messages } = (await response.json()) as { messages: { subject: string }[] };
    return messages.map(({ subject }) => subject);
  };

  test("is added with a name after a fresh sign-in, by keyboard, and a mail tells of it", async () => {
    await signIn(page);
    await page.goto(`${origin}/account`);
    await section().getByText("You have no passkeys yet.").waitFor();
    await page.getByLabel("Name of the new passkey").fill("Office computer");
    await page.keyboard.press("Enter");
    await section().getByText("“Office computer” was added.").waitFor();
    await section().getByRole("heading", { name: "Office computer" }).waitFor();
    await section().getByText("not used yet").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await device.credentials()).toMatchObject([
      { rpId: "localhost", isResidentCredential: true, userName: MEMBER },
    ]);
    expect(await subjects()).toContain("A passkey was added to your Safeconduct account");

    await page.getByLabel("Name of the new passkey").fill("The same one again");
    await press(page, "Add a passkey");
    await page.getByRole("alert").getByText("This device has a passkey of yours already").waitFor();
  });

  test("signs in alone, where the device knows who is there", async () => {
    await signOut();
    expect(await accessibilityFaults(page)).toEqual([]);
    await device.verifies(false);
    await press(page, "Use a passkey");
    await page.getByRole("alert").getByText("No passkey was used").waitFor();
    await device.verifies(true);
    await press(page, "Use a passkey");
    await title(page, "Transfers");
    const cookies = await page.context().cookies();
    expect(cookies.map(({ name, httpOnly, secure, sameSite }) => [name, httpOnly, secure, sameSite])).toEqual([
      ["__Host-safeconduct", true, true, "Strict"],
    ]);
  });

  test("unlocks a locked page", async () => {
    await page.evaluate(() => fetch("/api/v1/sessions/current/lock", { method: "POST" }));
    await page.reload();
    await page.getByRole("dialog", { name: "Locked" }).waitFor();
    await press(page, "Unlock with your passkey");
    await title(page, "Transfers");
    expect(await page.evaluate(async () => (await fetch("/api/v1/transfers")).status)).toBe(200);
  });

  test("of which there is a copy is refused once the other was used; a new password signs out elsewhere", async () => {
    const copied = known((await device.credentials())[0]);
    const other = await openPage(browser, origin);
    const copy = await virtualDevice(other.page);
    await copy.take({ ...copied, signCount: 0 });
    await other.page.goto(`${origin}/sign-in`);
    await press(other.page, "Use a passkey");
    await other.page.getByRole("alert").getByText(REFUSED).waitFor();
    await copy.forget();
    await copy.take(copied);
    await press(other.page, "Use a passkey");
    await title(other.page, "Transfers");
    await device.forget();
    await device.take(known((await copy.credentials())[0]));

    await page.goto(`${origin}/account`);
    await page.getByText("Change the password").first().click();
    await page.getByLabel("New password").fill("too short");
    await press(page, "Change it with a passkey");
    await page.getByRole("alert").getByText("Enter a new password of 15 characters or more.").waitFor();
    await page.getByLabel("New password").fill(NEW_PASSWORD);
    expect(await accessibilityFaults(page)).toEqual([]);
    await press(page, "Change it with a passkey");
    await page.getByText("Your password is changed, and you are signed in here only.").waitFor();
    expect(await page.evaluate(() => document.activeElement?.localName)).toBe("summary");
    expect(await subjects()).toContain("The password of your Safeconduct account was changed");
    await title(other.page, "Sign in");
    await other.page.getByText("Your session is over").waitFor();
    expect(other.faults).toEqual([]);
    await other.close();
  });

  test("is removed after a proof that is fresh, and signs in no more", async () => {
    await page.goto(`${origin}/account`);
    // Five minutes are long for a test: the first answer says that they are over.
    await page.route(
      "**/api/v1/me/passkeys/*",
      (route) =>
        route.fulfill({
          status: 403,
          contentType: "application/problem+json",
          json: { type: "x", title: "x", status: 403, code: "sign-in/proof-required" },
        }),
      { times: 1 },
    );
    await press(page, "Remove the passkey Office computer");
    await press(page, "Remove it");
    const asks = page.getByRole("dialog", { name: "Is it you?" });
    await asks.getByRole("button", { name: "Use a passkey" }).press("Enter");
    await section().getByText("“Office computer” was removed.").waitFor();
    await section().getByText("You have no passkeys yet.").waitFor();
    expect(await subjects()).toContain("A passkey was removed from your Safeconduct account");
    await signOut();
    await press(page, "Use a passkey");
    await page.getByRole("alert").getByText(REFUSED).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await signIn(page, NEW_PASSWORD);
    expect(member.faults).toEqual([]);
  });
});
