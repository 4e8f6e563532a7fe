/**
 * Every page and state worth looking at, as one list in one file: the axe test and `tools/screens.mjs` walk the same one.
 */
import { sixDigitCode } from "@safeconduct/contract";
import { drawId } from "@safeconduct/foundation";
import type { Page } from "playwright-core";
import { grantOf, instance, member, type PortalDouble, problem, signedOut, transferOf } from "./portal-double.ts";
import { transferScenes } from "./scenes/transfers.ts";
import { crypto } from "./portal-package.ts";
import { auditScenes } from "./scenes/audit.ts";
import { deviceScenes } from "./scenes/device.ts";
import { peopleScenes } from "./scenes/members.ts";
import { receiveScenes } from "./scenes/receive.ts";
import { base, heading, open, type Scene } from "./scenes/scene.ts";
import { sendScenes } from "./scenes/send.ts";
import { passkeyScenes } from "./scenes/passkeys.ts";
import { viewerScenes } from "./scenes/viewer.ts";
import { sessionScenes } from "./scenes/sessions.ts";
import { termsScenes } from "./scenes/terms.ts";
import { askedScenes } from "./scenes/asked.ts";
import { careScenes } from "./scenes/care.ts";

const HOUR_MS = 3_600_000;
const PASSWORD = "correct horse battery staple";
const SETUP_LINK = `/setup#token=${"A".repeat(43)}`;
const AUTHENTICATOR = {
  otpauthUri:
    "otpauth://totp/Safeconduct:m.okafor%40riverside.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Safeconduct&digits=6&period=30",
  secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
};
const TOKEN = `sct_${"k7Qw2ZpX9".repeat(5).slice(0, 43)}`;

async function fillSetup(page: Page): Promise<void> {
  await page.getByLabel("Name of the organisation").fill("Riverside Clinic");
  await page.getByLabel("Your name").fill("M. Okafor");
  await page.getByLabel("Your work e-mail").fill("m.okafor@riverside.example");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Continue" }).click();
}

async function showAuthenticator(page: Page, double: PortalDouble): Promise<void> {
  base(double, {
    "GET /instance": instance({ setUp: false, organisation: null }),
    "GET /me": signedOut,
    "POST /setup/enrolment": { body: AUTHENTICATOR },
    "POST /setup/completion": ({ body }) =>
      sixDigitCode.parse((body as { code: string }).code) === "402719"
        ? { status: 201, body: { ...member, apiToken: TOKEN } }
        : problem(
            403,
            "setup/wrong-code",
            "That code is not right. Enter the six digits that your authenticator shows now.",
            { field: "/code" },
          ),
  });
  await open(page, double, SETUP_LINK);
  await fillSetup(page);
  await heading(page, "Add an authenticator");
}

const setupScenes: readonly Scene[] = [
  {
    name: "setup",
    async show(page, double) {
      base(double, { "GET /instance": instance({ setUp: false, organisation: null }), "GET /me": signedOut });
      await open(page, double, SETUP_LINK);
      await heading(page, "Set up Safeconduct");
    },
  },
  {
    name: "setup-with-errors",
    async show(page, double) {
      base(double, { "GET /instance": instance({ setUp: false, organisation: null }), "GET /me": signedOut });
      await open(page, double, SETUP_LINK);
      await page.getByLabel("Your work e-mail").fill("m.okafor");
      await page.getByLabel("Password", { exact: true }).fill("too short");
      await page.getByRole("button", { name: "Continue" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  { name: "setup-authenticator", show: showAuthenticator },
  {
    name: "setup-authenticator-wrong",
    async show(page, double) {
      await showAuthenticator(page, double);
      await page.getByLabel("6-digit code").fill("000 000");
      await page.getByRole("button", { name: "Continue" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  {
    name: "setup-already",
    async show(page, double) {
      base(double, { "GET /me": signedOut });
      await open(page, double, SETUP_LINK);
      await heading(page, "Safeconduct is set up already");
    },
  },
  {
    name: "setup-incomplete",
    async show(page, double) {
      base(double, { "GET /instance": instance({ setUp: false, organisation: null }), "GET /me": signedOut });
      await open(page, double, "/setup#token=AAAA");
      await heading(page, "This set-up link is incomplete");
    },
  },
];

const REFUSED = problem(
  401,
  "sign-in/refused",
  "Address, password and code do not match. Check all three; after several failures sign-in waits for some minutes.",
);

const signInScenes: readonly Scene[] = [
  {
    name: "sign-in",
    async show(page, double) {
      base(double, { "GET /me": signedOut });
      await open(page, double, "/sign-in");
      await heading(page, "Sign in");
    },
  },
  {
    name: "sign-in-refused",
    async show(page, double) {
      base(double, { "GET /me": signedOut, "POST /sessions": REFUSED });
      await open(page, double, "/sign-in");
      await page.getByLabel("E-mail").fill("m.okafor@riverside.example");
      await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
      await page.getByLabel("Code from your authenticator").fill("402719");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  {
    name: "not-set-up",
    async show(page, double) {
      base(double, { "GET /me": signedOut, "GET /instance": instance({ setUp: false, organisation: null }) });
      await open(page, double, "/");
      await heading(page, "Safeconduct is not set up yet");
    },
  },
];

function manyTransfers() {
  const now = Date.now();
  const at = (hours: number) => now - hours * HOUR_MS;
  return [
    transferOf("a", [], { state: "draft", sealedAt: null, heldParts: 8, createdAt: at(0.05) }),
    transferOf("b", [
      grantOf("b", { state: "used", confirmedAt: at(4.8), firstReleasedAt: at(4.79), releases: 1, releaseCap: 3 }),
      grantOf("c", { name: "Dr T. Brandt", address: "t.brandt@northlake-cardiology.example" }),
    ]),
    transferOf(
      "d",
      [
        grantOf("d", {
          address: "records@valley-insurance.example",
          state: "used",
          confirmedAt: at(28),
          firstReleasedAt: at(28),
          receiptAt: at(27.9),
          releases: 1,
          notAfter: now + 20 * HOUR_MS,
        }),
      ],
      {
        purpose: "HPAYMT",
        sealedAt: at(30),
        blobLengthBytes: 229_376,
      },
    ),
    transferOf(
      "e",
      [
        grantOf("e", {
          address: "wrong.person@elsewhere.example",
          state: "revoked",
          endedAt: at(49),
          destroyedAt: at(49),
        }),
      ],
      {
        state: "revoked",
        sealedAt: at(50),
        endedAt: at(49),
        destroyedAt: at(49),
      },
    ),
    transferOf(
      "f",
      [
        grantOf("f", {
          address: "registry@county-health.example",
          state: "expired",
          confirmedAt: at(90),
          firstReleasedAt: at(90),
          receiptAt: at(89),
          releases: 1,
          notAfter: at(50),
          endedAt: at(50),
          destroyedAt: at(49),
        }),
      ],
      {
        state: "destroyed",
        purpose: "PUBHLTH",
        sealedAt: at(98),
        endedAt: at(50),
        destroyedAt: at(49),
      },
    ),
  ];
}

const withTransfers = {
  "POST /transfers/searches": () => ({ body: { transfers: manyTransfers(), next: "older", lookedBackTo: 0 } }),
};

const memberScenes: readonly Scene[] = [
  {
    name: "transfers-empty",
    async show(page, double) {
      base(double, { "POST /transfers/searches": { body: { transfers: [], next: null, lookedBackTo: null } } });
      await open(page, double, "/");
      await page.getByRole("heading", { name: "Nothing has been sent yet" }).waitFor();
    },
  },
  {
    name: "transfers",
    async show(page, double) {
      base(double, withTransfers);
      await open(page, double, "/");
      await page
        .getByRole("list", { name: /Custody line/ })
        .first()
        .waitFor();
    },
  },
  {
    name: "transfers-ended-open",
    async show(page, double) {
      base(double, withTransfers);
      await open(page, double, "/");
      await page.getByText("Show the custody line").first().waitFor();
      for (const summary of await page.getByText("Show the custody line").all()) await summary.click();
    },
  },
  {
    name: "transfers-revoke",
    async show(page, double) {
      base(double, withTransfers);
      await open(page, double, "/");
      await page.getByRole("button", { name: "Revoke t.brandt@northlake-cardiology.example" }).click();
      await page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "transfers-unreachable",
    async show(page, double) {
      base(double, withTransfers);
      await open(page, double, "/");
      await page
        .getByRole("list", { name: /Custody line/ })
        .first()
        .waitFor();
      double.answers.set("POST /transfers/searches", { cut: true });
      await page.getByRole("alert").waitFor();
    },
  },
  {
    name: "tokens",
    async show(page, double) {
      const now = Date.now();
      base(double, {
        "GET /tokens": {
          body: {
            tokens: [
              {
                id: drawId("token", crypto.random),
                name: "Front desk computer",
                createdAt: now - 200 * HOUR_MS,
                lastUsedAt: now - 0.4 * HOUR_MS,
              },
              {
                id: drawId("token", crypto.random),
                name: "Nightly export",
                createdAt: now - 400 * HOUR_MS,
                lastUsedAt: null,
              },
            ],
          },
        },
        "POST /tokens": {
          status: 201,
          body: { id: "tok_x", name: "Ward 3", createdAt: now, lastUsedAt: null, token: TOKEN },
        },
      });
      await open(page, double, "/tokens");
      await page.getByRole("heading", { name: "Front desk computer" }).waitFor();
    },
  },
  {
    name: "tokens-created",
    async show(page, double) {
      base(double, {
        "GET /tokens": { body: { tokens: [] } },
        "POST /tokens": {
          status: 201,
          body: { id: "tok_x", name: "Ward 3", createdAt: Date.now(), lastUsedAt: null, token: TOKEN },
        },
      });
      await open(page, double, "/tokens");
      await page.getByLabel("Name of the new token").fill("Ward 3");
      await page.getByRole("button", { name: "Make a token" }).click();
      await page.getByRole("heading", { name: "New token: Ward 3" }).waitFor();
    },
  },
  {
    name: "mailbox-empty",
    async show(page, double) {
      base(double, { "GET /mailbox": { body: { messages: [] } } });
      await open(page, double, "/mailbox");
      await page.getByRole("heading", { name: "No messages yet" }).waitFor();
    },
  },
  {
    name: "mailbox",
    async show(page, double) {
      const mail = (to: string, code: string, minutes: number) => ({
        to,
        subject: "Your code for files from Riverside Clinic",
        at: Date.now() - minutes * 60_000,
        text: `Riverside Clinic has sent you files through Safeconduct.\n\nYour code: ${code}\n\nEnter it on the page that you opened. It works once, for 10 minutes.\nIf you did not open a link, ignore this message. Nobody will ever ask you for this code by phone.`,
      });
      base(double, {
        "GET /me": signedOut,
        "GET /mailbox": {
          body: {
            messages: [
              mail("t.brandt@northlake-cardiology.example", "118804", 42),
              mail("a.lindqvist@northlake-cardiology.example", "402719", 1),
            ],
          },
        },
      });
      await open(page, double, "/mailbox");
      await page.getByText("402719").first().waitFor();
    },
  },
  {
    name: "not-found",
    async show(page, double) {
      base(double);
      await open(page, double, "/nowhere");
      await heading(page, "Page not found");
    },
  },
];

export const scenes: readonly Scene[] = [
  ...auditScenes,
  ...setupScenes,
  ...signInScenes,
  ...memberScenes,
  ...transferScenes,
  ...receiveScenes,
  ...deviceScenes,
  ...peopleScenes,
  ...sendScenes,
  ...viewerScenes,
  ...sessionScenes,
  ...passkeyScenes,
  ...termsScenes,
  ...askedScenes,
  ...careScenes,
];
