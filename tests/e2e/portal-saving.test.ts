/** Large files on the recipient's page in the real Chromium: streamed to the disk by the service worker, never kept when something is off. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { ensurePortal } from "@safeconduct/testkit";
import type { Browser, Download, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { chromiumPath, launchChromium, openPage, type WatchedPage } from "./portal-browser.ts";
import { offer, openPortalDouble, type PortalDouble } from "./portal-double.ts";
import { crypto, type SamplePackage, samplePackage } from "./portal-package.ts";

const executable = chromiumPath();
const SIZE_BYTES = 60_000_000;
/** Quotation marks cannot be in a path; everything else that a header could trip over can. */
const NAME = "Röntgen; filename=x 100%.dcm";

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest("hex");
}

describe.skipIf(executable === null)("a file too large for memory (needs Chromium on the PATH)", () => {
  let browser: Browser;
  let double: PortalDouble;
  let sample: SamplePackage;
  let expected: string;
  let watched: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    await ensurePortal();
    [browser, double] = await Promise.all([launchChromium(executable ?? ""), openPortalDouble()]);
    const block = crypto.random.bytes(1 << 16);
    const content = new Uint8Array(SIZE_BYTES);
    for (let at = 0; at < SIZE_BYTES; at += block.length) content.set(block.subarray(0, SIZE_BYTES - at), at);
    expected = createHash("sha256").update(content).digest("hex");
    sample = await samplePackage([{ path: `series/${NAME}`, content }]);
  });
  afterAll(async () => {
    await browser.close();
    await double.close();
  });
  beforeEach(async () => {
    double.answers.clear();
    double.asked.length = 0;
    offer(double, sample);
    watched = await openPage(browser, double.origin);
    page = watched.page;
    await page.goto(`${double.origin}${sample.link}`);
    await page.getByRole("button", { name: "Send me a code" }).click();
    await page.getByLabel("6-digit code").fill("402719");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "1 file for you" }).waitFor();
    // The worker comes up while the person looks at the list.
    await page.waitForFunction(async () => {
      const registration = await navigator.serviceWorker.getRegistration("/saving/");
      return registration?.active?.state === "activated";
    });
  });
  afterEach(async () => {
    await watched.close();
  });

  async function begin(): Promise<Download> {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: /^Download( again:)? Röntgen/ }).click(),
    ]);
    return download;
  }
  const receipts = () => double.asked.filter((asked) => asked.endsWith("/receipt")).length;

  test("is streamed to the disk under its name and told as arrived", async () => {
    const download = await begin();
    expect(download.suggestedFilename()).toBe(NAME);
    expect(await sha256Of(await download.path())).toBe(expected);
    await page.getByText("We told Riverside Clinic").waitFor();
    expect(receipts()).toBe(1);
    expect(watched.faults).toEqual([]);
  });

  test("is not kept when a bit near its end was changed, and sends no receipt", async () => {
    double.blob = ({ offset, length }) => {
      const bytes = sample.blob.slice(offset, offset + length);
      if (offset > SIZE_BYTES - 8_000_000) bytes[0] = (bytes[0] ?? 0) ^ 1;
      return bytes;
    };
    const download = await begin();
    expect(await download.failure()).not.toBeNull();
    await page.getByText("Not downloaded.").waitFor();
    expect(receipts()).toBe(0);
    offer(double, sample);
    expect(await sha256Of(await (await begin()).path())).toBe(expected);
  });

  test("can be cancelled on the page and in the browser's own list, and begun again", async () => {
    double.blob = ({ offset, length }) =>
      offset > 20_000_000 ? { hang: true } : sample.blob.slice(offset, offset + length);
    const first = await begin();
    await page.getByRole("button", { name: /^Cancel Röntgen/ }).click();
    expect(await first.failure()).not.toBeNull();
    await page.getByText("Cancelled. Nothing was kept.").waitFor();

    const second = await begin();
    await second.cancel();
    offer(double, sample);
    // A full disk looks the same to the page, so the words are for both.
    await page.getByText("Your browser stopped saving this file").waitFor();
    expect(await sha256Of(await (await begin()).path())).toBe(expected);
  });

  test("has an address that works once and for nobody else", async () => {
    const download = await begin();
    await download.path();
    const status = await page.evaluate(async (address) => (await fetch(address)).status, download.url());
    expect(status).not.toBe(200);
  });
});
