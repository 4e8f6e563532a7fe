/** What a sender asks of a recipient: terms before the files, and below them; and what the sender sees of it. */
import type { GrantTerms } from "@safeconduct/envelope";
import type { Page } from "playwright-core";
import { grantOf, invitation, offer, type PortalDouble, problem, transferOf } from "../portal-double.ts";
import { samplePackage } from "../portal-package.ts";
import type { Scene } from "./scene.ts";
import { listed } from "./transfers.ts";

const DAY_MS = 86_400_000;
const KEEP_30 = {
  profile: "downloadable",
  conditions: { mayStore: true, deleteByDays: 30 },
  closesOnReceipt: true,
} as const;
const VIEW = { profile: "viewable", conditions: { mayStore: false, deleteByDays: null } } as const;
type Asked = Partial<Pick<GrantTerms, "profile" | "closesOnReceipt" | "conditions">>;

/** Brings the recipient's page to the terms. */
async function termsShown(page: Page, double: PortalDouble, asked: Asked): Promise<void> {
  const sample = await samplePackage([{ path: "report.pdf", content: new Uint8Array(1000) }], { asked });
  double.answers.clear();
  offer(double, sample);
  double.answers.set("GET /grants/*", invitation({ profile: asked.profile ?? "downloadable" }));
  await page.goto(`${double.origin}${sample.link}`);
  await page.getByRole("button", { name: "Send me a code" }).click();
  await page.getByLabel("6-digit code").fill("402 719");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("heading", { level: 1, name: "Before you open the files" }).waitFor();
}

async function accepted(page: Page, double: PortalDouble, asked: Asked): Promise<void> {
  await termsShown(page, double, asked);
  await page.getByRole("button", { name: "Accept and open the files" }).click();
  await page.getByRole("heading", { level: 1, name: "1 file for you" }).waitFor();
}

export const termsScenes: readonly Scene[] = [
  { name: "receive-terms", show: (page, double) => termsShown(page, double, KEEP_30) },
  {
    name: "receive-terms-view",
    async show(page, double) {
      await termsShown(page, double, VIEW);
      await page.getByText("You cannot accept them?").click();
    },
  },
  {
    name: "receive-terms-failed",
    async show(page, double) {
      await termsShown(page, double, KEEP_30);
      double.answers.set(
        "POST /grants/*/acceptance",
        problem(403, "grant/terms-not-accepted", "The sender asks you to accept terms first. Read and accept them."),
      );
      await page.getByRole("button", { name: "Accept and open the files" }).click();
      await page.getByRole("alert").first().waitFor();
    },
  },
  { name: "receive-files-terms", show: (page, double) => accepted(page, double, KEEP_30) },
  { name: "receive-files-view", show: (page, double) => accepted(page, double, VIEW) },
  {
    name: "receive-deleted-asked",
    async show(page, double) {
      await accepted(page, double, KEEP_30);
      await page.getByRole("button", { name: "I have deleted my copies" }).click();
      await page.getByRole("button", { name: "Yes, all copies are deleted" }).waitFor();
    },
  },
  {
    name: "receive-deleted",
    async show(page, double) {
      await accepted(page, double, KEEP_30);
      await page.getByRole("button", { name: "I have deleted my copies" }).click();
      await page.getByRole("button", { name: "Yes, all copies are deleted" }).click();
      await page.getByText("Thank you.").waitFor();
    },
  },
  {
    name: "receive-problem",
    async show(page, double) {
      await accepted(page, double, KEEP_30);
      await page.getByText("Is something wrong?").click();
      await page.getByRole("button", { name: "Tell M. Okafor" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  {
    name: "receive-problem-told",
    async show(page, double) {
      await termsShown(page, double, KEEP_30);
      await page.getByText("Is something wrong?").click();
      await page.getByLabel("These are another patient").check();
      await page.getByRole("button", { name: "Tell M. Okafor" }).click();
      await page.getByText("M. Okafor was told").waitFor();
    },
  },
  {
    name: "transfers-terms",
    async show(page, double) {
      const now = Date.now();
      const { conditions } = KEEP_30;
      const used = { state: "used", releases: 1, confirmedAt: now - DAY_MS / 4, firstReleasedAt: now - DAY_MS / 4 };
      const grants = [
        grantOf("b", { conditions, organisation: "Northlake Cardiology", closesOnReceipt: true }),
        grantOf("c", {
          ...used,
          address: "intake@harbour-imaging.example",
          conditions,
          closesOnReceipt: true,
          termsAcceptedAt: now - DAY_MS / 4,
          receiptAt: now - DAY_MS / 5,
          closesAt: now + 600_000,
          deletionAttestedAt: now - 60_000,
          problem: { kind: "wrong-patient", reportedAt: now - 120_000, reports: 1, settledAt: null },
        }),
        grantOf("d", {
          ...used,
          state: "closed",
          address: "records@eastview.example",
          conditions: VIEW.conditions,
          termsAcceptedAt: now - DAY_MS / 4,
          receiptAt: now - DAY_MS / 5,
          endedAt: now - DAY_MS / 6,
        }),
      ];
      listed(double, () => [transferOf("a", grants)], { attention: 1 });
      await page.goto(`${double.origin}/`);
      await page.getByText("copies deleted, they say").waitFor();
    },
  },
];
