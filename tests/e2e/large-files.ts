/** The steps of a sender and a recipient of large files, on pages of a Chromium that nobody listens to, and the files themselves. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { mailedCode, type RunningInstance, TEST_PASSWORD } from "@safeconduct/testkit";
import type { Page } from "playwright-core";
import { authenticatorCode } from "../../testkit/src/authenticator.ts";
import type { Press } from "./quiet-chromium.ts";

const MEBIBYTE = 2 ** 20;
const CODE_WITHIN_MS = 30_000;

export const SENT: Press = { button: "Encrypt and send", until: { selector: "h1", text: "Sent and sealed" } };
export const downloaded = (name: string): Press => ({
  button: `Download ${name}`,
  until: { selector: ".state", text: "Arrived whole and checked" },
});
export const viewed = (name: string): Press => ({ button: `View ${name}`, until: "picture" });

const title = (page: Page, text: string | RegExp) => page.getByRole("heading", { level: 1, name: text }).waitFor();

/** Sets the instance up and makes this browser a sending device. */
export async function becomeSender(page: Page, instance: RunningInstance): Promise<void> {
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
  await page.goto(new URL("/send", instance.portal).href);
  await page.getByRole("button", { name: "Make keys here" }).click();
  await title(page, "Send files");
}

/** Up to the review, whose button is pressed elsewhere. Declared public: and without a second factor: no passcode is hashed. */
export async function prepareSending(
  page: Page,
  instance: RunningInstance,
  { files, recipient }: { files: readonly string[]; recipient: string },
): Promise<void> {
  await page.goto(new URL("/send", instance.portal).href);
  await title(page, "Send files");
  await page
    .getByRole("region", { name: "1 · Files" })
    .getByLabel("Choose files")
    .setInputFiles([...files]);
  await page.getByLabel("E-mail address").fill(recipient);
  await page.getByLabel("What the files are for").selectOption("TREAT");
  await page.getByLabel("Public: anybody may read them").check();
  await page.getByLabel("How they prove who they are").selectOption("none");
  await page.getByRole("button", { name: "Review and send" }).click();
  await title(page, "Check before you send");
}

export async function shownLink(page: Page): Promise<string> {
  const link = await page.locator(".copyable code").first().textContent();
  await page.getByRole("button", { name: "Send another" }).click();
  await page.getByRole("button", { name: "Yes, done" }).click();
  await title(page, "Send files");
  return link ?? "";
}

/** From the invitation to the list of files, whose title begins with their number. */
export async function openList(
  page: Page,
  instance: RunningInstance,
  { link, recipient }: { link: string; recipient: string },
): Promise<void> {
  await page.goto(link);
  await page.getByRole("button", { name: "Send me a code" }).click();
  const field = page.getByLabel("6-digit code");
  await field.waitFor();
  await field.fill(await codeFor(instance, recipient));
  await page.getByRole("button", { name: "Continue" }).click();
  await title(page, /for you$/u);
  // Brought up while a person looks at the list; without it the list cannot stream.
  await page.waitForFunction(async () => {
    const registration = await navigator.serviceWorker.getRegistration("/saving/");
    return registration === undefined || registration.active?.state === "activated";
  });
}

/** The mail is on its way when the page has its answer. */
async function codeFor(instance: RunningInstance, recipient: string): Promise<string> {
  for (const end = Date.now() + CODE_WITHIN_MS; ; ) {
    const code = await mailedCode(instance, recipient).catch(() => null);
    if (code !== null) return code;
    if (Date.now() > end) throw new Error("no code was mailed");
  }
}

/** Takes next to no room: of each mebibyte only a mark of its place is written. Answers the SHA-256. */
export async function writeSparse(path: string, sizeBytes: number): Promise<string> {
  const handle = await open(path, "wx");
  await handle.truncate(sizeBytes);
  for (let at = 0; at < sizeBytes; at += MEBIBYTE) await handle.write(Buffer.from(`piece ${at}`), 0, null, at);
  await handle.close();
  return sha256Of(path);
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path, { highWaterMark: 8 * MEBIBYTE })) hash.update(piece as Buffer);
  return hash.digest("hex");
}
