/** How a member signs in: passkeys and password on the account page, and a passkey at the sign-in. */
import type { Page } from "playwright-core";
import { type PortalDouble, problem, signedOut } from "../portal-double.ts";
import { stage } from "./device.ts";
import type { Scene } from "./scene.ts";

const DAY_MS = 24 * 60 * 60_000;
const PROOF_REQUIRED = problem(
  403,
  "sign-in/proof-required",
  "Show once more that it is you: with a passkey, or with your password and a code.",
);

async function openAccount(page: Page, double: PortalDouble): Promise<void> {
  await stage(double, { isNew: true });
  const now = Date.now();
  const passkey = (letter: string, fields: object) => ({ id: `fac_${letter.repeat(25)}a`, ...fields });
  double.answers.set("GET /me/passkeys", {
    body: {
      passkeys: [
        passkey("a", { name: "Office computer", createdAt: now - 40 * DAY_MS, lastUsedAt: now - 3_600_000 }),
        passkey("b", { name: "Blue security key, in the safe of the ward", createdAt: now - DAY_MS, lastUsedAt: null }),
      ],
    },
  });
  double.answers.set("POST /me/passkeys/enrolment", PROOF_REQUIRED);
  await page.goto(`${double.origin}/account`);
  await page.getByRole("heading", { name: "Office computer" }).waitFor();
  await page.getByRole("heading", { level: 2, name: "Passkeys" }).scrollIntoViewIfNeeded();
}

export const passkeyScenes: readonly Scene[] = [
  { name: "account-passkeys", show: openAccount },
  {
    name: "account-passkey-nameless",
    async show(page, double) {
      await openAccount(page, double);
      await page.getByRole("button", { name: "Add a passkey" }).click();
      await page.getByRole("alert").getByText("Enter a name").waitFor();
    },
  },
  {
    name: "account-passkey-proof",
    async show(page, double) {
      await openAccount(page, double);
      await page.getByLabel("Name of the new passkey").fill("Telephone");
      await page.getByRole("button", { name: "Add a passkey" }).click();
      await page.getByRole("dialog", { name: "Is it you?" }).waitFor();
    },
  },
  {
    name: "account-passkey-removal",
    async show(page, double) {
      await openAccount(page, double);
      await page.getByRole("button", { name: "Remove the passkey Office computer" }).click();
      await page.getByRole("dialog", { name: "Remove “Office computer”?" }).waitFor();
    },
  },
  {
    name: "account-password",
    async show(page, double) {
      await openAccount(page, double);
      await page.getByText("Change the password").first().click();
      await page.getByLabel("New password").scrollIntoViewIfNeeded();
    },
  },
  {
    name: "account-password-wrong",
    async show(page, double) {
      await openAccount(page, double);
      double.answers.set(
        "POST /me/password",
        problem(
          403,
          "sign-in/proof-refused",
          "Password and code do not match. Check both, and use a new code; after several failures this waits for some minutes.",
        ),
      );
      await page.getByText("Change the password").first().click();
      await page.getByLabel("New password").fill("another granite lantern");
      await page.getByLabel("Current password").fill("not the password at all");
      await page.getByLabel("Code from your authenticator").fill("402719");
      await page.getByRole("button", { name: "Change the password" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  {
    name: "account-password-changed",
    async show(page, double) {
      await openAccount(page, double);
      double.answers.set("POST /me/password", { status: 204 });
      await page.getByText("Change the password").first().click();
      await page.getByLabel("New password").fill("another granite lantern");
      await page.getByLabel("Current password").fill("the password of before");
      await page.getByLabel("Code from your authenticator").fill("402719");
      await page.getByRole("button", { name: "Change the password" }).click();
      await page.getByText("Your password is changed").waitFor();
    },
  },
  {
    name: "sign-in-passkey-refused",
    async show(page, double) {
      await stage(double, { isNew: true });
      double.answers.set("GET /me", signedOut);
      double.answers.set(
        "POST /sessions/passkey/challenge",
        problem(
          403,
          "sign-in/passkey-refused",
          "That passkey was not accepted. Try again, use another one, or use your password and a code.",
        ),
      );
      await page.goto(`${double.origin}/sign-in`);
      await page.getByRole("button", { name: "Use a passkey" }).click();
      await page.getByRole("alert").getByText("was not accepted").waitFor();
    },
  },
];
