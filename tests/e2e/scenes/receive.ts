/** The recipient's page from the link to the files, and what can go wrong on the way. */
import type { Page } from "playwright-core";
import { virtualDevice } from "../portal-browser.ts";
import { instance, invitation, offer, type PortalDouble, problem } from "../portal-double.ts";
import { crypto, samplePackage } from "../portal-package.ts";
import { base, heading, open, type Scene } from "./scene.ts";

const HOUR_MS = 3_600_000;

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

export const receiveScenes: readonly Scene[] = [
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
      await heading(page, "No connection");
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
