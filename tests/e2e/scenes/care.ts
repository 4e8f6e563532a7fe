/** What is still asked and done after the files: a deletion that is confirmed when the link has ended. */
import type { Page } from "playwright-core";
import { type PortalDouble, problem } from "../portal-double.ts";
import { samplePackage } from "../portal-package.ts";
import { base, heading, type Scene } from "./scene.ts";

/** A link that does not open, with the way to confirm a deletion unfolded. */
async function askedForAddress(page: Page, double: PortalDouble): Promise<void> {
  base(double, {
    "GET /grants/*": problem(404, "grant/unavailable", "These files are not available."),
    "POST /grants/*/deletion/codes": { status: 202, body: { expiresInSeconds: 600, nextInSeconds: 30 } },
    "POST /grants/*/deletion/confirmations": ({ body }) =>
      (body as { code: string }).code.replace(" ", "") === "402719"
        ? {}
        : problem(403, "grant/code-refused", "That code is not right, or it is older than 10 minutes.", {
            field: "/code",
          }),
  });
  const { link } = await samplePackage([{ path: "report.pdf", content: new Uint8Array(1000) }]);
  await page.goto(`${double.origin}${link}`);
  await heading(page, "These files are no longer available");
  await page.getByText("Confirm that I deleted the files").click();
  await page.getByLabel("Your e-mail address").waitFor();
}

async function askedForCode(page: Page, double: PortalDouble): Promise<void> {
  await askedForAddress(page, double);
  await page.getByLabel("Your e-mail address").fill("a.lindqvist@northlake-cardiology.example");
  await page.getByRole("button", { name: "Send me a code" }).click();
  await page.getByLabel("6-digit code").waitFor();
}

async function given(page: Page, code: string): Promise<void> {
  await page.getByLabel("6-digit code").fill(code);
  await page.getByRole("button", { name: "Yes, all copies are deleted" }).click();
}

export const careScenes: readonly Scene[] = [
  { name: "receive-deletion-address", show: askedForAddress },
  {
    name: "receive-deletion-address-wrong",
    async show(page, double) {
      await askedForAddress(page, double);
      await page.getByRole("button", { name: "Send me a code" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  { name: "receive-deletion-code", show: askedForCode },
  {
    name: "receive-deletion-code-wrong",
    async show(page, double) {
      await askedForCode(page, double);
      await given(page, "111 111");
      await page.getByRole("alert").waitFor();
    },
  },
  {
    name: "receive-deletion-told",
    async show(page, double) {
      await askedForCode(page, double);
      await given(page, "402 719");
      await page.getByText("Thank you.").waitFor();
    },
  },
];
