/** The lock of the portal, what comes before it, and where a member is signed in. */
import type { Page } from "playwright-core";
import { instance, member, type PortalDouble, problem, signedOut } from "../portal-double.ts";
import type { Scene } from "./scene.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const SEARCH = "POST /transfers/searches";

interface Standing {
  readonly locked: boolean;
  readonly endsInMs: number;
  readonly hasPasskey: boolean;
}

async function showPage(
  page: Page,
  double: PortalDouble,
  { locked = false, endsInMs = 11 * HOUR_MS, hasPasskey = false }: Partial<Standing> = {},
): Promise<void> {
  const refused = problem(403, "sign-in/locked", "This session is locked.");
  const session = { name: "M. Okafor", locked, hasPasskey, locksInMs: 0, endsInMs };
  double.answers.clear();
  double.answers.set("GET /instance", instance());
  double.answers.set("GET /me", locked ? refused : { body: member });
  double.answers.set("GET /recoveries", locked ? refused : { body: { recoveries: [] } });
  double.answers.set("GET /transfers/attention", locked ? refused : { body: { transfers: 0 } });
  double.answers.set(SEARCH, locked ? refused : { body: { transfers: [], next: null, lookedBackTo: null } });
  double.answers.set("GET /sessions/current", { body: session });
  for (const path of ["use", "lock"]) double.answers.set(`POST /sessions/current/${path}`, { status: 204 });
  double.answers.set("GET /me/passkeys", { body: { passkeys: [] } });
  double.answers.set(
    "POST /sessions/current/proof",
    problem(
      403,
      "sign-in/proof-refused",
      "Password and code do not match. Check both, and use a new code; after several failures this waits for some minutes.",
    ),
  );
  await page.clock.install();
  await page.goto(`${double.origin}/`);
}

const listed = (page: Page) => page.getByRole("heading", { name: "Nothing has been sent yet" }).waitFor();
const lockScreen = (page: Page) => page.getByRole("heading", { level: 1, name: "Locked" }).waitFor();

const hoursAgo = (hours: number): number => Date.now() - hours * HOUR_MS;

/** A session as the list of "Signed in" tells it; `letter` is one of base32's. */
export const listedSession = (letter: string, changes: object): object => ({
  id: `ses_${letter.repeat(25)}a`,
  browser: "firefox",
  system: "windows",
  createdAt: hoursAgo(2),
  lastUsedAt: hoursAgo(0),
  locked: false,
  current: false,
  ...changes,
});

export const sessionScenes: readonly Scene[] = [
  {
    name: "idle-question",
    async show(page, double) {
      await showPage(page, double);
      await listed(page);
      await page.clock.fastForward(13 * MINUTE_MS + 2_000);
      await page.getByRole("dialog", { name: "Are you still there?" }).waitFor();
    },
  },
  {
    name: "locked",
    async show(page, double) {
      await showPage(page, double, { locked: true });
      await lockScreen(page);
      await page.getByText("M. Okafor can go on").waitFor();
    },
  },
  {
    name: "locked-with-passkey",
    async show(page, double) {
      await showPage(page, double, { locked: true, hasPasskey: true });
      await page.getByRole("button", { name: "Unlock with your passkey" }).waitFor();
    },
  },
  {
    name: "locked-refused",
    async show(page, double) {
      await showPage(page, double, { locked: true });
      await lockScreen(page);
      await page.getByLabel("Password", { exact: true }).fill("not the password at all");
      await page.getByLabel("Code from your authenticator").fill("402719");
      await page.getByRole("button", { name: "Unlock" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  {
    name: "session-ends-soon",
    async show(page, double) {
      await showPage(page, double, { endsInMs: 4.5 * MINUTE_MS });
      await listed(page);
      await page.locator(".session-ends").waitFor();
    },
  },
  {
    name: "account-sessions",
    async show(page, double) {
      await showPage(page, double);
      double.answers.set("GET /sessions", {
        body: {
          sessions: [
            listedSession("a", { current: true }),
            listedSession("b", {
              browser: "safari",
              system: "ios",
              createdAt: hoursAgo(5),
              lastUsedAt: hoursAgo(4.6),
              locked: true,
            }),
            listedSession("c", {
              browser: "other",
              system: "other",
              createdAt: hoursAgo(9),
              lastUsedAt: hoursAgo(0.1),
            }),
          ],
        },
      });
      await page.goto(`${double.origin}/account`);
      await page.getByRole("button", { name: "Sign out everywhere else" }).waitFor();
    },
  },
  {
    name: "session-over",
    async show(page, double) {
      await showPage(page, double);
      await listed(page);
      double.answers.set(SEARCH, signedOut);
      await page.clock.fastForward(10_000);
      await page.getByText("Your session is over").waitFor();
    },
  },
];
