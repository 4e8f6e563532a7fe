/**
 * How chosen files come to the worker that encrypts them, in the real Chromium: through the service worker beside it, and where there is
 * none, another way.
 */
import { createHash, randomBytes } from "node:crypto";
import { rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type RunningInstance, removeFolder, startInstance, temporaryFolder } from "@safeconduct/testkit";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { becomeSender, openList, prepareSending, shownLink } from "./large-files.ts";
import { chromiumPath, launchChromium, openPage, type WatchedPage } from "./portal-browser.ts";

const executable = chromiumPath();
const MEBIBYTE = 1 << 20;
const SCOPE = "/assets/upload-worker-";

describe.skipIf(executable === null)("chosen files (needs Chromium on the PATH)", () => {
  let root: string;
  let instance: RunningInstance;
  let browser: Browser;
  let member: WatchedPage;
  let page: Page;
  const asked: string[] = [];

  beforeAll(async () => {
    root = await temporaryFolder();
    instance = await startInstance({ home: join(root, "home") });
    browser = await launchChromium(executable ?? "");
    member = await openPage(browser, new URL(instance.portal).origin);
    page = member.page;
    page.context().on("request", (request) => {
      const { protocol, pathname } = new URL(request.url());
      if (protocol === "blob:" || /^\/reading\/[0-9a-f]/.test(pathname))
        asked.push(protocol === "blob:" ? "blob" : "reading");
    });
    await becomeSender(page, instance);
  });
  afterAll(async () => {
    await browser.close();
    await instance.stop();
    await removeFolder(root);
  });

  async function send(path: string, recipient: string): Promise<void> {
    await prepareSending(page, instance, { files: [path], recipient });
    await page.getByRole("button", { name: "Encrypt and send" }).click();
  }

  async function arrived(link: string, { name, recipient }: { name: string; recipient: string }): Promise<string> {
    const reader = await openPage(browser, new URL(instance.portal).origin);
    await openList(reader.page, instance, { link, recipient });
    const [download] = await Promise.all([
      reader.page.waitForEvent("download"),
      reader.page.getByRole("button", { name: `Download ${name}` }).click(),
    ]);
    const stream = await download.createReadStream();
    const hash = createHash("sha256");
    for await (const piece of stream) hash.update(piece as Buffer);
    await reader.close();
    return hash.digest("hex");
  }

  async function fileOf(name: string, content: Buffer): Promise<string> {
    const path = join(root, name);
    await writeFile(path, content);
    return path;
  }

  const workerIsActive = () =>
    page.waitForFunction(async (scope) => {
      const registration = await navigator.serviceWorker.getRegistration(scope);
      return registration?.active?.state === "activated" && registration.scope === location.origin + scope;
    }, SCOPE);

  test("come through the worker, each as it is, and no page does", async () => {
    await workerIsActive();
    const content = randomBytes(20 * MEBIBYTE + 12_345);
    const [name, recipient] = ["scan.bin", "r1@northlake-cardiology.example"];
    asked.length = 0;
    await send(await fileOf(name, content), recipient);
    const link = await shownLink(page);
    expect(asked).toEqual(["reading"]);
    expect(await page.evaluate(() => navigator.serviceWorker.controller)).toBeNull();
    expect(await arrived(link, { name, recipient })).toBe(createHash("sha256").update(content).digest("hex"));
    expect(member.faults.splice(0)).toEqual([]);
  });

  test("come to their end though the browser stops the worker meanwhile, as it does with one that nobody asks for 30 seconds", async () => {
    // More than parts that wait can hold.
    const content = randomBytes(120 * MEBIBYTE);
    const [name, recipient] = ["long.bin", "r4@northlake-cardiology.example"];
    const { promise: held, resolve: tell } = Promise.withResolvers<void>();
    const { promise: freed, resolve: free } = Promise.withResolvers<void>();
    await page.context().route("**/blobs/**", async (route) => {
      tell();
      await freed;
      await route.continue();
    });
    asked.length = 0;
    await send(await fileOf(name, content), recipient);
    await held;
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("ServiceWorker.enable");
    await devtools.send("ServiceWorker.stopAllWorkers");
    free();
    const link = await shownLink(page);
    await page.context().unroute("**/blobs/**");
    expect(asked).toEqual(["reading"]);
    expect(await arrived(link, { name, recipient })).toBe(createHash("sha256").update(content).digest("hex"));
  });

  test("come another way where the worker is away", async () => {
    const content = randomBytes(3 * MEBIBYTE);
    const [name, recipient] = ["plain.bin", "r2@northlake-cardiology.example"];
    const path = await fileOf(name, content);
    await prepareSending(page, instance, { files: [path], recipient });
    await page.evaluate(async (scope) => {
      await (await navigator.serviceWorker.getRegistration(scope))?.unregister();
    }, SCOPE);
    // Back and forth: the worker that waited was started while the other was there.
    await page.goBack();
    await page.getByRole("button", { name: "Review and send" }).click();
    asked.length = 0;
    await page.getByRole("button", { name: "Encrypt and send" }).click();
    const link = await shownLink(page);
    expect(asked).toEqual(["reading", "blob"]);
    expect(await arrived(link, { name, recipient })).toBe(createHash("sha256").update(content).digest("hex"));
    expect(member.faults.splice(0)).toEqual([]);
  });

  test.each([
    ["gone", (path: string) => rm(path)],
    ["shorter than it was", (path: string) => truncate(path, MEBIBYTE)],
  ])("that are %s since they were chosen are told of by name of the fault", async (_what, spoil) => {
    await page.goto(new URL("/send", instance.portal).href);
    await workerIsActive();
    const path = await fileOf("spoilt.bin", randomBytes(12 * MEBIBYTE));
    await prepareSending(page, instance, { files: [path], recipient: "r3@northlake-cardiology.example" });
    await spoil(path);
    await page.getByRole("button", { name: "Encrypt and send" }).click();
    await page.getByText("cannot be read any more").waitFor();
    expect(member.faults.splice(0)).toEqual([]);
  });
});
