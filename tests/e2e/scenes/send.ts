/** Every state of the Send page. The browser is a true device of a member; what it uploads is taken and forgotten. */
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sharedData } from "@safeconduct/testkit";
import type { Page } from "playwright-core";
import { type PortalDouble, problem, transferOf } from "../portal-double.ts";
import { crypto } from "../portal-package.ts";
import { stage } from "./device.ts";
import type { Scene } from "./scene.ts";

const LARGE_BYTES = 12 * 2 ** 20;
const HOUR_MS = 3_600_000;

interface Upload {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

export const upload = (name: string, bytes: number): Upload => ({
  name,
  mimeType: "application/octet-stream",
  buffer: Buffer.from(crypto.random.bytes(bytes)),
});

/** A series where there is one to take; scenes are looked at also where there is none. */
async function someFiles(): Promise<Upload[]> {
  const folder = sharedData();
  const image = folder === null ? Buffer.alloc(1000) : await readFile(join(folder, "dicom/CT_small.dcm"));
  const series = Array.from({ length: 12 }, (_, index) => ({
    name: `IM${String(index + 1).padStart(3, "0")}`,
    mimeType: "application/dicom",
    buffer: image,
  }));
  return [...series, upload("referral-note-2026-11-18.pdf", 212_000), upload("labs: 2026-11-18.csv", 18_000)];
}

/** Of two parts. Given by its path, because a browser takes long to be handed its bytes. */
async function largeFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "scene-"));
  const path = join(folder, "angiography.mp4");
  await writeFile(path, Buffer.alloc(LARGE_BYTES));
  return path;
}

/** The Send page of a browser that is a device. */
export async function openSend(page: Page, double: PortalDouble): Promise<void> {
  await stage(double, { isNew: true });
  double.part = () => null;
  const sealedAt = Date.now();
  const answers: Record<string, Parameters<PortalDouble["answers"]["set"]>[1]> = {
    "GET /recovery-key": { body: { key: null } },
    "POST /recipients/factors": ({ body }) => ({
      body: {
        enrolled: (body as { address: string }).address.startsWith("t.brandt") ? ["authenticator", "passkey"] : [],
      },
    }),
    "POST /transfers": () => ({ status: 201, body: transferOf("a", [], { state: "draft", createdAt: Date.now() }) }),
    "POST /transfers/*/parts": ({ body }) => ({
      body: {
        targets: (body as { parts: { number: number }[] }).parts.map(({ number }) => ({
          number,
          method: "PUT",
          url: `/blobs/parts/${number}`,
          headers: {},
          expiresAt: sealedAt + HOUR_MS,
        })),
      },
    }),
    "POST /transfers/*/seal": { body: transferOf("a", [], { sealedAt }) },
    "POST /transfers/*/abandonment": { body: transferOf("a", [], { state: "abandoned" }) },
  };
  for (const [name, answer] of Object.entries(answers)) double.answers.set(name, answer);
  await page.goto(`${double.origin}/send`);
  await page.getByRole("button", { name: "Make keys here" }).click();
  await page.getByRole("heading", { level: 1, name: "Send files" }).waitFor();
}

export async function filled(page: Page, double: PortalDouble, files?: Upload[]): Promise<void> {
  await openSend(page, double);
  await page.getByLabel("Choose files").setInputFiles(files ?? (await someFiles()));
  await page.getByRole("list", { name: "Files to send" }).waitFor();
  await page.getByLabel("E-mail address").fill("a.lindqvist@northlake-cardiology.example");
  await page.getByLabel("Name", { exact: true }).fill("Anna Lindqvist");
  await page.getByLabel("What the files are for").selectOption("TREAT");
}

async function reviewed(page: Page, double: PortalDouble, files?: Upload[]): Promise<void> {
  await filled(page, double, files);
  await page.getByRole("button", { name: "Review and send" }).click();
  await page.getByRole("heading", { level: 1, name: "Check before you send" }).waitFor();
}

async function running(page: Page, double: PortalDouble): Promise<void> {
  await filled(page, double);
  await page.getByLabel("Choose files").setInputFiles(await largeFile());
  await page.getByText("angiography.mp4").waitFor();
  await page.getByRole("button", { name: "Review and send" }).click();
  let taken = 0;
  double.part = () => (taken++ === 0 ? null : { hang: true });
  await page.getByRole("button", { name: "Encrypt and send" }).click();
  await page.getByText("Arrived").first().waitFor();
}

export const sendScenes: readonly Scene[] = [
  { name: "send-empty", show: openSend },
  {
    name: "send-problems",
    async show(page, double) {
      await openSend(page, double);
      await page.getByRole("button", { name: "Review and send" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  { name: "send-filled", show: (page, double) => filled(page, double) },
  {
    name: "send-limits",
    async show(page, double) {
      await filled(page, double, [upload("leaflet.pdf", 90_000), upload("empty.txt", 0)]);
      await page.getByRole("button", { name: "Add a recipient" }).click();
      await page.getByRole("group", { name: "Recipient 2" }).getByLabel("E-mail address").fill("t.brandt@example.org");
      const factor = page.getByRole("group", { name: "Recipient 2" }).getByLabel("How they prove who they are");
      await factor.locator("option[value=passkey]:enabled").waitFor({ state: "attached" });
      await factor.selectOption("passkey");
      await page.getByText("Public: anybody may read them").click();
      await page
        .getByRole("group", { name: "Recipient 1" })
        .getByLabel("How they prove who they are")
        .selectOption("none");
      await page.getByText("Patient data, or anything else that is not public").click();
      await page.getByText("Until a date").click();
      await page.getByText("More limits").click();
      await page.getByText("Open only from a later time").click();
      await page.getByLabel("How often each").fill("many");
      await page.getByRole("button", { name: "Review and send" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  { name: "send-review", show: (page, double) => reviewed(page, double) },
  { name: "send-running", show: running },
  {
    name: "send-paused",
    async show(page, double) {
      await running(page, double);
      await page.getByRole("button", { name: "Pause" }).click();
    },
  },
  {
    name: "send-cancel",
    async show(page, double) {
      await running(page, double);
      await page.getByRole("button", { name: "Give up" }).click();
      await page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "send-waiting",
    async show(page, double) {
      await reviewed(page, double);
      double.part = () => ({ cut: true });
      await page.getByRole("button", { name: "Encrypt and send" }).click();
      await page.getByText("The server cannot be reached").waitFor();
    },
  },
  {
    name: "send-bar",
    async show(page, double) {
      await running(page, double);
      await page.getByRole("navigation").getByRole("link", { name: "Transfers" }).click();
      await page.getByRole("complementary", { name: "Upload" }).waitFor();
      await page.getByRole("heading", { level: 1, name: "Transfers" }).waitFor();
    },
  },
  {
    name: "send-failed",
    async show(page, double) {
      await reviewed(page, double);
      double.answers.set(
        "POST /transfers",
        problem(409, "transfer/over-quota", "Your organisation has no room left for this transfer."),
      );
      await page.getByRole("button", { name: "Encrypt and send" }).click();
      await page.getByRole("heading", { level: 1, name: "The files were not sent" }).waitFor();
    },
  },
  {
    name: "send-done",
    async show(page, double) {
      await reviewed(page, double);
      await page.getByRole("button", { name: "Encrypt and send" }).click();
      await page.getByRole("heading", { level: 1, name: "Sent and sealed" }).waitFor();
    },
  },
  {
    name: "send-unfinished",
    async show(page, double) {
      await running(page, double);
      page.once("dialog", (dialog) => void dialog.accept());
      await page.reload();
      await page.getByRole("heading", { name: "Not finished yet" }).waitFor();
      await page
        .getByRole("region", { name: "Not finished yet" })
        .getByLabel("Choose files")
        .setInputFiles([upload("other.pdf", 10)]);
      await page.getByRole("alert").waitFor();
    },
  },
];
