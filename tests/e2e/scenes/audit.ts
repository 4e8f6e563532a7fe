/**
 * The audit pages. Behind them are the true use cases, ledger and tiles in memory: a proof that a browser computes cannot be canned.
 */
import {
  certificateOf,
  confirmAddress,
  ledgerHealth,
  openLinks,
  release,
  revokeGrant,
  searchEvents,
  sendCode,
  showTransfer,
} from "@safeconduct/exchange";
import { auditSearchRequest, openLinksRequest } from "@safeconduct/contract";
import type { TransferId } from "@safeconduct/foundation";
import { formatVerifierKey } from "@safeconduct/ledger";
import { type Desk, ExchangeScene, known, sealedTransfer } from "@safeconduct/testkit";
import type { Page } from "playwright-core";
import { transferBody } from "../../../apps/server/src/http/answers.ts";
import { auditBody, ledgerBody, openLinksBody } from "../../../apps/server/src/http/audit-answers.ts";
import { instance, member, type PortalDouble } from "../portal-double.ts";
import { crypto } from "../portal-package.ts";
import type { Scene } from "./scene.ts";

const HOUR_MS = 3_600_000;
const [LINDQVIST, BRANDT] = ["a.lindqvist@northlake-cardiology.example", "t.brandt@county-health.example"];

interface Stage {
  readonly scene: ExchangeScene;
  readonly desk: Desk;
  readonly transfer: TransferId;
}

/** Two days of a small clinic: a transfer to two people, one of whom opened it, and a wrong code; the other's link was revoked. */
async function stage(page: Page, double: PortalDouble): Promise<Stage> {
  const scene = await ExchangeScene.open({ crypto });
  const desk = await scene.desk();
  const { id, grants } = await sealedTransfer(scene, desk, {
    lifeMs: 72 * HOUR_MS,
    recipients: [
      { address: LINDQVIST, name: "A. Lindqvist" },
      { address: BRANDT, name: null },
    ],
  });
  const [lindqvist, brandt] = [known(grants[0]), known(grants[1])];
  scene.clock.advance(2 * HOUR_MS);
  await sendCode(scene.deps, lindqvist);
  await confirmAddress(scene.deps, { grant: lindqvist, code: "000000" }).catch(() => undefined);
  scene.clock.advance(HOUR_MS / 30);
  const { publicKey } = await crypto.hpke.generateKeyPair();
  await release(scene.deps, await scene.confirmed(lindqvist), publicKey);
  scene.clock.advance(22 * HOUR_MS);
  await revokeGrant(scene.deps, desk.caller, { transfer: id, grant: brandt });
  scene.clock.advance(HOUR_MS);
  // The key service believes no clock that goes back, so the browser goes to the scene and not the scene to today.
  await page.clock.setFixedTime(scene.clock.now());
  serve(double, { scene, desk, transfer: id });
  return { scene, desk, transfer: id };
}

function serve(double: PortalDouble, { scene, desk, transfer }: Stage): void {
  const { ledger, tiles } = scene;
  const view = {
    get size() {
      return ledger.size;
    },
    readTile: (path: string) => tiles.readTile(path),
    checkpointCovering: async () => ({ size: ledger.size, text: ledger.checkpointText }),
  };
  const verifierKey = formatVerifierKey(scene.logKey);
  double.answers.clear();
  double.answers.set(
    "GET /instance",
    instance({
      organisation: { id: desk.organisation.id, name: "Riverside Clinic" },
      ledger: { origin: scene.logKey.name, verifierKey, checkpointUrl: "/ledger/checkpoint" },
    }),
  );
  double.answers.set("GET /me", { body: member });
  double.ledger = async (path) => (path === "checkpoint" ? ledger.checkpointText : tiles.readTile(path));
  double.answers.set("POST /audit/searches", async ({ body }) => {
    const { after, ...asked } = auditSearchRequest.parse(body);
    return { body: auditBody(await searchEvents(scene.deps, desk.caller, { asked, after })) };
  });
  double.answers.set("POST /audit/open-links", async ({ body }) => ({
    body: openLinksBody(await openLinks(scene.deps, desk.caller, openLinksRequest.parse(body).skip)),
  }));
  double.answers.set("GET /audit/ledger", async () => {
    const rounds = { newest: { size: ledger.size, text: ledger.checkpointText }, witnessed: null, witnesses: [] };
    return { body: ledgerBody(await ledgerHealth(scene), { size: ledger.size, rounds }) };
  });
  double.answers.set("GET /transfers/*", async () => ({
    body: transferBody(await showTransfer(scene, desk.caller, transfer)),
  }));
  double.answers.set("GET /transfers/*/certificate", async () => ({
    body: JSON.parse(
      await certificateOf({ ...scene.deps, ledger: view, now: scene.clock.now() }, desk.caller, transfer),
    ) as unknown,
  }));
}

const heading = (page: Page, name: string) => page.getByRole("heading", { level: 1, name }).waitFor();
const proven = (page: Page) => page.getByText(/proven by this browser/u).waitFor();

async function openAudit(page: Page, double: PortalDouble, query = ""): Promise<void> {
  await page.goto(`${double.origin}/audit${query}`);
  await heading(page, "Audit");
  await page.getByText("No witness", { exact: false }).or(page.getByText("Nobody outside")).waitFor();
}

export const auditScenes: readonly Scene[] = [
  {
    name: "audit",
    async show(page, double) {
      await stage(page, double);
      await openAudit(page, double);
    },
  },
  {
    name: "audit-person",
    async show(page, double) {
      await stage(page, double);
      await openAudit(page, double);
      await page.getByText("Search with your own filters").click();
      await page.getByLabel("E-mail address or organisation").last().fill(LINDQVIST);
      await page.getByRole("button", { name: "Find" }).last().click();
      await proven(page);
      await page
        .getByText(/^Entry [0-9]+$/u)
        .first()
        .click();
    },
  },
  {
    name: "audit-form-errors",
    async show(page, double) {
      await stage(page, double);
      await openAudit(page, double);
      await page.getByText("Who opened a transfer?").click();
      await page.getByLabel("Transfer").first().fill("trf_1");
      await page.getByRole("button", { name: "Find" }).first().click();
      await page.getByRole("alert").waitFor();
    },
  },
  {
    name: "audit-nothing",
    async show(page, double) {
      await stage(page, double);
      await openAudit(page, double, "?question=search&group=recovery");
      await page.getByText("No entry fits.").waitFor();
    },
  },
  {
    name: "audit-deadline",
    async show(page, double) {
      await stage(page, double);
      await openAudit(page, double, "?question=after-deadline");
      await page.getByText("No link was used after its deadline").waitFor();
    },
  },
  {
    name: "audit-open-links",
    async show(page, double) {
      await stage(page, double);
      await openAudit(page, double, "?question=open-links");
      await page.getByText("1 open link").waitFor();
    },
  },
  {
    name: "audit-tampered",
    async show(page, double) {
      const { scene, desk } = await stage(page, double);
      double.answers.set("POST /audit/searches", async ({ body }) => {
        const { after, ...asked } = auditSearchRequest.parse(body);
        const answer = auditBody(await searchEvents(scene.deps, desk.caller, { asked, after }));
        const [first, ...rest] = answer.entries;
        const changed = {
          ...known(first),
          event: known(first).event?.replace('"detail":{', '"detail":{"files":9,') ?? null,
        };
        return { body: { ...answer, entries: [changed, ...rest] } };
      });
      await openAudit(page, double, "?question=search&group=opening");
      await page.getByText("NOT proven by the signed log").waitFor();
    },
  },
  {
    name: "audit-other-log",
    async show(page, double) {
      await stage(page, double);
      await openAudit(page, double, "?question=search&group=opening");
      // What was proven is what the browser remembers.
      await proven(page);
      await stage(page, double);
      await openAudit(page, double, "?question=refused");
      await page.getByText("signed with another key").waitFor();
    },
  },
  {
    name: "audit-not-allowed",
    async show(page, double) {
      await stage(page, double);
      const code = "permission/refused";
      const body = { type: "about:blank", status: 403, code, title: "Your roles do not allow this." };
      for (const path of ["POST /audit/searches", "GET /audit/ledger"]) double.answers.set(path, { status: 403, body });
      await page.goto(`${double.origin}/audit?question=refused`);
      await page.getByRole("alert").first().waitFor();
    },
  },
  {
    name: "history",
    async show(page, double) {
      const { transfer } = await stage(page, double);
      await page.goto(`${double.origin}/history?transfer=${transfer}`);
      await proven(page);
    },
  },
  {
    name: "certificate",
    async show(page, double) {
      const { transfer } = await stage(page, double);
      await page.goto(`${double.origin}/certificate?transfer=${transfer}`);
      await page.getByRole("button", { name: "Check it in this browser" }).click();
      await page.getByText(/^✓ ?It holds/u).waitFor();
    },
  },
];
