/** What a sender asks of recipients: in the Send form, on its review, for a fresh link; and what comes back of it. */
import type { Page } from "playwright-core";
import { grantOf, type PortalDouble, transferOf } from "../portal-double.ts";
import type { Scene } from "./scene.ts";
import { filled, openSend, upload } from "./send.ts";
import { listed, shown } from "./transfers.ts";

const HOUR_MS = 3_600_000;
const at = (hours: number) => Date.now() - hours * HOUR_MS;
const KEEP_30 = { mayStore: true, deleteByDays: 30 };

/** View only, of which the page cannot show one file; no copies; closing with the receipt. */
async function strict(page: Page, double: PortalDouble): Promise<void> {
  await filled(page, double, [upload("referral.pdf", 90_000), upload("raw-export.zip", 400_000)]);
  await page.getByText("View only").click();
  await page.getByLabel("Terms to accept").selectOption("none");
  await page.getByText("More limits").click();
  await page.getByText("Close a link 15 minutes").click();
}

const reported = () => [
  transferOf("a", [
    grantOf("a", {
      name: "Dr A. Lindqvist",
      organisation: "Northlake Cardiology",
      state: "used",
      confirmedAt: at(4),
      firstReleasedAt: at(4),
      termsAcceptedAt: at(4),
      releases: 1,
      conditions: KEEP_30,
      problem: { kind: "missing-file", reportedAt: at(1), reports: 1, settledAt: null },
    }),
    grantOf("b", { address: "t.brandt@northlake-cardiology.example", suspendedAt: at(2), closedByOfficer: true }),
    grantOf("c", {
      address: "records@valley-insurance.example",
      state: "revoked",
      confirmedAt: at(5),
      endedAt: at(2),
      destroyedAt: at(2),
      problem: { kind: "wrong-person", reportedAt: at(3), reports: 1, settledAt: at(2.5) },
    }),
  ]),
];

const asSender = (double: PortalDouble): void => {
  const { body } = double.answers.get("GET /me") as { body: { member: object } };
  double.answers.set("GET /me", { body: { ...body, member: { ...body.member, roles: ["sender"] } } });
};

export const askedScenes: readonly Scene[] = [
  { name: "send-view-only", show: strict },
  {
    name: "send-view-none",
    async show(page, double) {
      await filled(page, double, [upload("raw-export.zip", 400_000)]);
      await page.getByText("View only").click();
      await page.getByRole("button", { name: "Review and send" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  {
    name: "send-terms-wrong",
    async show(page, double) {
      await filled(page, double, [upload("referral.pdf", 90_000)]);
      await page.getByLabel("Terms to accept").selectOption("delete");
      await page.getByLabel("Days from the acceptance").fill("0");
      await page.getByRole("button", { name: "Review and send" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  {
    name: "send-review-asked",
    async show(page, double) {
      await strict(page, double);
      await page.getByRole("button", { name: "Review and send" }).click();
      await page.getByRole("heading", { level: 1, name: "Check before you send" }).waitFor();
    },
  },
  {
    name: "send-done-asked",
    async show(page, double) {
      await strict(page, double);
      await page.getByRole("button", { name: "Review and send" }).click();
      await page.getByRole("button", { name: "Encrypt and send" }).click();
      await page.getByRole("heading", { level: 1, name: "Sent and sealed" }).waitFor();
    },
  },
  {
    name: "transfers-reported",
    async show(page, double) {
      listed(double, reported, { attention: 1 });
      asSender(double);
      await shown(page, double);
    },
  },
  {
    name: "transfers-relink-terms",
    async show(page, double) {
      await openSend(page, double);
      const { body: who } = double.answers.get("GET /me") as { body: { member: { id: string; name: string } } };
      double.answers.set("GET /recoveries", { body: { recoveries: [] } });
      double.answers.set("GET /transfers/attention", { body: { transfers: 1 } });
      double.answers.set("POST /transfers/searches", () => ({
        body: {
          transfers: reported().map((transfer) => ({ ...transfer, sender: who.member })),
          next: null,
          lookedBackTo: null,
        },
      }));
      await page
        .getByRole("navigation")
        .getByRole("link", { name: /^Transfers/u })
        .click();
      await page.getByRole("button", { name: /^Make a fresh link for a\.lindqvist/u }).click();
      await page.getByRole("dialog").getByLabel("Days from the acceptance").waitFor();
    },
  },
];
