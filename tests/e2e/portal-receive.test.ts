/**
 * The recipient's page against a server that lies, breaks or is slow: what a true server reaches seldom. The package
 * and its keys are genuine; one thing is spoiled each time.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { base64UrlBytes, base64UrlText } from "@safeconduct/foundation";
import { ensurePortal } from "@safeconduct/testkit";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { chromiumPath, launchChromium, openPage, type WatchedPage } from "./portal-browser.ts";
import { invitation, offer, openPortalDouble, type PortalDouble, problem } from "./portal-double.ts";
import { crypto, type Release, type SamplePackage, samplePackage } from "./portal-package.ts";

const executable = chromiumPath();
const MEBIBYTE = 1 << 20;
const files = [
  { path: "series/1/scan.dcm", content: crypto.random.bytes(2 * MEBIBYTE + 17) },
  { path: "note.pdf", content: crypto.random.bytes(30_000) },
  { path: "empty.txt", content: new Uint8Array(0) },
] as const;

const flipped = (text: string): string => {
  const bytes = base64UrlBytes(text);
  if (bytes === null) throw new Error("not base64url");
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return base64UrlText(bytes);
};

describe.skipIf(executable === null)("the recipient's page (needs Chromium on the PATH)", () => {
  let browser: Browser;
  let double: PortalDouble;
  let sample: SamplePackage;
  let other: SamplePackage;
  let watched: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    await ensurePortal();
    [browser, double] = await Promise.all([launchChromium(executable ?? ""), openPortalDouble()]);
    [sample, other] = [await samplePackage(files), await samplePackage(files)];
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
  });
  afterEach(async () => {
    await watched.close();
  });

  const openLink = () => page.goto(`${double.origin}${sample.link}`);
  const title = (text: string | RegExp) => page.getByRole("heading", { level: 1, name: text }).waitFor();
  async function enterCode(code = "402719"): Promise<void> {
    await page.getByLabel("6-digit code").fill(code);
    await page.keyboard.press("Enter");
  }
  async function openFiles(): Promise<void> {
    await openLink();
    await page.getByRole("button", { name: "Send me a code" }).click();
    await enterCode();
    await title("3 files for you");
  }
  async function download(name: string): Promise<Buffer> {
    const [saved] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: `Download ${name}` }).click(),
    ]);
    expect(saved.suggestedFilename()).toBe(name);
    return readFile(await saved.path());
  }
  const count = (request: RegExp) => double.asked.filter((asked) => request.test(asked)).length;

  test("saves each file with the bytes and the name that the sender gave it", async () => {
    await openFiles();
    expect((await download("scan.dcm")).equals(files[0].content)).toBe(true);
    expect((await download("note.pdf")).equals(files[1].content)).toBe(true);
    expect(count(/receipt/)).toBe(0);
    expect(await download("empty.txt")).toHaveLength(0);
    await page.getByText("We told Riverside Clinic").waitFor();
    expect(count(/receipt/)).toBe(1);
    expect(watched.faults).toEqual([]);
  });

  test("asks for the passcode after the code, forgives how it is typed, and stays alive while it is hashed", async () => {
    const closed = await samplePackage(files, { passcode: "7K3QX-9MPA2" });
    offer(double, closed);
    await page.goto(`${double.origin}${closed.link}`);
    await page.getByRole("button", { name: "Send me a code" }).click();
    await enterCode();
    await title("One more step: the passcode");
    expect(count(/release/)).toBe(0);
    for (const [typed, words] of [
      ["1234", "at least 8 letters or digits"],
      ["AAAAA-BCDEF", "That was not accepted"],
    ] as const) {
      await page.getByLabel("Passcode").fill(typed);
      await page.keyboard.press("Enter");
      await page.getByRole("alert").getByText(words).waitFor();
    }
    expect(count(/passcode/)).toBe(1);
    await page.getByLabel("Passcode").fill(" 7k3qx 9mpa2 ");
    const frames = page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          let seen = 0;
          const next = () => {
            seen++;
            if (document.querySelector("h1")?.textContent === "3 files for you") resolve(seen);
            else requestAnimationFrame(next);
          };
          next();
        }),
    );
    await page.keyboard.press("Enter");
    await title("3 files for you");
    expect(await frames).toBeGreaterThan(2);
    expect((await download("note.pdf")).equals(files[1].content)).toBe(true);
    expect(watched.faults).toEqual([]);
  });

  test("asks for the authenticator's code, and lets it be taken away afterwards, all by keyboard", async () => {
    const closed = await samplePackage(files, { enrolled: "authenticator" });
    offer(double, closed);
    double.answers.set("GET /grants/*/factors", {
      body: { enrolled: ["authenticator"], removable: ["authenticator"] },
    });
    await page.goto(`${double.origin}${closed.link}`);
    await page.getByRole("button", { name: "Send me a code" }).click();
    await enterCode();
    await title("One more step: your authenticator");
    expect([count(/release/), count(/factors/)]).toEqual([0, 0]);
    for (const [typed, words] of [
      ["12", "Enter the six digits"],
      ["111111", "was not accepted"],
    ] as const) {
      await page.getByLabel("Code of your authenticator app").fill(typed);
      await page.keyboard.press("Enter");
      await page.getByRole("alert").getByText(words).waitFor();
    }
    await page.getByLabel("Code of your authenticator app").fill("628 113");
    await page.keyboard.press("Enter");
    await title("3 files for you");
    await page.getByText("Your authenticator app", { exact: true }).press("Enter");
    await page.getByRole("button", { name: "Remove my authenticator app" }).press("Enter");
    await page.getByText("Your authenticator app was removed.").waitFor();
    expect(watched.faults).toEqual([]);
  });

  test("offers an authenticator after a passcode, once, and never where nothing was demanded", async () => {
    const closed = await samplePackage(files, { passcode: "7K3QX-9MPA2" });
    offer(double, closed);
    await page.goto(`${double.origin}${closed.link}`);
    await page.getByRole("button", { name: "Send me a code" }).click();
    await enterCode();
    await page.getByLabel("Passcode").fill("7K3QX-9MPA2");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Add an authenticator app" }).press("Enter");
    const field = page.getByLabel("The six digits that the app shows");
    await field.fill("111111");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("That code is not right").waitFor();
    await field.fill("628113");
    await page.keyboard.press("Enter");
    await page.getByText("Your authenticator app is added for Riverside Clinic.").waitFor();
    expect(await page.content()).not.toContain("GEZD");

    const before = count(/factors/);
    offer(double, sample);
    await page.goto(`${double.origin}${sample.link}`);
    await page.getByRole("button", { name: "Send me a code" }).click();
    await enterCode();
    await title("3 files for you");
    expect(count(/factors/)).toBe(before);
    expect(watched.faults).toEqual([]);
  });

  test("says that a link is locked and who can help", async () => {
    const closed = await samplePackage(files, { passcode: "7K3QX-9MPA2" });
    offer(double, closed);
    double.answers.set("POST /grants/*/passcode", problem(403, "grant/locked", "Too many wrong passcodes."));
    await page.goto(`${double.origin}${closed.link}`);
    await page.getByRole("button", { name: "Send me a code" }).click();
    await enterCode();
    await page.getByLabel("Passcode").fill("AAAAA-BCDEF");
    await page.keyboard.press("Enter");
    await title("This link is locked");
    expect(await page.getByText("Ask the sender for a fresh link").isVisible()).toBe(true);
  });

  test("opens nothing when the sealed purpose is not the one that was shown", async () => {
    double.answers.set("GET /grants/*", invitation({ purpose: "HRESCH" }));
    await openLink();
    await page.getByRole("button", { name: "Send me a code" }).click();
    await enterCode();
    await title("These files could not be opened");
    expect(await page.content()).not.toContain("scan.dcm");
  });

  test("asks nothing of the server that changes anything before a button is pressed", async () => {
    await openLink();
    await title("Riverside Clinic sent you files");
    expect(double.asked.filter((asked) => !asked.startsWith("GET "))).toEqual([]);
  });

  test("names no file before the release", async () => {
    await openLink();
    await page.getByRole("button", { name: "Send me a code" }).click();
    await page.getByLabel("6-digit code").waitFor();
    expect(await page.content()).not.toContain("scan.dcm");
  });

  test("takes the secret out of the address bar and keeps nothing on the device", async () => {
    await openFiles();
    await download("note.pdf");
    expect(page.url()).toBe(`${double.origin}/r/${sample.grant}`);
    const secret = sample.link.split("#")[1] ?? "";
    const kept = await page.evaluate(async () => ({
      local: localStorage.length,
      session: sessionStorage.length,
      databases: (await indexedDB.databases()).length,
      caches: (await caches.keys()).length,
      cookies: document.cookie,
      page: document.documentElement.outerHTML,
    }));
    expect(kept).toMatchObject({ local: 0, session: 0, databases: 0, caches: 0, cookies: "" });
    expect(kept.page).not.toContain(secret);
  });

  test("never sends the secret", async () => {
    const sent: string[] = [];
    page.on("request", (request) =>
      sent.push(`${request.url()} ${request.postData() ?? ""} ${JSON.stringify(request.headers())}`),
    );
    await openFiles();
    const secret = sample.link.split("#")[1] ?? "";
    // Chromium shows the fragment of the page's own address here; it does not travel (RFC 9110, 4.2.4).
    const others = sent.filter((line) => !line.startsWith(`${double.origin}${sample.link}`));
    expect(others.length).toBeGreaterThan(5);
    expect(others.filter((line) => line.includes(secret))).toEqual([]);
  });

  test("explains a reload, which forgets the secret", async () => {
    await openLink();
    await title("Riverside Clinic sent you files");
    await page.reload();
    await title("This link is incomplete");
    expect(await page.getByText("open the link from your message again").isVisible()).toBe(true);
  });

  test("takes another link that is pasted into the same tab", async () => {
    await openLink();
    await title("Riverside Clinic sent you files");
    await Promise.all([page.waitForResponse(/grants/), openLink()]);
    await title("Riverside Clinic sent you files");
    expect(count(/^GET .grants/)).toBe(2);
    await page.goto(`${double.origin}/r/${sample.grant}#damaged`);
    await title("This link is incomplete");
    expect(count(/^GET .grants/)).toBe(2);
  });

  test("works by keyboard alone", async () => {
    await openLink();
    const sendCode = page.getByRole("button", { name: "Send me a code" });
    await sendCode.waitFor();
    await page.keyboard.press("Tab");
    expect(await sendCode.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press("Enter");
    await page.getByLabel("6-digit code").waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.type("402719");
    await page.keyboard.press("Enter");
    await title("3 files for you");
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("H1");
  });

  test("moves the focus to what is wrong and says so in the title", async () => {
    await openLink();
    await page.getByRole("button", { name: "Send me a code" }).click();
    await enterCode("000000");
    await page.getByRole("alert").waitFor();
    expect(await page.title()).toMatch(/^Error: /);
    expect(await page.evaluate(() => document.activeElement?.getAttribute("role"))).toBe("alert");
    await page.getByRole("alert").getByRole("link").click();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("code");
    expect(count(/release/)).toBe(0);
  });

  test("forgives spaces in a code, and asks the server nothing for a code that cannot be one", async () => {
    await openLink();
    await page.getByRole("button", { name: "I have a code already" }).click();
    await enterCode("40271");
    await page.getByRole("alert").waitFor();
    expect(count(/codes|confirmations/)).toBe(0);
    await enterCode(" 402 719 ");
    await title("3 files for you");
  });

  describe("opens nothing when the server gives", () => {
    const spoils: readonly (readonly [string, (release: Release) => Promise<Partial<Release>> | Partial<Release>])[] = [
      ["a damaged slot", ({ slot }) => ({ slot: flipped(slot) })],
      ["damaged shares", ({ sealedShares }) => ({ sealedShares: flipped(sealedShares) })],
      ["changed terms", ({ terms }) => ({ terms: flipped(terms) })],
      ["a changed seal", ({ sealRecord }) => ({ sealRecord: flipped(sealRecord) })],
      ["a changed signature", ({ sealSignature }) => ({ sealSignature: flipped(sealSignature) })],
      ["another sender's key", () => ({ signingPublicKey: base64UrlText(crypto.random.bytes(32)) })],
      ["no terms", () => ({ terms: "" })],
      ["text that is not base64url", () => ({ slot: "not base64url!" })],
    ];
    test.each(spoils)("%s", async (_, spoil) => {
      const changes = new Map<Release, Partial<Release>>();
      offer(double, sample, (release) => {
        const changed = spoil(release) as Partial<Release>;
        changes.set(release, changed);
        return changed;
      });
      await openLink();
      await page.getByRole("button", { name: "Send me a code" }).click();
      await enterCode();
      await title("These files could not be opened");
      expect(changes.size).toBe(1);
      expect(count(/receipt/)).toBe(0);
      expect(await page.content()).not.toContain("scan.dcm");
    });

    test("another package with a seal of its own", async () => {
      const foreign: Release[] = [];
      double.answers.set("POST /grants/*/release", async ({ body }) => {
        const key = base64UrlBytes((body as { ephemeralPublicKey: string }).ephemeralPublicKey);
        if (key === null) throw new Error("no key");
        const release = { ...(await other.release(key)), grant: sample.grant };
        foreign.push(release);
        return { body: { ...release, blob: { url: `${double.origin}/blobs/x`, expiresAt: Date.now() + 60_000 } } };
      });
      await openLink();
      await page.getByRole("button", { name: "Send me a code" }).click();
      await enterCode();
      await title("These files could not be opened");
      expect(foreign).toHaveLength(1);
    });

    test("a changed manifest", async () => {
      double.blob = ({ offset, length }) => {
        const bytes = sample.blob.slice(offset, offset + length);
        bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
        return bytes;
      };
      await openLink();
      await page.getByRole("button", { name: "Send me a code" }).click();
      await enterCode();
      await title("These files could not be opened");
      expect(await page.content()).not.toContain("scan.dcm");
    });
  });

  test("saves nothing of a file of which one bit was changed, and sends no receipt", async () => {
    await openFiles();
    const saved: unknown[] = [];
    page.on("download", (download) => saved.push(download));
    double.blob = ({ offset, length }) => {
      const bytes = sample.blob.slice(offset, offset + length);
      bytes[length - 1] = (bytes[length - 1] ?? 0) ^ 1;
      return bytes;
    };
    await page.getByRole("button", { name: "Download scan.dcm" }).click();
    await page.getByText("Not downloaded.").waitFor();
    expect(saved).toEqual([]);
    expect(count(/receipt/)).toBe(0);
    offer(double, sample);
    expect((await download("scan.dcm")).equals(files[0].content)).toBe(true);
  });

  test("renews an address that is refused and goes on", async () => {
    await openFiles();
    let refusals = 1;
    double.blob = ({ offset, length }) =>
      refusals-- > 0
        ? problem(403, "request/url-expired", "No longer valid.")
        : sample.blob.slice(offset, offset + length);
    expect((await download("note.pdf")).equals(files[1].content)).toBe(true);
    expect(count(/POST .*\/blob$/)).toBe(1);
  });

  test("can be cancelled in the middle and begun again", async () => {
    await openFiles();
    double.blob = () => ({ hang: true });
    await page.getByRole("button", { name: "Download scan.dcm" }).click();
    await page.getByRole("button", { name: "Cancel scan.dcm" }).click();
    await page.getByText("Cancelled. Nothing was kept.").waitFor();
    offer(double, sample);
    const bytes = await download("scan.dcm");
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(
      createHash("sha256").update(files[0].content).digest("hex"),
    );
  });

  test("says the same for every link that is over", async () => {
    double.answers.set("GET /grants/*", problem(404, "grant/unavailable", "These files are not available."));
    await openLink();
    await title("These files are no longer available");
    expect(await page.getByText("Ask the sender to send them again.").isVisible()).toBe(true);
  });

  test("says so when the grant ends between invitation and code", async () => {
    await openLink();
    double.answers.set("POST /grants/*/codes", problem(404, "grant/unavailable", "These files are not available."));
    await page.getByRole("button", { name: "Send me a code" }).click();
    await title("These files are no longer available");
    expect(await page.getByLabel("6-digit code").count()).toBe(0);
  });

  test("tries again on a press when the server could not be reached", async () => {
    double.answers.set("GET /grants/*", { cut: true });
    await openLink();
    await title("No connection");
    expect(await page.title()).toMatch(/^Error: /);
    double.answers.set("GET /grants/*", invitation());
    await page.getByRole("button", { name: "Try again" }).click();
    await title("Riverside Clinic sent you files");
  });

  test("repeats a release that failed in passing with the same key, so that it counts once", async () => {
    const keys: string[] = [];
    const offered = double.answers.get("POST /grants/*/release");
    double.answers.set("POST /grants/*/release", (request) => {
      keys.push((request.body as { ephemeralPublicKey: string }).ephemeralPublicKey);
      if (keys.length === 1) return problem(503, "keys/unavailable", "The keys cannot be reached at the moment.");
      return typeof offered === "function" ? offered(request) : {};
    });
    await openLink();
    await page.getByRole("button", { name: "Send me a code" }).click();
    await enterCode();
    await title("3 files for you");
    expect(keys).toHaveLength(2);
    expect(keys[0]).toBe(keys[1]);
  });

  test("goes on with the open package after the confirmation has ended, without a second release", async () => {
    await openFiles();
    double.blob = () => problem(403, "request/url-expired", "No longer valid.");
    double.answers.set(
      "POST /grants/*/blob",
      problem(401, "grant/session-required", "Confirm your address with a code first."),
    );
    await page.getByRole("button", { name: "Download note.pdf" }).click();
    await page.getByRole("button", { name: "Confirm again" }).click();
    offer(double, sample);
    await page.getByRole("button", { name: "Send me a code" }).click();
    await enterCode();
    await title("3 files for you");
    expect((await download("note.pdf")).equals(files[1].content)).toBe(true);
    expect(count(/release/)).toBe(1);
  });

  test("goes on where it was when the connection comes back in the middle of a file", async () => {
    await openFiles();
    let losses = 2;
    double.blob = ({ offset, length }) =>
      offset > 0 && losses-- > 0 ? { cut: true } : sample.blob.slice(offset, offset + length);
    expect((await download("note.pdf")).equals(files[1].content)).toBe(true);
    expect(losses).toBeLessThan(1);
  });

  test("can be cancelled while it waits for a lost connection", async () => {
    await openFiles();
    double.blob = () => ({ cut: true });
    await page.getByRole("button", { name: "Download scan.dcm" }).click();
    await page.getByText("The connection was lost. Trying again…").waitFor();
    await page.getByRole("button", { name: "Cancel scan.dcm" }).click();
    await page.getByText("Cancelled. Nothing was kept.").waitFor();
    expect(count(/receipt/)).toBe(0);
  });

  test("offers to tell the sender again when the receipt was lost", async () => {
    double.answers.set("POST /grants/*/receipt", { cut: true });
    await openFiles();
    await page.getByRole("button", { name: "Download all" }).click();
    await page.getByText("could not be told").waitFor();
    double.answers.set("POST /grants/*/receipt", {});
    const before = count(/receipt/);
    await page.getByRole("button", { name: "Try to tell them again" }).click();
    await page.getByText("We told Riverside Clinic").waitFor();
    expect(count(/receipt/)).toBe(before + 1);
  });
});
