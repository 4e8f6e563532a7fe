/**
 * Pages about the devices of a member. Behind them is no canned answer but the true use cases over a store in memory, because every
 * statement that a browser is shown has to be signed as it checks.
 */
import { approveDevice, askToJoin, removeDevice, type SendingDevice, tryJoin } from "@safeconduct/client";
import { type Desk, ExchangeScene, known, sceneClient, type SceneClient } from "@safeconduct/testkit";
import { drawId, isProblem } from "@safeconduct/foundation";
import type { Page } from "playwright-core";
import { member, type PortalDouble, problem, signedOut } from "../portal-double.ts";
import { crypto } from "../portal-package.ts";
import type { Scene } from "./scene.ts";
import { listedSession } from "./sessions.ts";

interface Stage {
  readonly client: SceneClient;
  readonly desk: Desk;
}

/** M. Okafor, with a device elsewhere or (`isNew`) without any. */
export async function stage(double: PortalDouble, { isNew = false }: { isNew?: boolean } = {}): Promise<Stage> {
  const scene = await ExchangeScene.open({ crypto });
  scene.clock.jump(Date.now() - scene.clock.now() - 3_600_000);
  const desk = await scene.desk();
  const id = drawId("member", crypto.random);
  if (isNew)
    await scene.store.transaction((tx) => tx.addMember({ ...desk.member, id, address: "m.okafor@riverside.example" }));
  scene.clock.advance(3_600_000);
  const caller = isNew ? { ...desk.caller, member: id } : desk.caller;
  const client = sceneClient(scene, { member: caller });
  client.twist = (name, answer) => (name === "memberChain" ? yesterday(answer as never) : answer);
  const through =
    (name: "instance" | "memberChain" | "extendMemberChain" | "requestDevice") =>
    async ({ body }: { body: unknown }) => {
      try {
        return { body: await client.api.call(name, { body: body as never }) };
      } catch (error) {
        if (!isProblem(error)) throw error;
        return problem(409, error.code, error.message);
      }
    };
  double.answers.clear();
  double.answers.set("GET /instance", async (asked) => {
    const { body } = await through("instance")(asked);
    return { body: { ...(body as object), mailboxUrl: "/mailbox", organisation: member.organisation } };
  });
  double.answers.set("GET /me", {
    body: {
      member: { ...member.member, id: caller.member },
      organisation: { ...member.organisation, id: caller.organisation },
    },
  });
  double.answers.set("GET /sessions", { body: { sessions: [listedSession("a", { current: true })] } });
  double.answers.set("GET /me/passkeys", { body: { passkeys: [] } });
  double.answers.set("GET /me/chain", through("memberChain"));
  double.answers.set("POST /me/chain", through("extendMemberChain"));
  double.answers.set("POST /me/device-requests", through("requestDevice"));
  return { client, desk };
}

/** The desk's own device was not made this minute; scenes begin at a later date than today. */
function yesterday(chain: { readonly devices: readonly { readonly createdAt: number }[] }): unknown {
  const at = (made: number): number => (made > Date.now() ? Date.now() - 86_400_000 : made);
  return { ...chain, devices: chain.devices.map((each) => ({ ...each, createdAt: at(each.createdAt) })) };
}

async function openAccount(page: Page, double: PortalDouble): Promise<void> {
  await page.goto(`${double.origin}/account`);
  await page.getByRole("heading", { level: 1, name: "Your account" }).waitFor();
}

/** The browser asks, the desk lets it in. */
async function join(page: Page, { client, desk }: Stage): Promise<SendingDevice> {
  await page.getByRole("button", { name: "Show a code" }).click();
  await page.getByRole("heading", { name: "Type this code" }).waitFor();
  const code = await page.locator(".pairing-code [aria-hidden] span").allTextContents();
  const { device } = await approveDevice(client, desk.device, code.join("-"));
  await page.getByRole("heading", { name: "Let a device in" }).waitFor();
  return device;
}

const SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/** Set-up of a new instance up to its third step. */
async function setUp(page: Page, double: PortalDouble): Promise<void> {
  await stage(double, { isNew: true });
  const [ready, me] = [known(double.answers.get("GET /instance")), known(double.answers.get("GET /me"))];
  if (typeof ready !== "function" || typeof me === "function") throw new Error("the stage has changed");
  let isSetUp = false;
  double.answers.set("GET /instance", async (asked) => {
    const { body } = await ready(asked);
    return { body: { ...(body as object), setUp: isSetUp } };
  });
  double.answers.set("GET /me", () => (isSetUp ? me : signedOut));
  double.answers.set("POST /setup/enrolment", {
    body: { otpauthUri: `otpauth://totp/Safeconduct:m?secret=${SECRET}&issuer=Safeconduct`, secret: SECRET },
  });
  double.answers.set("POST /setup/completion", () => {
    isSetUp = true;
    return { status: 201, body: { ...(me.body as object), apiToken: `sct_${"k7Qw2ZpX9".repeat(5).slice(0, 43)}` } };
  });
  double.answers.set("POST /me/test-mail", { body: { address: member.member.address } });
  await page.goto(`${double.origin}/setup#token=${"A".repeat(43)}`);
  await page.getByLabel("Name of the organisation").fill("Riverside Clinic");
  await page.getByLabel("Your name").fill("M. Okafor");
  await page.getByLabel("Your work e-mail").fill(member.member.address);
  await page.getByLabel("Password", { exact: true }).fill("correct horse battery staple");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByLabel("6-digit code").fill("402719");
  await page.getByRole("button", { name: "Continue" }).click();
  await heading(page, "Keys for this browser");
}

const heading = (page: Page, name: string) => page.getByRole("heading", { level: 1, name }).waitFor();

async function setUpKeys(page: Page, double: PortalDouble): Promise<void> {
  await setUp(page, double);
  await page.getByRole("button", { name: "Make keys here" }).click();
  await heading(page, "Print your recovery key");
}

const lastGroup = (page: Page) => page.locator(".recovery-groups span").last().textContent();

async function printed(page: Page): Promise<void> {
  await page.getByLabel("The last group").fill((await lastGroup(page)) ?? "");
  await page.getByRole("button", { name: "It is on paper" }).click();
}

export const deviceScenes: readonly Scene[] = [
  { name: "setup-keys", show: setUp },
  {
    name: "setup-recovery-key",
    async show(page, double) {
      await setUpKeys(page, double);
      await page.getByLabel("The last group").fill("12345678");
      await page.getByRole("button", { name: "It is on paper" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  {
    name: "setup-mail",
    async show(page, double) {
      await setUpKeys(page, double);
      await printed(page);
      await page.getByRole("button", { name: "Send a test mail" }).click();
      await page.getByText("Open the local mailbox").waitFor();
    },
  },
  {
    name: "setup-mail-failed",
    async show(page, double) {
      await setUp(page, double);
      double.answers.set(
        "POST /me/test-mail",
        problem(502, "mail/undelivered", "The mail could not be sent at the moment. Try again, and check the address."),
      );
      await page.getByRole("button", { name: "Not on this computer" }).click();
      await page.getByRole("button", { name: "Send a test mail" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  {
    name: "setup-done",
    async show(page, double) {
      await setUpKeys(page, double);
      await page.getByRole("button", { name: "Do it later" }).click();
      await page.getByRole("button", { name: "Skip this" }).click();
      await heading(page, "Riverside Clinic is set up");
      await page.getByText("Command line and scripts").click();
    },
  },
  {
    name: "account-recovery-key",
    async show(page, double) {
      const on = await stage(double);
      await openAccount(page, double);
      await join(page, on);
      await page.getByRole("button", { name: "Make a recovery key" }).click();
      await printed(page);
      await page.getByText("counts from now on").waitFor();
      await page.getByText("You have a recovery key").waitFor();
    },
  },
  {
    name: "account-first-device",
    async show(page, double) {
      await stage(double, { isNew: true });
      await openAccount(page, double);
      await page.getByRole("button", { name: "Make keys here" }).waitFor();
    },
  },
  {
    name: "account-join-wrong-recovery-key",
    async show(page, double) {
      await stage(double);
      await openAccount(page, double);
      for (const choice of ["I have my printed", "I have no other"]) await page.getByText(choice).click();
      await page.getByLabel("Recovery key").fill("K7QW2ZPX-".repeat(5).slice(0, -1));
      await page.getByRole("button", { name: "Let this browser in" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  {
    name: "account-join-code",
    async show(page, double) {
      await stage(double);
      await openAccount(page, double);
      await page.getByRole("button", { name: "Show a code" }).click();
      await page.getByRole("heading", { name: "Type this code" }).waitFor();
    },
  },
  {
    name: "account-devices",
    async show(page, double) {
      const { client, desk } = await stage(double);
      await openAccount(page, double);
      const boss = await join(page, { client, desk });
      const laptop = await askToJoin(client, boss, "Firefox on Windows, radiology reading room 2");
      const { device } = await approveDevice(client, boss, laptop.printedCode);
      const { device: gone } = known(await tryJoin(client, laptop));
      await removeDevice(client, device, gone);
      await askToJoin(client, boss, "Safari on iPhone");
      await page.getByText("asks to be let in").waitFor();
      await page.getByText("1 removed device").click();
    },
  },
  {
    name: "account-remove-device",
    async show(page, double) {
      const on = await stage(double);
      await openAccount(page, double);
      await join(page, on);
      await page.getByRole("button", { name: "Remove the device front desk" }).click();
      await page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "account-removed",
    async show(page, double) {
      const on = await stage(double);
      await openAccount(page, double);
      const boss = await join(page, on);
      const { devices } = await on.client.api.call("memberChain");
      const browser = known(devices.find(({ id }) => id !== boss.device));
      await removeDevice(on.client, boss, browser.id as SendingDevice["device"]);
      await page.getByRole("heading", { name: "This browser was removed" }).waitFor();
    },
  },
  {
    name: "account-other-key-service",
    async show(page, double) {
      const on = await stage(double);
      await openAccount(page, double);
      await join(page, on);
      on.client.twist = (name, answer) => {
        if (name !== "instance") return answer;
        const { keyService } = answer as { keyService: object };
        return { ...(answer as object), keyService: { ...keyService, signingPublicKey: "A".repeat(43) } };
      };
      await page.reload();
      await page.getByRole("alert").waitFor();
    },
  },
  {
    name: "account-storage-refused",
    async show(page, double) {
      await stage(double);
      await page.addInitScript(() => Reflect.deleteProperty(globalThis, "indexedDB"));
      await openAccount(page, double);
      await page.getByRole("alert").waitFor();
    },
  },
];
