/** Passkeys of a member: on the account page, and at the sign-in. */
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
