/**
 * Whole lives of transfers: the true portal, server and key service, in the real Chromium, with another browser for each recipient.
 * What is asked of recipients on the way, links that end while somebody looks, and what a bad day does to the Send page.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  mailedCode,
  movedClock,
  type MovedClock,
  movedClockMissing,
  type RunningInstance,
  removeFolder,
  startInstance,
  temporaryFolder,
  TEST_PASSWORD,
} from "@safeconduct/testkit";
import type { Browser, Dialog, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { authenticatorCode } from "../../testkit/src/authenticator.ts";
import { accessibilityFaults, chromiumPath, launchChromium, openPage, type WatchedPage } from "./portal-browser.ts";

const executable = chromiumPath();
const CLOCK_MISSING = movedClockMissing();
const MEMBER = "m.okafor@riverside.example";
const NOTE = "Seen on Thursday. Please call.";
const STEP_LIMIT_MS = 60_000;
const CODE_STEP_MS = 30_000;
/** Longer than any page is. */
const TABS_LIMIT = 60;

describe.skipIf(executable === null)("lives of transfers (needs Chromium on the PATH)", () => {
  let root: string;
  let instance: RunningInstance;
  let clock: MovedClock;
  let browser: Browser;
  let origin: string;
  let member: WatchedPage;
  let page: Page;
  let note = "";
  let secret = "";
  let spentStep = 0;
  /** Another one in each test: a mailbox tells the last code. */
  let recipient = "";
  let tests = 0;
  const others: WatchedPage[] = [];

  beforeAll(async () => {
    root = await temporaryFolder();
    clock = await movedClock(root);
    const environment = CLOCK_MISSING === null ? clock.environment : {};
    instance = await startInstance({ home: join(root, "home"), environment });
    origin = new URL(instance.portal).origin;
    browser = await launchChromium(executable ?? "");
    member = await openPage(browser, origin);
    ({ page } = member);
    page.context().setDefaultTimeout(STEP_LIMIT_MS);
    note = join(root, "note.txt");
    await writeFile(note, NOTE);
    await becomeMember();
  });
  afterAll(async () => {
    await browser.close();
    await instance.stop();
    await removeFolder(root);
  });
  beforeEach(() => {
    recipient = `r${++tests}@northlake-cardiology.example`;
  });
  afterEach(async () => {
    await Promise.all(others.splice(0).map((each) => each.close()));
  });
  /** Of all pages, asked at the end of each test. */
  const faults = () => [member, ...others].flatMap((each) => each.faults.splice(0));

  const title = (on: Page, text: string | RegExp) => on.getByRole("heading", { level: 1, name: text }).waitFor();

  /** A code is good once: one of the next step is accepted early (RFC 6238, 5.2). */
  function freshCode(): string {
    spentStep = Math.max(spentStep + 1, Math.floor(Date.now() / CODE_STEP_MS));
    return authenticatorCode(secret, spentStep * CODE_STEP_MS);
  }

  async function becomeMember(): Promise<void> {
    await page.goto(instance.setup ?? "");
    await page.getByLabel("Name of the organisation").fill("Riverside Clinic");
    await page.getByLabel("Your name").fill("M. Okafor");
    await page.getByLabel("Your work e-mail").fill(MEMBER);
    await page.getByLabel("Password", { exact: true }).fill(TEST_PASSWORD);
    await page.getByRole("button", { name: "Continue" }).click();
    await title(page, "Add an authenticator");
    secret = ((await page.locator(".secret").textContent()) ?? "").replaceAll(" ", "");
    await page.getByLabel("6-digit code").fill(freshCode());
    await page.getByRole("button", { name: "Continue" }).click();
    await title(page, "Keys for this browser");
    await page.goto(`${origin}/send`);
    await page.getByRole("button", { name: "Make keys here" }).click();
    await title(page, "Send files");
  }

  /** A form with everything that must be said. Public, so that nobody waits for a passcode to be hashed. */
  async function fill(on: Page = page): Promise<void> {
    await on.goto(`${origin}/send`);
    await title(on, "Send files");
    await on.getByRole("region", { name: "1 · Files" }).getByLabel("Choose files").setInputFiles(note);
    await on.getByLabel("E-mail address").fill(recipient);
    await on.getByLabel("What the files are for").selectOption("TREAT");
    await on.getByText("Public: anybody may read them").click();
    await on.getByLabel("How they prove who they are").selectOption("none");
  }

  async function sendNow(): Promise<string> {
    await page.getByRole("button", { name: "Review and send" }).click();
    await title(page, "Check before you send");
    await page.getByRole("button", { name: "Encrypt and send" }).click();
    return sentLink();
  }

  async function sentLink(): Promise<string> {
    await title(page, "Sent and sealed");
    return (await page.locator(".copyable code").first().textContent()) ?? "";
  }

  async function finish(): Promise<void> {
    await page.getByRole("button", { name: "Send another" }).click();
    await page.getByRole("button", { name: "Yes, done" }).click();
    await title(page, "Send files");
  }

  async function otherPage(look: Parameters<typeof openPage>[2] = { width: 390 }): Promise<Page> {
    const other = await openPage(browser, origin, look);
    others.push(other);
    other.page.context().setDefaultTimeout(STEP_LIMIT_MS);
    return other.page;
  }

  // The mail is on its way when the page has its answer.
  const code = () => vi.waitFor(() => mailedCode(instance, recipient), { timeout: STEP_LIMIT_MS });

  /** Another browser that has shown the link's address to be its own. */
  async function confirmed(link: string): Promise<Page> {
    const theirs = await otherPage();
    await theirs.goto(link);
    await theirs.getByRole("button", { name: "Send me a code" }).click();
    await theirs.getByLabel("6-digit code").fill(await code());
    await theirs.getByRole("button", { name: "Continue" }).click();
    return theirs;
  }

  /** What the server's record says to the sender of the newest transfer's only recipient. */
  const newestGrant = () =>
    page.evaluate(async () => {
      const { transfers } = (await (await fetch("/api/v1/transfers")).json()) as {
        transfers: { grants: { releases: number; receiptAt: number | null; closesAt: number | null }[] }[];
      };
      return transfers[0]?.grants[0];
    });

  const downloaded = async (theirs: Page): Promise<string> => {
    const [saved] = await Promise.all([
      theirs.waitForEvent("download"),
      theirs.getByRole("button", { name: "Download note.txt" }).click(),
    ]);
    return readFile(await saved.path(), "utf8");
  };

  test("a form that was filled in is not lost without a word: by a reload the browser asks, other pages keep it", async () => {
    const asked: string[] = [];
    const stay = (dialog: Dialog): void => {
      asked.push(dialog.type());
      void dialog.dismiss();
    };
    page.on("dialog", stay);
    /** True where the page stayed because the browser asked, and was told to stay. */
    const staysOnReload = async (): Promise<boolean> => {
      asked.length = 0;
      await page.evaluate(() => Object.assign(globalThis, { before: true }));
      await page.evaluate(() => setTimeout(() => location.reload()));
      await vi.waitFor(
        async () => expect(asked.length > 0 || !(await page.evaluate(() => "before" in globalThis))).toBe(true),
        { timeout: STEP_LIMIT_MS },
      );
      return asked.includes("beforeunload");
    };
    await page.goto(`${origin}/send`);
    await title(page, "Send files");
    // A browser asks nobody who has touched nothing.
    await page.getByText("Public: anybody may read them").click();
    expect(await staysOnReload()).toBe(false);
    await title(page, "Send files");
    const address = page.getByLabel("E-mail address");
    await address.click();
    await address.fill(recipient);
    expect(await staysOnReload()).toBe(true);
    await page
      .getByRole("navigation")
      .getByRole("link", { name: /^Transfers/ })
      .click();
    await title(page, "Transfers");
    expect(await staysOnReload()).toBe(true);
    await page.goBack();
    await title(page, "Send files");
    expect(await address.inputValue()).toBe(recipient);
    await address.fill("");
    expect(await staysOnReload()).toBe(false);
    page.off("dialog", stay);
    expect(faults()).toEqual([]);
  });

  test("terms are accepted before anything opens; receipt, deletion and a problem come back to the sender", async () => {
    await fill();
    await page.getByLabel("Terms to accept").selectOption("delete");
    await page.getByLabel("Days from the acceptance").fill("14");
    await page.getByText("More limits").click();
    await page.getByText("Close a link 15 minutes").click();
    await page.getByRole("button", { name: "Review and send" }).click();
    await page.getByText("copies are deleted within 14 days").waitFor();
    await page.getByText("Each link closes 15 minutes").waitFor();
    await page.getByRole("button", { name: "Encrypt and send" }).click();
    const link = await sentLink();
    await page.getByText("Before anything opens they accept your terms").waitFor();

    const theirs = await confirmed(link);
    await title(theirs, "Before you open the files");
    await theirs.getByText("Delete them within 14 days of accepting").waitFor();
    await theirs.getByText("This link closes 15 minutes after").waitFor();
    expect(await theirs.getByText("note.txt").count()).toBe(0);
    expect(await newestGrant()).toMatchObject({ releases: 0, receiptAt: null });
    expect(await accessibilityFaults(theirs)).toEqual([]);
    await theirs.getByRole("button", { name: "Accept and open the files" }).click();
    await title(theirs, "1 file for you");
    expect(await downloaded(theirs)).toBe(NOTE);
    await theirs.getByText("We told Riverside Clinic").waitFor();
    const { receiptAt, closesAt } = (await newestGrant()) ?? {};
    expect((closesAt ?? 0) - (receiptAt ?? 0)).toBe(15 * 60_000);
    await theirs.getByRole("button", { name: "I have deleted my copies" }).click();
    await theirs.getByRole("button", { name: "Yes, all copies are deleted" }).click();
    await theirs.getByText("sees that you have deleted your copies").waitFor();
    await theirs.getByText("Is something wrong?").click();
    await theirs.getByLabel("A file is missing").check();
    await theirs.getByRole("button", { name: "Tell M. Okafor" }).click();
    await theirs.getByText("M. Okafor was told.").waitFor();

    await finish();
    await page
      .getByRole("navigation")
      .getByRole("link", { name: /^Transfers/ })
      .click();
    await page.getByRole("radio", { name: "Need attention (1)" }).check();
    const card = page.getByRole("article").first();
    await card.getByText("Problem reported", { exact: true }).waitFor();
    await card.getByText("Look at what you sent, and send what is missing.").waitFor();
    await card.getByText(/^May keep copies for 14 days · accepted .* copies deleted, they say/).waitFor();
    await card.getByText("Received; the link closes").waitFor();
    await card.getByRole("button", { name: `Mark as dealt with: the report of ${recipient}` }).click();
    // Nothing needs attention any more, and what was reported is still told.
    await page.getByRole("heading", { name: "Nothing matches" }).waitFor();
    await page.getByRole("button", { name: "Show all transfers" }).click();
    await card.getByText(/^“A file is missing.” The recipient reported it .* Dealt with/).waitFor();
    expect(await card.getByText("Problem reported", { exact: true }).count()).toBe(0);
    // A fresh link begins with the terms of the one before.
    await card.getByRole("button", { name: `Make a fresh link for ${recipient}` }).click();
    const dialog = page.getByRole("dialog");
    expect(await dialog.getByLabel("Days from the acceptance").inputValue()).toBe("14");
    expect(await dialog.getByLabel(/^Close a link/).isChecked()).toBe(true);
    await dialog.getByLabel("Terms to accept").selectOption("none");
    await dialog.getByRole("button", { name: "Make the fresh link" }).click();
    await dialog.getByRole("button", { name: "I have copied everything" }).click();
    await card.getByText("May keep no copies · not accepted yet").waitFor();
    expect(faults()).toEqual([]);
  });

  /** Tab until it has the focus, which is seen wherever it is and never lost. */
  async function tabTo(target: Locator): Promise<void> {
    const on = target.page();
    for (let tabs = 0; tabs < TABS_LIMIT; tabs++) {
      await on.keyboard.press("Tab");
      const seen = await on.evaluate(() => {
        const element = document.activeElement;
        if (element === null || element === document.body) return "nowhere";
        return element.matches(":focus-visible") && getComputedStyle(element).outlineStyle !== "none"
          ? "seen"
          : element.outerHTML.slice(0, 200);
      });
      // Past its end a page gives the focus to the browser, and gets it back with the next key.
      if (seen === "nowhere") continue;
      expect(seen).toBe("seen");
      if (await target.evaluate((element) => element === document.activeElement)) return;
    }
    throw new Error(`the focus does not come to ${String(target)}`);
  }
  async function press(target: Locator, key = "Enter"): Promise<void> {
    await tabTo(target);
    await target.page().keyboard.press(key);
  }
  const focusedHeading = (on: Page, text: string) =>
    on.waitForFunction((name) => document.activeElement?.textContent === name, text);

  test("by keyboard alone: a file to be viewed is sent with a passcode, opened, looked at, and cannot be saved", async () => {
    await page.goto(`${origin}/send`);
    await title(page, "Send files");
    const files = page.getByRole("region", { name: "1 · Files" });
    const chooser = page.waitForEvent("filechooser");
    await press(files.getByRole("button", { name: "Choose files" }));
    await (await chooser).setFiles(note);
    await page.getByRole("list", { name: "Files to send" }).waitFor();
    await tabTo(page.getByLabel("E-mail address"));
    await page.keyboard.type(recipient);
    await tabTo(page.getByLabel("What the files are for"));
    await page.keyboard.type("tre");
    await tabTo(page.getByRole("radio", { name: /^View and download/ }));
    await page.keyboard.press("ArrowDown");
    expect(await page.getByRole("radio", { name: /^View only/ }).isChecked()).toBe(true);
    await tabTo(page.getByRole("radio", { name: "24 hours" }));
    await tabTo(page.getByLabel("Terms to accept"));
    await page.keyboard.press("ArrowDown");
    await press(page.getByRole("button", { name: "Review and send" }));
    await focusedHeading(page, "Check before you send");
    await page.getByText("View only, on the page.").waitFor();
    await press(page.getByRole("button", { name: "Encrypt and send" }), "Space");
    await focusedHeading(page, "Sent and sealed");
    const [link = "", passcode = ""] = await page.locator(".copyable code").allTextContents();
    await press(page.getByRole("button", { name: `Copy the link for ${recipient}` }));
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(link);

    const theirs = await otherPage({ width: 1280 });
    await theirs.goto(link);
    // The heading takes the focus once it is drawn: a key that is pressed before that goes nowhere.
    await focusedHeading(theirs, "Riverside Clinic sent you files");
    await press(theirs.getByRole("button", { name: "Send me a code" }));
    await tabTo(theirs.getByLabel("6-digit code"));
    await theirs.keyboard.type(await code());
    await theirs.keyboard.press("Enter");
    await focusedHeading(theirs, "One more step: the passcode");
    await tabTo(theirs.getByLabel("Passcode"));
    await theirs.keyboard.type(passcode);
    await theirs.keyboard.press("Enter");
    await focusedHeading(theirs, "Before you open the files");
    await theirs.getByText("They are not to be saved, printed or photographed.").waitFor();
    await press(theirs.getByRole("button", { name: "Accept and open the files" }));
    await focusedHeading(theirs, "1 file for you");
    const view = theirs.getByRole("button", { name: "View note.txt" });
    await press(view);
    await theirs.getByText(NOTE).waitFor();
    expect(await theirs.getByRole("button", { name: /download|save/i }).count()).toBe(0);
    await theirs.keyboard.press("Escape");
    await theirs.getByText(NOTE).waitFor({ state: "detached" });
    expect(await view.evaluate((element) => element === document.activeElement)).toBe(true);
    // What was looked at whole has been received.
    await theirs.getByText("We told Riverside Clinic").waitFor();
    expect(await theirs.getByRole("button", { name: /download|save/i }).count()).toBe(0);

    await press(page.getByRole("button", { name: "Send another" }));
    await press(page.getByRole("button", { name: "Yes, done" }));
    await title(page, "Send files");
    expect(faults()).toEqual([]);
  });

  test("a link that is revoked while its recipient looks says at the next act what an unknown one says", async () => {
    await fill();
    const link = await sendNow();
    const watching = await confirmed(link);
    await title(watching, "1 file for you");
    // The viewer's step back leads to the list, not out of the page.
    await watching.getByRole("button", { name: "View note.txt" }).click();
    await watching.getByText(NOTE).waitFor();
    await watching.goBack();
    await watching.getByText(NOTE).waitFor({ state: "detached" });
    await title(watching, "1 file for you");

    await finish();
    await page
      .getByRole("navigation")
      .getByRole("link", { name: /^Transfers/ })
      .click();
    await page
      .getByRole("button", { name: `Revoke ${recipient}` })
      .first()
      .click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke now" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });

    await watching.getByRole("button", { name: "View note.txt" }).click();
    await title(watching, "These files are no longer available");
    const unknown = await otherPage();
    await unknown.goto(link.replace(/grt_.{5}/u, "grt_aaaaa"));
    await title(unknown, "These files are no longer available");
    const words = (on: Page) => on.getByRole("main").innerText();
    expect(await words(watching)).toBe(await words(unknown));
    expect(await watching.getByText("Is something wrong?").count()).toBe(0);
    expect(faults()).toEqual([]);
  });

  test("two tabs with one link are one recipient: the code opens the first, and the second says that it is spent", async () => {
    await fill();
    const link = await sendNow();
    await finish();
    const first = await otherPage();
    await first.goto(link);
    await first.getByRole("button", { name: "Send me a code" }).click();
    const second = await first.context().newPage();
    await second.goto(link);
    await second.getByRole("button", { name: "I have a code already" }).click();
    const digits = await code();
    await first.getByLabel("6-digit code").fill(digits);
    await first.getByRole("button", { name: "Continue" }).click();
    await title(first, "1 file for you");
    await second.getByLabel("6-digit code").fill(digits);
    await second.getByRole("button", { name: "Continue" }).click();
    await second.getByRole("alert").waitFor();
    expect(await downloaded(first)).toBe(NOTE);
    // Back leads out, and forward to a page that has forgotten its secret and says so.
    await first.goto("about:blank");
    await first.goBack();
    await title(first, "This link is incomplete");
    expect(faults()).toEqual([]);
  });

  test("what was chosen is there after the back button and after a session that ended, and in no other tab", async () => {
    await fill();
    await page.getByText("View only").click();
    await page.getByLabel("Terms to accept").selectOption("none");
    await page.getByRole("button", { name: "Review and send" }).click();
    await title(page, "Check before you send");
    await page.goBack();
    await title(page, "Send files");
    expect(await page.getByRole("radio", { name: /^View only/ }).isChecked()).toBe(true);
    await page.goForward();
    await title(page, "Check before you send");

    const second = await page.context().newPage();
    await second.goto(`${origin}/send`);
    await title(second, "Send files");
    expect(await second.getByLabel("E-mail address").inputValue()).toBe("");
    await second.getByLabel("E-mail address").fill("somebody.else@example.org");
    await second.close();

    await page.context().clearCookies();
    await page.getByRole("button", { name: "Encrypt and send" }).click();
    await title(page, "Sign in");
    await page.getByText("Your session is over").waitFor();
    await page.getByLabel("E-mail").fill(MEMBER);
    await page.getByLabel("Password", { exact: true }).fill(TEST_PASSWORD);
    await page.getByLabel("Code from your authenticator").fill(freshCode());
    await page.getByRole("button", { name: "Sign in" }).click();
    await title(page, "Send files");
    await page.getByText("note.txt").first().waitFor();
    expect(await page.getByLabel("E-mail address").inputValue()).toBe(recipient);
    expect(await page.getByRole("radio", { name: /^View only/ }).isChecked()).toBe(true);
    expect(await page.getByLabel("Terms to accept").inputValue()).toBe("none");
    const theirs = await confirmed(await sendNow());
    await title(theirs, "Before you open the files");
    await finish();
    expect(faults()).toEqual([]);
  });

  test.skipIf(CLOCK_MISSING !== null)(
    `a link that its receipt closes is over when the time is (${CLOCK_MISSING ?? "the server's clock is moved"})`,
    async () => {
      await fill();
      await page.getByText("More limits").click();
      await page.getByText("Close a link 15 minutes").click();
      const theirs = await confirmed(await sendNow());
      await title(theirs, "1 file for you");
      expect(await downloaded(theirs)).toBe(NOTE);
      await theirs.getByText("We told Riverside Clinic").waitFor();
      await clock.move(15 * 60 + 1);
      await theirs.getByRole("button", { name: "Download again: note.txt" }).click();
      await title(theirs, "These files are no longer available");
      expect(faults()).toEqual([]);
    },
  );
});
