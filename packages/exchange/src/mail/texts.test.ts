import { LANGUAGES } from "@safeconduct/contract";
import { describe, expect, test } from "vitest";
import { ACCOUNT_CHANGES } from "../identity/account-change.ts";
import { instantText } from "./instants.ts";
import type { MailText } from "./letter.ts";
import { MAIL_TEXTS } from "./texts.ts";

const NAMES = { organisation: "Ribera", inviter: "Noa", name: "Noa" };
const LINK = "https://files.example/join#token=a";
const AT = Date.UTC(2026, 10, 22, 14, 5);

/** Every mail there is. One that is added to the catalogue and not here fails the first test. */
function everyMail(language: (typeof LANGUAGES)[number]): Readonly<Record<string, MailText>> {
  const texts = MAIL_TEXTS[language];
  const when = instantText(language, AT);
  return {
    code: texts.code({ ...NAMES, code: "402719", minutes: 10 }),
    deletionCode: texts.deletionCode({ ...NAMES, code: "402719", minutes: 10 }),
    problem: texts.problem(),
    ...Object.fromEntries(ACCOUNT_CHANGES.map((change) => [`account ${change}`, texts.account({ change, when })])),
    invitation: texts.invitation({ ...NAMES, link: LINK, hours: 48 }),
    memberTest: texts.memberTest(NAMES),
    serverTest: texts.serverTest(),
  };
}
const said = ({ subject, parts }: MailText): readonly string[] => [
  subject,
  ...parts.map((part) => (typeof part === "string" ? part : part.label)),
];

describe("the catalogue of mails", () => {
  test("is tried whole by these tests", () => {
    const tried = new Set(Object.keys(everyMail("en")).map((name) => name.split(" ")[0]));
    expect(tried).toEqual(new Set(Object.keys(MAIL_TEXTS.en)));
  });

  test.each(Object.keys(everyMail("en")))("says %s sentence by sentence in another language", (name) => {
    const [english = [], spanish = []] = LANGUAGES.map((language) => said(everyMail(language)[name] as MailText));
    expect(spanish).toHaveLength(english.length);
    for (const [at, sentence] of spanish.entries()) {
      expect(sentence).not.toBe(english[at]);
      expect(sentence).not.toMatch(/\b(?:the|you|your|this|that|with|for|and|it|is|was|to|of|files|mail|code)\b/iu);
      expect(english[at]).not.toMatch(/\b(?:el|los|las|su|que|con|para|usted|de|correo|mensaje)\b|[áéíóúñ¿«]/iu);
    }
  });

  test.each(LANGUAGES)("has one code and one link at most, and a subject of one line: %s", (language) => {
    for (const [name, { subject, parts }] of Object.entries(everyMail(language))) {
      expect(subject).toMatch(/^\P{Cc}{1,120}$/u);
      const things = parts.filter((part) => typeof part !== "string");
      expect(things).toHaveLength(["code", "deletionCode", "invitation"].includes(name) ? 1 : 0);
    }
  });

  test.each([
    ["en", "Your code for files from Ribera", "It works once, for 10 minutes."],
    ["es", "Su código para los archivos de Ribera", "Sirve una sola vez, durante 10 minutos."],
  ] as const)("gives a code: %s", (language, subject, sentence) => {
    const mail = everyMail(language)["code"] as MailText;
    expect(mail.subject).toBe(subject);
    expect(said(mail).join(" ")).toContain(sentence);
  });

  test.each([
    ["en", "On 22 November 2026 at 14:05 UTC the password of your account was changed."],
    ["es", "El 22 de noviembre de 2026 a las 14:05 UTC se cambió la contraseña de su cuenta."],
  ] as const)("says when a password was changed, with the zone: %s", (language, sentence) => {
    expect(said(everyMail(language)["account password-changed"] as MailText)[1]).toContain(sentence);
  });
});
