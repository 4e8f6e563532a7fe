import { nodeCrypto } from "@safeconduct/crypto-node";
import type { Language } from "@safeconduct/contract";
import {
  cheapCrypto,
  confirmedFor,
  type Desk,
  ExchangeScene,
  known,
  outcomeOf,
  sealedTransfer,
} from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { reportProblem } from "../grants/report-problem.ts";
import { sendCode } from "../grants/send-code.ts";
import { showInvitation } from "../grants/show-invitation.ts";
import { accountMailDeliverer, accountMailJob } from "../identity/account-mail.ts";
import { chooseLanguage } from "../identity/choose-language.ts";
import { TestMails } from "./test-mail.ts";

const crypto = cheapCrypto(nodeCrypto());
let scene: ExchangeScene;
let desk: Desk;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
});
const newest = () => known(scene.mail.messages.at(-1));
const sent = (language: Language | null) =>
  sealedTransfer(scene, desk, { recipients: [{ address: "lucia@hospital.example", name: null, language }] });
const testMails = (language: Language) =>
  new TestMails({ store: scene.store, mail: scene.mail, clock: scene.clock, language });
const choose = (language: Language) => chooseLanguage(scene.deps, desk.caller, { language });

describe("mails to a recipient", () => {
  test.each([
    ["es", "Su código para los archivos de Riverside Clinic", 'lang="es"'],
    ["en", "Your code for files from Riverside Clinic", 'lang="en"'],
    [null, "Your code for files from Riverside Clinic", 'lang="en"'],
  ] as const)("are in the language of the link: %s", async (language, subject, mark) => {
    const { grant } = await sent(language);
    await sendCode(scene.deps, grant);
    expect(newest()).toMatchObject({ to: "lucia@hospital.example", subject });
    expect(newest().html).toContain(mark);
    expect((await showInvitation(scene.deps, grant)).grant.language).toBe(language);
  });

  test("bring a code that works, whatever the language", async () => {
    const { grant } = await sent("es");
    await sendCode(scene.deps, grant);
    expect(newest().text).toMatch(/^Su código: [0-9]{6}$/m);
  });
});

describe("mails to a member", () => {
  test("are in the language that they read", async () => {
    const mails = testMails("en");
    await mails.send(desk.caller);
    expect(newest().subject).toBe("A test mail of Safeconduct");
    await choose("es");
    await mails.send(desk.caller);
    expect(newest().subject).toBe("Mensaje de prueba de Safeconduct");
    await choose("en");
    await mails.send(desk.caller);
    expect(newest().subject).toBe("A test mail of Safeconduct");
  });

  test("are in the organisation's where they chose none", async () => {
    await testMails("es").send(desk.caller);
    expect(newest().subject).toBe("Mensaje de prueba de Safeconduct");
    const job = accountMailJob({ member: desk.member.id, change: "password-changed", at: 0 }, scene.random);
    await accountMailDeliverer({ store: scene.store, mail: scene.mail, language: "es" }).deliver(job, 0);
    expect(newest()).toMatchObject({ subject: "Se cambió la contraseña de su cuenta de Safeconduct" });
  });

  test("tell of a report in the sender's language, not the recipient's", async () => {
    await choose("es");
    const caller = await confirmedFor(scene, await sent("en"));
    await reportProblem(scene.deps, caller, { kind: "other" });
    expect(newest()).toMatchObject({
      to: desk.member.address,
      subject: "Un destinatario informó de un problema con archivos que usted envió",
    });
  });
});

describe("choosing a language", () => {
  test("is no entry, changes the caller alone, and is nothing for one who was removed", async () => {
    const colleague = await scene.desk(desk.organisation);
    await choose("es");
    expect(await scene.entries()).toEqual([]);
    const languageOf = async ({ member }: Desk) =>
      (await scene.store.read((view) => view.findMember(member.id)))?.language;
    expect([await languageOf(desk), await languageOf(colleague)]).toEqual(["es", null]);
    await scene.store.transaction((tx) => tx.updateMember(desk.member.id, { removedAt: 1 }));
    expect(await outcomeOf(choose("en"))).toBe("sign-in/required");
    expect(await languageOf(desk)).toBe("es");
  });
});
