/** States of the Transfers page: filters, what needs attention, drafts, holds, long lists, links that are made. */
import type { Page } from "playwright-core";
import { grantOf, instance, member, type PortalDouble, transferOf } from "../portal-double.ts";
import type { Scene } from "./scene.ts";

const HOUR_MS = 3_600_000;
const at = (hours: number) => Date.now() - hours * HOUR_MS;
const letters = "abcdefghijklmnopqrstuvwxyz";

type Transfer = ReturnType<typeof transferOf>;
type Search = { group?: string; text?: string | null };

/** The double with these transfers; a search for a text finds none. */
export function listed(double: PortalDouble, transfers: () => readonly Transfer[], { attention = 0 } = {}): void {
  double.answers.clear();
  double.answers.set("GET /instance", instance());
  double.answers.set("GET /me", { body: member });
  double.answers.set("GET /recoveries", { body: { recoveries: [] } });
  double.answers.set("GET /transfers/attention", { body: { transfers: attention } });
  double.answers.set("POST /transfers/searches", ({ body }) => {
    const { text = null, group = "all" } = body as Search;
    const found = text === null && group !== "ended" ? transfers() : [];
    return { body: { transfers: found, next: null, lookedBackTo: null } };
  });
}

export const shown = async (page: Page, double: PortalDouble): Promise<void> => {
  await page.goto(`${double.origin}/`);
  await page.getByRole("article").first().waitFor();
};

const troubled = () => [
  transferOf("a", [
    grantOf("a", { name: "Dr A. Lindqvist", organisation: "Northlake Cardiology", suspendedAt: at(1) }),
    grantOf("b", {
      address: "t.brandt@northlake-cardiology.example",
      locked: true,
      state: "confirmed",
      confirmedAt: at(3),
    }),
    grantOf("c", { address: "records@valley-insurance.example", codeUndeliveredAt: at(0.2) }),
  ]),
  transferOf(
    "b",
    [
      grantOf("d", {
        address: "registry@county-health.example",
        state: "capped",
        confirmedAt: at(90),
        firstReleasedAt: at(90),
        releases: 3,
        releaseCap: 3,
        notAfter: at(50),
        endedAt: at(60),
      }),
    ],
    {
      state: "expired",
      sealedAt: at(98),
      endedAt: at(60),
      holds: [
        { id: "hld_a", reason: "litigation", placedAt: at(70) },
        { id: "hld_b", reason: "patient-request", placedAt: at(2) },
      ],
    },
  ),
];

const drafts = () => [
  transferOf("a", [], { state: "draft", sealedAt: null, heldParts: 8, createdAt: at(0.4) }),
  transferOf("b", [], {
    state: "draft",
    sealedAt: null,
    heldParts: 0,
    createdAt: at(20),
    sender: { id: "mem_other", name: "I. Okonkwo" },
  }),
  transferOf("c", [], { state: "destroyed", sealedAt: null, endedAt: at(48), destroyedAt: at(48), createdAt: at(50) }),
];

const many = () => [
  transferOf(
    "a",
    Array.from({ length: 50 }, (_, index) =>
      grantOf(`${letters[index % 26]}`, {
        id: `grt_${index}`,
        address: `ward.${index + 1}@northlake-cardiology.example`,
        ...(index === 7 ? { locked: true } : {}),
        ...(index < 12 ? { state: "used", confirmedAt: at(4), firstReleasedAt: at(4), releases: 1 } : {}),
        ...(index < 5 ? { receiptAt: at(3) } : {}),
        ...(index > 46 ? { state: "revoked", endedAt: at(2), destroyedAt: at(2) } : {}),
      }),
    ),
  ),
];

const single = () => [
  transferOf("a", [
    grantOf("a", {
      name: "Dr A. Lindqvist",
      state: "used",
      confirmedAt: at(2),
      firstReleasedAt: at(2),
      releases: 1,
      releaseCap: 3,
    }),
  ]),
];

export const transferScenes: readonly Scene[] = [
  {
    name: "transfers-attention",
    async show(page, double) {
      listed(double, troubled, { attention: 2 });
      await shown(page, double);
      await page.getByRole("radio", { name: "Need attention (2)" }).check();
    },
  },
  {
    name: "transfers-drafts",
    async show(page, double) {
      listed(double, drafts);
      await shown(page, double);
    },
  },
  {
    name: "transfers-abandon",
    async show(page, double) {
      listed(double, drafts);
      await shown(page, double);
      await page.getByRole("button", { name: "Give up" }).first().click();
      await page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "transfers-many",
    async show(page, double) {
      listed(double, many, { attention: 1 });
      await shown(page, double);
    },
  },
  {
    name: "transfers-nothing",
    async show(page, double) {
      listed(double, single);
      await shown(page, double);
      await page.getByLabel("Search for a recipient").fill("nobody of this name");
      await page.getByLabel("Sent", { exact: true }).selectOption("dates");
      await page.getByRole("heading", { name: "Nothing matches" }).waitFor();
    },
  },
  {
    name: "transfers-hold",
    async show(page, double) {
      listed(double, single);
      await shown(page, double);
      await page.getByRole("button", { name: /Place a hold/ }).click();
      await page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "transfers-lift",
    async show(page, double) {
      listed(double, troubled, { attention: 2 });
      await shown(page, double);
      await page.getByRole("button", { name: "Lift the hold: Legal proceedings" }).click();
      await page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "transfers-recovery",
    async show(page, double) {
      listed(double, single);
      double.answers.set("GET /recoveries", {
        body: {
          recoveries: [
            {
              id: "rcv_a",
              transfer: single()[0]?.id,
              member: { id: "mem_other", name: "I. Okonkwo" },
              device: { id: "dev_a", name: "Office" },
              signature: "AA",
              createdAt: at(3),
              expiresAt: at(-21),
              approvedBy: null,
              released: false,
            },
          ],
        },
      });
      await shown(page, double);
      await page.getByText("asked on").waitFor();
    },
  },
  {
    name: "transfers-add-no-device",
    async show(page, double) {
      listed(double, single);
      double.answers.set("GET /me/chain", { body: { statements: [], wraps: [], devices: [], requests: [] } });
      await shown(page, double);
      await page.getByRole("button", { name: /^Add a recipient/ }).click();
      await page.locator(".device-gate").waitFor();
    },
  },
];
