/**
 * The audit log of a true instance, asked by the person who answers for it: a transfer that was sent, opened and revoked is found
 * by person and by day, proven in the browser, exported, and certified. A changed answer is shown as not proven.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  mailedCode,
  type RunningInstance,
  removeFolder,
  runCli,
  setUp,
  startInstance,
  temporaryFolder,
  TEST_PASSWORD,
} from "@safeconduct/testkit";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accessibilityFaults, chromiumPath, launchChromium, openPage, type WatchedPage } from "./portal-browser.ts";
import { authenticatorCode } from "../../testkit/src/authenticator.ts";

const executable = chromiumPath();
const ANNA = "anna.lindqvist@northlake.example";
const BEN = "ben.brandt@county.example";
const CODE_STEP_MS = 30_000;

describe.skipIf(executable === null)("the audit log in the portal (needs Chromium on the PATH)", () => {
  let root: string;
  let instance: RunningInstance;
  let browser: Browser;
  let member: WatchedPage;
  let transfer = "";
  const config = () => join(root, "config");

  beforeAll(async () => {
    root = await temporaryFolder();
    instance = await startInstance({ home: join(root, "home") });
    const { secret } = await setUp(instance, config());
    browser = await launchChromium(executable ?? "");
    member = await openPage(browser, new URL(instance.portal).origin);
    await sendOpenRevoke();
    const { page } = member;
    await page.goto(`${instance.portal}sign-in`);
    await page.getByLabel("E-mail").fill("m.okafor@riverside.example");
    await page.getByLabel("Password", { exact: true }).fill(TEST_PASSWORD);
    // A code is good once, and one of the next step is taken early.
    await page.getByLabel("Code from your authenticator").fill(authenticatorCode(secret, Date.now() + CODE_STEP_MS));
    await page.getByRole("button", { name: "Sign in" }).click();
    await title("Transfers");
  });
  afterAll(async () => {
    await browser.close();
    await instance.stop();
    await removeFolder(root);
  });

  const title = (text: string) => member.page.getByRole("heading", { level: 1, name: text }).waitFor();
  const sentences = () => member.page.locator(".entry-what > p").allTextContents();
  const proven = () => member.page.getByText(/proven by this browser/u).waitFor();

  /** To two people; Anna opens, then everything is taken back. */
  async function sendOpenRevoke(): Promise<void> {
    const file = join(root, "note.txt");
    await writeFile(file, "a note");
    const send = ["send", file, "--to", ANNA, "--to", BEN, "--purpose", "TREAT", "--public", "--json"];
    const sent = await runCli(send, { config: config() });
    expect(sent.errors).toBe("");
    transfer = String(sent.json["transfer"]);
    const links = sent.json["links"] as { address: string; link: string }[];
    const link = links.find(({ address }) => address === ANNA)?.link ?? "";
    const received = await runCli(["receive", link, "--out", join(root, "out")], {
      config: join(root, "anna"),
      answer: () => mailedCode(instance, ANNA),
    });
    expect(received.exitCode).toBe(0);
    expect((await runCli(["revoke", transfer], { config: config() })).exitCode).toBe(0);
  }

  async function search(person: string): Promise<void> {
    const { page } = member;
    await page.goto(`${instance.portal}audit`);
    await page.getByText("Which files went to a person or an organisation on a day?").click();
    await page.getByLabel("E-mail address or organisation").first().fill(person);
    await page.getByRole("button", { name: "Find" }).first().click();
    await proven();
  }

  test("finds what went to a person today, each entry proven in this browser, and keeps the person out of the address", async () => {
    const { page } = member;
    await search(ANNA.toUpperCase());
    const found = await sentences();
    expect(found.some((text) => text.includes("The keys to the files were released to"))).toBe(true);
    expect(found.some((text) => text.includes("was revoked"))).toBe(true);
    expect(found.filter((text) => text.includes(BEN))).toEqual([]);
    expect(page.url()).not.toMatch(/anna|northlake/iu);
    expect(await accessibilityFaults(page)).toEqual([]);

    await page
      .getByText(/^Entry [0-9]+$/u)
      .first()
      .click();
    await page.getByRole("link", { name: "History" }).first().click();
    await title("History of a transfer");
    await proven();
    await page.goBack();
    await proven();
    expect(await sentences()).toEqual(found);
    await page.reload();
    await proven();
    expect(await sentences()).toEqual(found);
    expect(member.faults).toEqual([]);
  });

  test("an address of the page that was shared says that a person is missing, and asks for nobody else", async () => {
    await search(ANNA);
    const address = member.page.url();
    const { page } = member;
    await page.evaluate(() => history.replaceState(null, ""));
    await page.goto("about:blank");
    await page.goto(address);
    await page.getByText("is not kept in the page’s address").waitFor();
    expect(await sentences()).toEqual([]);
  });

  test("another day has nothing, and no link was used after its deadline", async () => {
    const { page } = member;
    await page.goto(`${instance.portal}audit?question=search&from=2020-01-01&to=2020-01-02`);
    await page.getByText("No entry fits.").waitFor();
    await page.goto(`${instance.portal}audit?question=after-deadline`);
    await page.getByText("No link was used after its deadline: 2 uses of links looked at").waitFor();
    expect(member.faults).toEqual([]);
  });

  test("an answer that was changed on its way is shown as not proven", async () => {
    const { page } = member;
    const changed = "**/api/v1/audit/searches";
    await page.route(changed, async (route) => {
      const response = await route.fetch();
      const answer = (await response.json()) as { entries: { type: string; event: string }[] };
      for (const entry of answer.entries)
        if (entry.type === "grant/receipt") entry.event = entry.event.replace('"files":1', '"files":7');
      await route.fulfill({ response, json: answer });
    });
    await page.goto(`${instance.portal}audit?question=search&group=opening`);
    await page.getByText("1 entry is NOT proven by the signed log.").waitFor();
    expect(await page.locator(".proof.bad").count()).toBe(1);
    await page.unroute(changed);
  });

  test("a log that is shorter than this browser has seen it is refused loudly", async () => {
    const { page } = member;
    await page.goto(`${instance.portal}audit?question=refused`);
    await page.getByText("Checked by this browser").waitFor();
    const response = await fetch(`${instance.portal}ledger/checkpoint`);
    const older = await response.text();
    // Grows the log, and this browser sees it.
    await page.goto(`${instance.portal}audit?question=search&group=audit`);
    await proven();
    await page.route("**/ledger/checkpoint", (route) => route.fulfill({ body: older, contentType: "text/plain" }));
    await page.goto(`${instance.portal}audit?question=search&group=sending`);
    await page.getByText("The log is shorter than this browser has seen it").waitFor();
    expect(await page.getByText(/proven by this browser/u).count()).toBe(0);
    await page.unroute("**/ledger/checkpoint");
  });

  test("what was found is exported as CSV and as JSON with proofs", async () => {
    const { page } = member;
    await search(ANNA);
    const save = async (name: string) => {
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name }).click()]);
      return readFile(await download.path(), "utf8");
    };
    const rows = (await save("Export as CSV")).split("\r\n");
    expect(rows[0]).toMatch(/^\ufeff"entry","time"/u);
    expect(rows.filter((row) => row.includes('"grant/released"') && row.includes(ANNA))).toHaveLength(1);
    const file = JSON.parse(await save("Export as JSON with proofs")) as { complete: boolean; entries: unknown[] };
    expect(file).toMatchObject({ format: "safeconduct-audit-export", complete: true });
    expect(file.entries.length).toBe(rows.length - 2);
    expect(member.faults).toEqual([]);
  });

  test("the certificate of a transfer is opened from its card, checked here, saved, and checked by the command line", async () => {
    const { page } = member;
    await page.goto(instance.portal);
    await page
      .getByRole("link", { name: /^Certificate/u })
      .first()
      .click();
    await title("Certificate of custody");
    await page.getByRole("button", { name: "Check it in this browser" }).click();
    await page.getByText(/It holds: [0-9]+ entries are proven/u).waitFor();
    for (const [button, ending] of [
      ["Download as JSON", "json"],
      ["Download as a page", "html"],
    ] as const) {
      const [saved] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: button }).click(),
      ]);
      expect(saved.suggestedFilename()).toBe(`certificate-${transfer}.${ending}`);
      const verified = await runCli(["certificate", "verify", await saved.path(), "--json"], { config: config() });
      expect([verified.errors, verified.exitCode]).toEqual(["", 0]);
    }
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(member.faults).toEqual([]);
  });
});
