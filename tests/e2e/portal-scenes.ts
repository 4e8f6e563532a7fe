/**
 * Every page and state worth looking at, as one list in one file: the axe test and `tools/screens.mjs` walk the same one.
 */
import { sixDigitCode } from "@safeconduct/contract";
import { drawId } from "@safeconduct/foundation";
import type { Page } from "playwright-core";
import {
  grantOf,
  instance,
  invitation,
  member,
  offer,
  type PortalDouble,
  problem,
  signedOut,
  transferOf,
} from "./portal-double.ts";
import { transferScenes } from "./scenes/transfers.ts";
import { virtualDevice } from "./portal-browser.ts";
import { crypto, samplePackage } from "./portal-package.ts";
import { auditScenes } from "./scenes/audit.ts";
import { deviceScenes } from "./scenes/device.ts";
import { peopleScenes } from "./scenes/members.ts";
import type { Scene } from "./scenes/scene.ts";
import { sendScenes } from "./scenes/send.ts";
import { passkeyScenes } from "./scenes/passkeys.ts";
import { viewerScenes } from "./scenes/viewer.ts";
import { sessionScenes } from "./scenes/sessions.ts";
import { termsScenes } from "./scenes/terms.ts";
import { askedScenes } from "./scenes/asked.ts";

const HOUR_MS = 3_600_000;
const PASSWORD = "correct horse battery staple";
const SETUP_LINK = `/setup#token=${"A".repeat(43)}`;
const AUTHENTICATOR = {
  otpauthUri:
    "otpauth://totp/Safeconduct:m.okafor%40riverside.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Safeconduct&digits=6&period=30",
  secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
};
const TOKEN = `sct_${"k7Qw2ZpX9".repeat(5).slice(0, 43)}`;

function base(double: PortalDouble, answers: Record<string, Parameters<PortalDouble["answers"]["set"]>[1]> = {}): void {
  double.answers.clear();
  double.answers.set("GET /instance", instance());
  double.answers.set("GET /me", { body: member });
  double.answers.set("GET /transfers/attention", { body: { transfers: 0 } });
  double.answers.set("GET /recoveries", { body: { recoveries: [] } });
  for (const [name, answer] of Object.entries(answers)) double.answers.set(name, answer);
}

const open = (page: Page, double: PortalDouble, path: string) => page.goto(`${double.origin}${path}`);
const heading = (page: Page, text: string | RegExp) => page.getByRole("heading", { level: 1, name: text }).waitFor();

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

const sampleFiles = () => [
  { path: "CT chest/series-2.dcm", content: crypto.random.bytes(3_500_000) },
  { path: "referral-note-2026-11-18.pdf", content: crypto.random.bytes(212_000) },
  { path: "labs-2026-11-18.csv", content: crypto.random.bytes(18_000) },
];

async function invited(page: Page, double: PortalDouble, spoil?: Parameters<typeof offer>[2]): Promise<void> {
  double.answers.clear();
  const sample = await samplePackage(sampleFiles());
  offer(double, sample, spoil);
  await open(page, double, sample.link);
  await heading(page, "Riverside Clinic sent you files");
}

async function codeAsked(page: Page, double: PortalDouble, spoil?: Parameters<typeof offer>[2]): Promise<void> {
  await invited(page, double, spoil);
  await page.getByRole("button", { name: "Send me a code" }).click();
  await page.getByLabel("6-digit code").waitFor();
}

/** Brings the recipient's page past the code. */
async function codeEntered(page: Page, double: PortalDouble, spoil?: Parameters<typeof offer>[2]): Promise<void> {
  await codeAsked(page, double, spoil);
  await page.getByLabel("6-digit code").fill("402 719");
  await page.getByRole("button", { name: "Continue" }).click();
}

/** Brings the recipient's page to the passcode. */
async function passcodeAsked(page: Page, double: PortalDouble): Promise<void> {
  const protectedSample = await samplePackage([{ path: "report.pdf", content: new Uint8Array(1000) }], {
    passcode: "7K3QX-9MPA2",
  });
  base(double);
  offer(double, protectedSample);
  await open(page, double, protectedSample.link);
  await page.getByRole("button", { name: "Send me a code" }).click();
  await page.getByLabel("6-digit code").fill("402 719");
  await page.getByRole("button", { name: "Continue" }).click();
  await heading(page, "One more step: the passcode");
}

/** Brings the recipient's page to the code of an authenticator, or to a passkey. */
async function enrolledAsked(page: Page, double: PortalDouble, enrolled: "authenticator" | "passkey"): Promise<void> {
  const sample = await samplePackage([{ path: "report.pdf", content: new Uint8Array(1000) }], { enrolled });
  base(double);
  offer(double, sample);
  await open(page, double, sample.link);
  await page.getByRole("button", { name: "Send me a code" }).click();
  await page.getByLabel("6-digit code").fill("402 719");
  await page.getByRole("button", { name: "Continue" }).click();
  await heading(page, `One more step: your ${enrolled}`);
}
const authenticatorAsked = (page: Page, double: PortalDouble) => enrolledAsked(page, double, "authenticator");
const passkeyAsked = (page: Page, double: PortalDouble) => enrolledAsked(page, double, "passkey");

const LINK = `/r/grt_${"a".repeat(26)}#${"A".repeat(87)}`;

const receiveScenes: readonly Scene[] = [
  { name: "receive-invitation", show: invited },
  {
    name: "receive-incomplete",
    async show(page, double) {
      base(double);
      await open(page, double, LINK.slice(0, -5));
      await heading(page, "This link is incomplete");
    },
  },
  {
    name: "receive-unavailable",
    async show(page, double) {
      const sample = await samplePackage(sampleFiles());
      base(double, { "GET /grants/*": problem(404, "grant/unavailable", "These files are not available.") });
      await open(page, double, sample.link);
      await heading(page, "These files are no longer available");
    },
  },
  {
    name: "receive-unreachable",
    async show(page, double) {
      const sample = await samplePackage(sampleFiles());
      base(double, { "GET /grants/*": { cut: true } });
      await open(page, double, sample.link);
      await heading(page, "The server cannot be reached");
    },
  },
  {
    name: "receive-not-yet",
    async show(page, double) {
      const sample = await samplePackage(sampleFiles());
      base(double, {
        "GET /grants/*": invitation({ notBefore: Date.now() + 6 * HOUR_MS, evaluation: false }),
        "GET /instance": instance({ evaluation: false }),
      });
      await open(page, double, sample.link);
      await page.getByText("You can open them from").waitFor();
    },
  },
  { name: "receive-code", show: codeAsked },
  {
    name: "receive-code-wrong",
    async show(page, double) {
      await codeAsked(page, double);
      await page.getByLabel("6-digit code").fill("111111");
      await page.getByRole("button", { name: "Continue" }).click();
      await page.getByRole("alert").waitFor();
      await page.getByText("Not received it?").click();
    },
  },
  { name: "receive-passcode", show: passcodeAsked },
  {
    name: "receive-passcode-wrong",
    async show(page, double) {
      await passcodeAsked(page, double);
      await page.getByLabel("Passcode").fill("AAAAA-BCDEF");
      await page.getByRole("button", { name: "Open the files" }).click();
      await page.getByRole("alert").waitFor();
      await page.getByText("You do not know it?").click();
    },
  },
  { name: "receive-authenticator", show: authenticatorAsked },
  {
    name: "receive-authenticator-wrong",
    async show(page, double) {
      await authenticatorAsked(page, double);
      await page.getByLabel("Code of your authenticator app").fill("111111");
      await page.getByRole("button", { name: "Open the files" }).click();
      await page.getByRole("alert").waitFor();
      await page.getByText("You do not have the app any more?").click();
    },
  },
  {
    name: "receive-authenticator-new",
    async show(page, double) {
      await passcodeAsked(page, double);
      await page.getByLabel("Passcode").fill("7K3QX-9MPA2");
      await page.getByRole("button", { name: "Open the files" }).click();
      await page.getByRole("button", { name: "Add an authenticator app" }).click();
      await page.getByLabel("The six digits that the app shows").waitFor();
    },
  },
  {
    name: "receive-authenticator-own",
    async show(page, double) {
      await authenticatorAsked(page, double);
      double.answers.set("GET /grants/*/factors", {
        body: { enrolled: ["authenticator"], removable: ["authenticator"] },
      });
      await page.getByLabel("Code of your authenticator app").fill("628113");
      await page.getByRole("button", { name: "Open the files" }).click();
      await page.getByText("Your authenticator app", { exact: true }).click();
    },
  },
  { name: "receive-passkey", show: passkeyAsked },
  {
    name: "receive-passkey-refused",
    async show(page, double) {
      await virtualDevice(page);
      await passkeyAsked(page, double);
      await page.getByRole("button", { name: "Use my passkey" }).click();
      await page.getByRole("alert").getByText("No passkey was used").waitFor();
      await page.getByText("You do not have the passkey any more?").click();
    },
  },
  {
    name: "receive-passkey-offered",
    async show(page, double) {
      await passcodeAsked(page, double);
      double.answers.set(
        "POST /grants/*/passkey/enrolment",
        problem(409, "factor/already-enrolled", "Your address has one at this organisation already."),
      );
      await page.getByLabel("Passcode").fill("7K3QX-9MPA2");
      await page.getByRole("button", { name: "Open the files" }).click();
      await page.getByRole("button", { name: "Add a passkey" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  {
    name: "receive-passkey-own",
    async show(page, double) {
      const device = await virtualDevice(page);
      await passcodeAsked(page, double);
      await page.getByLabel("Passcode").fill("7K3QX-9MPA2");
      await page.getByRole("button", { name: "Open the files" }).click();
      await page.getByRole("button", { name: "Add a passkey" }).click();
      await page.getByText("Your passkey is added").waitFor();
      if ((await device.credentials()).length !== 1) throw new Error("the device made no passkey");
      await passkeyAsked(page, double);
      double.answers.set("GET /grants/*/factors", { body: { enrolled: ["passkey"], removable: ["passkey"] } });
      await page.getByRole("button", { name: "Use my passkey" }).click();
      await page.getByText("Your passkeys", { exact: true }).click();
    },
  },
  {
    name: "receive-locked",
    async show(page, double) {
      await passcodeAsked(page, double);
      double.answers.set("POST /grants/*/passcode", problem(403, "grant/locked", "Too many wrong passcodes."));
      await page.getByLabel("Passcode").fill("AAAAA-BCDEF");
      await page.getByRole("button", { name: "Open the files" }).click();
      await heading(page, "This link is locked");
    },
  },
  {
    name: "receive-files",
    async show(page, double) {
      await codeEntered(page, double);
      await heading(page, "3 files for you");
    },
  },
  {
    name: "receive-downloading",
    async show(page, double) {
      await codeEntered(page, double);
      await heading(page, "3 files for you");
      double.blob = () => ({ hang: true });
      await page.getByRole("button", { name: "Download all" }).click();
      await page.getByText("Waiting for its turn").first().waitFor();
    },
  },
  {
    name: "receive-done",
    async show(page, double) {
      await codeEntered(page, double);
      await heading(page, "3 files for you");
      await page.getByRole("button", { name: "Download all" }).click();
      await page.getByText("We told Riverside Clinic").waitFor();
    },
  },
  {
    name: "receive-lost",
    async show(page, double) {
      await codeEntered(page, double);
      await heading(page, "3 files for you");
      double.blob = () =>
        problem(
          404,
          "grant/unavailable",
          "These files are not available. The link may be incomplete, used up, withdrawn or past its end. Ask the sender to send them again.",
        );
      await page.getByRole("button", { name: "Download labs-2026-11-18.csv" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  {
    name: "receive-broken",
    async show(page, double) {
      await codeEntered(page, double, ({ slot }) => ({
        slot: `${slot.slice(0, -1)}${slot.endsWith("A") ? "Q" : "A"}`,
      }));
      await heading(page, "These files could not be opened");
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
];
