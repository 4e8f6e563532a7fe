/** Members on the true portal: invited by mail, joined by its link, each seeing what their roles allow, removed at once. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  joinMember,
  mailedInvitation,
  removeFolder,
  type RunningInstance,
  runCli,
  setUp,
  startInstance,
  temporaryFolder,
  TEST_PASSWORD,
} from "@safeconduct/testkit";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { authenticatorCode } from "../../testkit/src/authenticator.ts";
import { accessibilityFaults, chromiumPath, launchChromium, openPage, type WatchedPage } from "./portal-browser.ts";

const executable = chromiumPath();
const NOAH = { address: "n.berg@riverside.example", name: "Noah Berg" };
const STEP_MS = 30_000;

describe.skipIf(executable === null)("members of an instance (needs Chromium on the PATH)", () => {
  let root: string;
  let instance: RunningInstance;
  let browser: Browser;
  let origin: string;
  let first: { apiToken: string; secret: string };
  let administrator: WatchedPage;
  let sender: WatchedPage;
  let transfer = "";
  const spent = new Map<string, number>();

  beforeAll(async () => {
    root = await temporaryFolder();
    instance = await startInstance({ home: join(root, "home") });
    origin = new URL(instance.portal).origin;
    browser = await launchChromium(executable ?? "");
    const config = join(root, "config");
    first = await setUp(instance, config);
    spent.set(first.secret, Math.floor(Date.now() / STEP_MS));
    const path = join(root, "note.txt");
    await writeFile(path, "a note");
    const sent = await runCli(["send", path, "--to", "x@outside.example", "--purpose", "TREAT", "--json"], { config });
    transfer = String(sent.json["transfer"]);
    administrator = await openPage(browser, origin);
    sender = await openPage(browser, origin, { width: 390 });
  });
  afterAll(async () => {
    await browser.close();
    await instance.stop();
    await removeFolder(root);
  });

  const title = (watched: WatchedPage, text: string | RegExp) =>
    watched.page.getByRole("heading", { level: 1, name: text }).waitFor();
  /** A code is good once: one of the next step is accepted early (RFC 6238, 5.2). */
  function freshCode(secret: string): string {
    const step = Math.max((spent.get(secret) ?? 0) + 1, Math.floor(Date.now() / STEP_MS));
    spent.set(secret, step);
    return authenticatorCode(secret, step * STEP_MS);
  }
  async function signIn(watched: WatchedPage, address: string, secret: string): Promise<void> {
    const { page } = watched;
    await page.getByLabel("E-mail").fill(address);
    await page.getByLabel("Password", { exact: true }).fill(TEST_PASSWORD);
    await page.getByLabel("Code from your authenticator").fill(freshCode(secret));
    await page.getByRole("button", { name: "Sign in" }).click();
  }
  async function refusalOf(path: string, bearer: string, method = "GET"): Promise<string> {
    const response = await fetch(`${origin}/api/v1${path}`, { method, headers: { authorization: `Bearer ${bearer}` } });
    if (response.ok) return "done";
    return ((await response.json()) as { code: string }).code;
  }

  test("an administrator invites somebody, and the link is in their mail alone", async () => {
    const { page } = administrator;
    await page.goto(instance.portal);
    await title(administrator, "Sign in");
    await signIn(administrator, "m.okafor@riverside.example", first.secret);
    await page.getByRole("navigation").getByRole("link", { name: "Members" }).click();
    await title(administrator, "Members");
    await page.getByText("You are the only member").waitFor();
    await page.getByRole("button", { name: "Invite somebody" }).click();
    await page.getByRole("button", { name: "Send the invitation", exact: true }).click();
    await page.getByRole("alert").waitFor();
    await page.getByLabel("Their work e-mail").fill(NOAH.address);
    await page.getByLabel("Their name").fill(NOAH.name);
    await page.getByRole("button", { name: "Send the invitation", exact: true }).click();
    await page.getByText("The invitation for Noah Berg is on its way by mail.").waitFor();
    await page.getByText("Waiting", { exact: true }).waitFor();
    expect(await page.content()).not.toContain(await mailedInvitation(instance, NOAH.address));
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(administrator.faults).toEqual([]);
  });

  test("whoever opens the link joins, on a phone, and the link works once", async () => {
    const { page } = sender;
    const link = `${origin}/join#token=${await mailedInvitation(instance, NOAH.address)}`;
    await page.goto(link);
    // A mail scanner that opened it before has used nothing up.
    await page.reload();
    await title(sender, "Join Riverside Clinic");
    await page.getByText(`You will sign in as ${NOAH.address}.`).waitFor();
    await page.getByLabel("Password", { exact: true }).fill(TEST_PASSWORD);
    await page.getByRole("button", { name: "Continue" }).click();
    await title(sender, "Add an authenticator");
    const secret = ((await page.locator(".secret").textContent()) ?? "").replaceAll(" ", "");
    await page.getByLabel("6-digit code").fill("000000");
    await page.getByRole("button", { name: "Join" }).click();
    await page.getByRole("alert").waitFor();
    await page.getByLabel("6-digit code").fill(freshCode(secret));
    await page.getByRole("button", { name: "Join" }).click();
    await title(sender, "Welcome to Riverside Clinic");
    expect(page.url()).toBe(`${origin}/join`);
    expect(await accessibilityFaults(page)).toEqual([]);

    const late = await openPage(browser, origin);
    await late.page.goto(link);
    await title(late, "This invitation does not open");
    expect([...sender.faults, ...late.faults]).toEqual([]);
    await late.close();
  });

  test("a new sender sees no transfer of a colleague, and no members", async () => {
    const { page } = sender;
    await page.getByRole("link", { name: "Go on" }).click();
    await title(sender, "Transfers");
    await page.getByText("Nothing has been sent yet").waitFor();
    expect(await page.getByRole("navigation").getByRole("link", { name: "Members" }).count()).toBe(0);
    await page.goto(`${origin}/members`);
    await title(sender, "Members");
    await page.getByText("An administrator of your organisation invites people").waitFor();
    expect(sender.faults).toEqual([]);
  });

  test("an administrator who is nothing else gets nothing of transfers, by page or by API", async () => {
    const { apiToken, secret } = await joinMember(instance, {
      administrator: first.apiToken,
      address: "admin@riverside.example",
      name: "Ada Admin",
      roles: ["administrator"],
    });
    spent.set(secret, Math.floor(Date.now() / STEP_MS));
    for (const [method, path] of [
      ["GET", "/transfers"],
      ["GET", `/transfers/${transfer}`],
      ["GET", `/transfers/${transfer}/certificate`],
      ["POST", `/transfers/${transfer}/revocation`],
    ] as const)
      expect(await refusalOf(path, apiToken, method)).toBe("permission/refused");
    expect(await refusalOf("/members", apiToken)).toBe("done");
    const page = await openPage(browser, origin);
    await page.page.goto(instance.portal);
    await signIn(page, "admin@riverside.example", secret);
    await title(page, "Transfers");
    await page.page.getByText("An administrator does not see transfers.").waitFor();
    await page.page.getByRole("link", { name: "To the members" }).click();
    await page.page.getByRole("heading", { name: "M. Okafor" }).waitFor();
    expect(page.faults).toEqual([]);
    await page.close();
  });

  test("a member who is removed is out at once, in the portal and by token", async () => {
    const { page } = sender;
    await page.goto(`${origin}/tokens`);
    await page.getByLabel("Name of the new token").fill("Ward 3");
    await page.getByRole("button", { name: "Make a token" }).click();
    const token = (await page.locator(".copyable code").first().textContent()) ?? "";
    expect(await refusalOf("/transfers", token)).toBe("done");

    await administrator.page.getByRole("button", { name: "Change roles of Noah Berg" }).click();
    const dialog = administrator.page.getByRole("dialog");
    await dialog.getByLabel("Sender").uncheck();
    await dialog.getByRole("button", { name: "Save the roles" }).click();
    await dialog.getByText("Choose at least one role.").waitFor();
    await dialog.getByLabel("Administrator").check();
    await dialog.getByRole("button", { name: "Save the roles" }).click();
    await administrator.page.getByText("The roles of Noah Berg are changed.").waitFor();
    expect(await refusalOf("/transfers", token)).toBe("permission/refused");

    await administrator.page.getByRole("button", { name: "Remove Noah Berg" }).click();
    await dialog.getByRole("button", { name: "Remove now" }).click();
    await administrator.page.getByText("Noah Berg is removed.").waitFor();
    expect(await refusalOf("/me", token)).toBe("sign-in/required");
    await page.goto(instance.portal);
    await title(sender, "Sign in");
    expect([...administrator.faults, ...sender.faults]).toEqual([]);
  });
});
