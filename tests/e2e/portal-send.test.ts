/**
 * Sending from the page: the true portal, server and key service, in the real Chromium. A member whose browser is a device sends to
 * somebody who opens with the passcode; and what a bad day does to an upload: a lost network, a reload, a second tab, a change of mind.
 */
import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  mailedCode,
  type RunningInstance,
  removeFolder,
  sharedData,
  startInstance,
  temporaryFolder,
  TEST_PASSWORD,
} from "@safeconduct/testkit";
import type { Browser, Page, Route } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { authenticatorCode } from "../../testkit/src/authenticator.ts";
import { plainPicture } from "../../apps/portal/src/view/dicom/dicom-samples.ts";
import { accessibilityFaults, chromiumPath, launchChromium, openPage, type WatchedPage } from "./portal-browser.ts";

/** As many as a CT of the chest has. */
const SERIES_LENGTH = 312;
const executable = chromiumPath();
const MEBIBYTE = 1 << 20;
/** Several parts: of the first some arrive, of the last none. */
const LARGE_BYTES = 40 * MEBIBYTE;
const STEP_LIMIT_MS = 60_000;

describe.skipIf(executable === null)("sending from the page (needs Chromium on the PATH)", () => {
  let root: string;
  let instance: RunningInstance;
  let browser: Browser;
  let origin: string;
  let member: WatchedPage;
  let page: Page;
  /** Another one in each test: a mailbox tells the last code. */
  let recipient = "";
  let tests = 0;

  beforeEach(() => {
    recipient = `r${++tests}@northlake-cardiology.example`;
  });
  beforeAll(async () => {
    root = await temporaryFolder();
    instance = await startInstance({ home: join(root, "home") });
    origin = new URL(instance.portal).origin;
    browser = await launchChromium(executable ?? "");
    member = await openPage(browser, origin);
    page = member.page;
    page.context().setDefaultTimeout(STEP_LIMIT_MS);
    await becomeMember();
  });
  afterAll(async () => {
    await browser.close();
    await instance.stop();
    await removeFolder(root);
  });
  /** Of all that came before: asked at the end of each test. */
  const noFaults = () => member.faults.splice(0);

  const title = (on: Page, text: string | RegExp) => on.getByRole("heading", { level: 1, name: text }).waitFor();

  async function becomeMember(): Promise<void> {
    await page.goto(instance.setup ?? "");
    await page.getByLabel("Name of the organisation").fill("Riverside Clinic");
    await page.getByLabel("Your name").fill("M. Okafor");
    await page.getByLabel("Your work e-mail").fill("m.okafor@riverside.example");
    await page.getByLabel("Password", { exact: true }).fill(TEST_PASSWORD);
    await page.getByRole("button", { name: "Continue" }).click();
    await title(page, "Add an authenticator");
    const secret = ((await page.locator(".secret").textContent()) ?? "").replaceAll(" ", "");
    await page.getByLabel("6-digit code").fill(authenticatorCode(secret, Date.now()));
    await page.getByRole("button", { name: "Continue" }).click();
    await title(page, "Keys for this browser");
    await page.goto(`${origin}/send`);
    await page.getByRole("button", { name: "Make keys here" }).click();
    await title(page, "Send files");
  }

  async function fileOf(name: string, content: Buffer): Promise<string> {
    const path = join(root, name);
    await writeFile(path, content);
    return path;
  }
  const chooseFiles = (paths: readonly string[]) =>
    page
      .getByRole("region", { name: "1 · Files" })
      .getByLabel("Choose files")
      .setInputFiles([...paths]);

  async function fill(paths: readonly string[]): Promise<void> {
    await page.goto(`${origin}/send`);
    await title(page, "Send files");
    await chooseFiles(paths);
    await page.getByLabel("E-mail address").fill(recipient);
    await page.getByLabel("What the files are for").selectOption("TREAT");
  }

  async function send(paths: readonly string[]): Promise<void> {
    await fill(paths);
    await page.getByRole("button", { name: "Review and send" }).click();
    await title(page, "Check before you send");
    await page.getByRole("button", { name: "Encrypt and send" }).click();
  }

  async function shownLink(): Promise<{ link: string; passcode: string }> {
    await title(page, "Sent and sealed");
    const [link, passcode] = await page.locator(".copyable code").allTextContents();
    return { link: link ?? "", passcode: passcode ?? "" };
  }

  async function finish(): Promise<void> {
    await page.getByRole("button", { name: "Send another" }).click();
    await page.getByRole("button", { name: "Yes, done" }).click();
    await title(page, "Send files");
  }

  /** Lets `count` parts through and holds the others until `free`. */
  async function holdParts(count: number): Promise<{ held: Promise<void>; free: () => Promise<void> }> {
    let seen = 0;
    const waiting: Route[] = [];
    let tell: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      tell = resolve;
    });
    await page.context().route("**/blobs/**", (route) => {
      if (++seen <= count) return route.continue();
      waiting.push(route);
      tell();
      return undefined;
    });
    const free = async () => {
      await page.context().unroute("**/blobs/**");
      for (const route of waiting) await route.continue().catch(() => undefined);
    };
    return { held, free };
  }

  /** The recipient's list of files, in a browser of theirs. */
  async function opened<T>(
    { link, passcode }: { link: string; passcode: string },
    use: (theirs: Page) => Promise<T>,
  ): Promise<T> {
    const theirTab = await openPage(browser, origin, { width: 390 });
    try {
      const { page: theirs } = theirTab;
      theirs.context().setDefaultTimeout(STEP_LIMIT_MS);
      await theirs.goto(link);
      await theirs.getByRole("button", { name: "Send me a code" }).click();
      await theirs.getByLabel("6-digit code").waitFor();
      // The mail is on its way when the page has its answer.
      const code = await vi.waitFor(() => mailedCode(instance, recipient), { timeout: STEP_LIMIT_MS });
      await theirs.getByLabel("6-digit code").fill(code);
      await theirs.getByRole("button", { name: "Continue" }).click();
      await title(theirs, "One more step: the passcode");
      await theirs.getByLabel("Passcode").fill(passcode);
      await theirs.keyboard.press("Enter");
      await title(theirs, /for you$/);
      const result = await use(theirs);
      expect(theirTab.faults).toEqual([]);
      return result;
    } finally {
      await theirTab.close();
    }
  }
  const received = (sent: { link: string; passcode: string }, name: string): Promise<Buffer> =>
    opened(sent, async (theirs) => {
      const [saved] = await Promise.all([
        theirs.waitForEvent("download"),
        theirs.getByRole("button", { name: `Download ${name}` }).click(),
      ]);
      return readFile(await saved.path());
    });

  test("a form that is not whole says what is missing, each with its control", async () => {
    await page.goto(`${origin}/send`);
    await page.getByRole("button", { name: "Review and send" }).click();
    await page.getByRole("alert").waitFor();
    const links = await page.getByRole("alert").getByRole("link").allTextContents();
    expect(links).toHaveLength(3);
    await page
      .getByRole("alert")
      .getByRole("link", { name: /e-mail address/ })
      .click();
    expect(await page.evaluate(() => document.activeElement?.id)).toMatch(/address$/);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(noFaults()).toEqual([]);
  });

  test("a file arrives at the recipient with link and passcode, as the same bytes", async () => {
    const content = randomBytes(3 * MEBIBYTE + 17);
    await send([await fileOf("report.pdf", content)]);
    const sent = await shownLink();
    expect(sent.passcode).toMatch(/^[0-9A-Z]{5}-[0-9A-Z]{5}$/);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: `Copy the link for ${recipient}` }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(sent.link);
    expect((await received(sent, "report.pdf")).equals(content)).toBe(true);
    // Somebody who reloads the page has not lost what the server does not know.
    await page.reload();
    await page.getByRole("button", { name: /^Go on with the sending/ }).click();
    expect(await shownLink()).toEqual(sent);
    await finish();
    expect(await page.getByText("Not finished yet").count()).toBe(0);
    expect(noFaults()).toEqual([]);
  });

  const dicom = sharedData();
  test.skipIf(dicom === null)("a folder of images is one row for each series (needs the shared data)", async () => {
    const folder = join(root, "study");
    await mkdir(join(folder, "images"), { recursive: true });
    const image = await readFile(join(dicom ?? "", "dicom/CT_small.dcm"));
    for (let number = 1; number <= 5; number++) await writeFile(join(folder, "images", `IM${number}`), image);
    await writeFile(join(folder, "readme.txt"), "hello");
    await page.goto(`${origin}/send`);
    await page.getByLabel("Choose a folder").setInputFiles(folder);
    const rows = page.getByRole("list", { name: "Files to send" }).getByRole("listitem");
    await rows.nth(1).waitFor();
    expect(await rows.count()).toBe(2);
    await rows
      .filter({ hasText: /^CT.*, 5 images/ })
      .getByText("1 patient")
      .waitFor();
    await page.getByText("One patient in all images").waitFor();
    await page.getByRole("button", { name: "Remove study/readme.txt" }).click();
    expect(await rows.count()).toBe(1);
    await page.getByLabel("E-mail address").fill(recipient);
    await page.getByLabel("What the files are for").selectOption("TREAT");
    await page.getByRole("button", { name: "Review and send" }).click();
    await title(page, "Check before you send");
    // The browser's back button leads to the form, with everything in it.
    await page.goBack();
    await title(page, "Send files");
    expect(await page.getByLabel("E-mail address").inputValue()).toBe(recipient);
    await page.getByRole("button", { name: "Review and send" }).click();
    await page.getByRole("button", { name: "Encrypt and send" }).click();
    const sent = await shownLink();
    expect((await received(sent, "IM3")).equals(image)).toBe(true);
    await finish();
    expect(noFaults()).toEqual([]);
  });

  test("a folder of 312 images is one row, and its recipient looks through it from the first to the last", async () => {
    const folder = join(root, "thorax");
    await mkdir(folder);
    for (let number = 1; number <= SERIES_LENGTH; number++) {
      const picture = {
        rows: 64,
        columns: 64,
        pixels: Array(64 * 64).fill(number),
        position: number,
        instance: number,
      };
      await writeFile(join(folder, `IM${String(number).padStart(4, "0")}`), plainPicture(picture));
    }
    await page.goto(`${origin}/send`);
    await title(page, "Send files");
    await page.getByLabel("Choose a folder").setInputFiles(folder);
    const rows = page.getByRole("list", { name: "Files to send" }).getByRole("listitem");
    await rows.filter({ hasText: `${SERIES_LENGTH} images` }).waitFor();
    expect(await rows.count()).toBe(1);
    await page.getByLabel("E-mail address").fill(recipient);
    await page.getByLabel("What the files are for").selectOption("TREAT");
    await page.getByRole("button", { name: "Review and send" }).click();
    await title(page, "Check before you send");
    await page.getByRole("button", { name: "Encrypt and send" }).click();
    await opened(await shownLink(), async (theirs) => {
      await theirs.getByRole("button", { name: "View IM0001" }).click();
      const shown = (place: number) =>
        theirs.getByRole("img", { name: new RegExp(`^Picture ${place} of ${SERIES_LENGTH}: CT`, "u") }).waitFor();
      await shown(1);
      await theirs.keyboard.press("ArrowDown");
      await shown(2);
      const slider = theirs.getByRole("slider");
      await slider.focus();
      await slider.press("End");
      await shown(SERIES_LENGTH);
    });
    await finish();
    expect(noFaults()).toEqual([]);
  });

  test("an upload goes on through a lost network, a pause and another page, and a second tab leaves it alone", async () => {
    const content = randomBytes(LARGE_BYTES);
    const { held, free } = await holdParts(2);
    await send([await fileOf("large.bin", content)]);
    await held;
    await page.context().setOffline(true);
    await free();
    await page.getByText("It goes on by itself").waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.context().setOffline(false);

    await page.getByRole("navigation").getByRole("link", { name: "Transfers" }).click();
    await page.getByRole("complementary", { name: "Upload" }).getByText("Paused").waitFor();
    const second = await page.context().newPage();
    await second.goto(`${origin}/send`);
    await second.getByText("Another tab is working on it.").waitFor();
    expect(await second.getByRole("button", { name: /^Give up/ }).count()).toBe(0);
    await second.close();

    await page.getByRole("complementary", { name: "Upload" }).getByRole("link", { name: "Show" }).click();
    await page.getByRole("button", { name: "Go on" }).click();
    const sent = await shownLink();
    expect(await setAside()).toEqual([]);
    expect((await received(sent, "large.bin")).equals(content)).toBe(true);
    await finish();
    expect(noFaults()).toEqual([]);
  });

  test("an upload whose page was reloaded goes on with the same files, and with no others", async () => {
    const content = randomBytes(LARGE_BYTES);
    const path = await fileOf("scan.bin", content);
    const { held, free } = await holdParts(2);
    await send([path]);
    await held;
    expect(await setAside()).not.toEqual([]);
    page.once("dialog", (dialog) => void dialog.accept());
    await page.reload();
    await free();
    await page.getByText(/% has arrived/).waitFor();
    await chooseAgain(await fileOf("other.bin", randomBytes(10)));
    await page.getByRole("alert").getByText("1 file missing").waitFor();
    let puts = 0;
    page.context().on("request", (request) => {
      if (request.method() === "PUT") puts++;
    });
    await chooseAgain(path);
    const sent = await shownLink();
    // What the worker that the reload stopped had set aside is gone too.
    expect(await setAside()).toEqual([]);
    expect(puts).toBeLessThan(5);
    expect((await received(sent, "scan.bin")).equals(content)).toBe(true);
    await finish();
  });
  /** Names of the folders in which workers set parts aside. */
  const setAside = () =>
    page.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      const names: string[] = [];
      for await (const name of (await root.getDirectoryHandle("safeconduct-parts")).keys()) names.push(name);
      return names;
    });

  const chooseAgain = (path: string) =>
    page.getByRole("region", { name: "Not finished yet" }).getByLabel("Choose files").setInputFiles(path);

  test("an upload whose code does not arrive says so, and goes the next time", async () => {
    const content = randomBytes(MEBIBYTE);
    await fill([await fileOf("late.bin", content)]);
    await page.context().route("**/assets/hpke-noble-*", (route) => route.abort());
    await page.getByRole("button", { name: "Review and send" }).click();
    await title(page, "Check before you send");
    await page.getByRole("button", { name: "Encrypt and send" }).click();
    await page.getByText("The browser stopped the upload.").waitFor();
    await page.context().unroute("**/assets/hpke-noble-*");
    await page.getByRole("button", { name: "Back to the form" }).click();
    await page.getByRole("button", { name: "Encrypt and send" }).click();
    expect((await received(await shownLink(), "late.bin")).equals(content)).toBe(true);
    await finish();
    // The browser itself says what was not loaded.
    noFaults();
  });

  test("a sending that is cancelled leaves nothing open, and the form as it was", async () => {
    const { held, free } = await holdParts(1);
    await send([await fileOf("wrong.bin", randomBytes(LARGE_BYTES))]);
    await held;
    await page.getByRole("button", { name: "Give up" }).click();
    await page.getByRole("button", { name: "Give up now" }).click();
    await free();
    await page.getByText("Nothing was sent, and what was uploaded is deleted.").waitFor();
    expect(await setAside()).toEqual([]);
    expect(await page.getByText("Not finished yet").count()).toBe(0);
    await page.getByRole("button", { name: "Encrypt and send" }).waitFor();
    expect(noFaults()).toEqual([]);
  });
});
