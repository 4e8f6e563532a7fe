/**
 * A recipient's passkey in the real Chromium, with the true server, key service and command line: added after a passcode, demanded
 * later, refused where it must be, taken away.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  known,
  mailedCode,
  removeFolder,
  runCli,
  type RunningInstance,
  setUp,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
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
const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
const CONTENT = "Seen on Tuesday.";

describe.skipIf(executable === null)(
  `a recipient's passkey${executable === null ? " (skipped: no Chromium here)" : ""}`,
  () => {
    let root: string;
    let config: string;
    let instance: RunningInstance;
    let browser: Browser;
    let watched: WatchedPage;
    let device: VirtualDevice;

    beforeAll(async () => {
      root = await temporaryFolder();
      config = join(root, "config");
      instance = await startInstance({ home: join(root, "home") });
      await setUp(instance, config);
      await writeFile(join(root, "note.txt"), CONTENT);
      browser = await launchChromium(executable ?? "");
      watched = await openPage(browser, new URL(instance.portal).origin);
      device = await virtualDevice(watched.page);
    });
    afterAll(async () => {
      await browser.close();
      await instance.stop();
      await removeFolder(root);
    });

    const cli = (...words: string[]) => runCli([...words, "--json"], { config });
    const send = (...args: string[]) =>
      cli("send", join(root, "note.txt"), "--to", RECIPIENT, "--purpose", "TREAT", ...args);
    async function sent(...args: string[]): Promise<{ link: string; passcode?: string }> {
      const run = await send(...args);
      expect(run.errors).toBe("");
      return known((run.json as { links: { link: string; passcode?: string }[] }).links[0]);
    }
    const title = ({ page }: WatchedPage, text: string) =>
      page.getByRole("heading", { level: 1, name: text }).waitFor();
    /** Opens the link and confirms the address. */
    async function confirm(at: WatchedPage, link: string): Promise<void> {
      await at.page.goto(link);
      await at.page.getByRole("button", { name: "Send me a code" }).click();
      await at.page.getByLabel("6-digit code").waitFor();
      await at.page.getByLabel("6-digit code").fill(await mailedCode(instance, RECIPIENT));
      await at.page.getByRole("button", { name: "Continue" }).click();
    }

    test("cannot be asked for before there is one", async () => {
      const run = await send("--factor", "passkey");
      expect([run.exitCode, run.errors]).toEqual([2, expect.stringContaining("has not enrolled a passkey")]);
    });

    test("is added after a passcode, by keyboard, and says whose it is", async () => {
      const { page } = watched;
      const { link, passcode } = await sent();
      await confirm(watched, link);
      await page.getByLabel("Passcode").fill(passcode ?? "");
      await page.keyboard.press("Enter");
      await title(watched, "1 file for you");
      await page.getByRole("button", { name: "Add a passkey" }).press("Enter");
      await page.getByText("Your passkey is added for Riverside Clinic.").waitFor();
      expect(await device.credentials()).toMatchObject([
        { rpId: "localhost", isResidentCredential: true, userName: `Riverside Clinic: ${RECIPIENT}` },
      ]);
      expect((await cli("factor", "show", RECIPIENT)).json).toMatchObject({ enrolled: ["passkey"] });
    });

    test("opens a later transfer with the mailed code, where the device knows who is there", async () => {
      const { page } = watched;
      const { link, passcode } = await sent("--factor", "passkey");
      expect(passcode).toBeUndefined();
      await confirm(watched, link);
      await title(watched, "One more step: your passkey");
      expect(await accessibilityFaults(page)).toEqual([]);
      await device.verifies(false);
      await page.getByRole("button", { name: "Use my passkey" }).press("Enter");
      await page.getByRole("alert").getByText("No passkey was used").waitFor();
      await device.verifies(true);
      await page.getByRole("button", { name: "Use my passkey" }).press("Enter");
      await title(watched, "1 file for you");
      const [saved] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: "Download note.txt" }).click(),
      ]);
      expect(await readFile(await saved.path(), "utf8")).toBe(CONTENT);
      expect(watched.faults).toEqual([]);
    });

    test("does not open from the command line, which says where it does", async () => {
      const { link } = await sent("--factor", "passkey");
      const run = await runCli(["receive", link, "--out", join(root, "out"), "--json"], {
        config: join(root, "stranger"),
        answer: () => mailedCode(instance, RECIPIENT),
      });
      expect([run.exitCode, run.errors]).toEqual([2, expect.stringContaining("Open the link in the browser")]);
    });

    test("of a stranger, or copied before its last use, opens nothing", async () => {
      const { link } = await sent("--factor", "passkey");
      const copied = known((await device.credentials())[0]);
      const other = await openPage(browser, new URL(instance.portal).origin);
      const copy = await virtualDevice(other.page);
      await confirm(other, link);
      await other.page.getByRole("button", { name: "Use my passkey" }).click();
      await other.page.getByRole("alert").getByText("No passkey was used").waitFor();
      await copy.take({ ...copied, signCount: 0 });
      await other.page.getByRole("button", { name: "Use my passkey" }).click();
      await other.page.getByRole("alert").getByText("That passkey was not accepted").waitFor();
      expect(await accessibilityFaults(other.page)).toEqual([]);
      expect(other.faults).toEqual([]);
      await other.close();
    });

    test("is not made twice by one device, is made by a second one, and all are taken away together", async () => {
      const { page } = watched;
      const { link } = await sent("--factor", "passkey");
      await confirm(watched, link);
      await page.getByRole("button", { name: "Use my passkey" }).click();
      await title(watched, "1 file for you");
      await page.getByText("Your passkeys", { exact: true }).click();
      await page.getByRole("button", { name: "Add another passkey" }).click();
      await page.getByRole("alert").getByText("has a passkey for this organisation already").waitFor();
      await device.forget();
      await page.getByRole("button", { name: "Add another passkey" }).click();
      await page.getByText("Your passkey is added for Riverside Clinic.").waitFor();

      const later = await sent("--factor", "passkey");
      await confirm(watched, later.link);
      await page.getByRole("button", { name: "Use my passkey" }).click();
      await title(watched, "1 file for you");
      await page.getByText("Your passkeys", { exact: true }).click();
      await page.getByRole("button", { name: "Remove my passkeys" }).click();
      await page.getByText("Your passkeys were removed.").waitFor();
      expect((await cli("factor", "show", RECIPIENT)).json).toMatchObject({ enrolled: [] });
      expect((await send("--factor", "passkey")).errors).toContain("has not enrolled a passkey");
      expect(watched.faults).toEqual([]);
    });
  },
);
