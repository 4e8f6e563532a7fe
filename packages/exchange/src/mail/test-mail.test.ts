import { nodeCrypto } from "@safeconduct/crypto-node";
import { cheapCrypto, type Desk, ExchangeScene, outcomeOf } from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { TEST_MAIL_WINDOW_MS, TestMails } from "./test-mail.ts";

const crypto = cheapCrypto(nodeCrypto());
let scene: ExchangeScene;
let desk: Desk;
let mails: TestMails;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
  mails = new TestMails({ store: scene.store, mail: scene.mail, clock: scene.clock, language: "en" });
});

describe("a test mail", () => {
  test("goes to the address of the member who asks, names no file and no transfer, and is no entry", async () => {
    expect(await mails.send(desk.caller)).toEqual({ address: desk.member.address });
    const [sent] = scene.mail.messages;
    expect(sent).toMatchObject({ to: desk.member.address, subject: "A test mail of Safeconduct" });
    expect(sent?.text).toContain("Ines Okafor of Riverside Clinic");
    expect(await scene.entries()).toEqual([]);
  });

  test("is sent three times in ten minutes and not a fourth time; a colleague's are counted apart", async () => {
    for (let sent = 1; sent <= 3; sent++) await mails.send(desk.caller);
    await expect(mails.send(desk.caller)).rejects.toMatchObject({
      code: "mail/enough-tests",
      details: { retryAfterSeconds: 600 },
    });
    expect(scene.mail.messages).toHaveLength(3);
    const colleague = await scene.desk(desk.organisation);
    expect(await outcomeOf(mails.send(colleague.caller))).toBe("done");
    scene.clock.advance(TEST_MAIL_WINDOW_MS - 1);
    expect(await outcomeOf(mails.send(desk.caller))).toBe("mail/enough-tests");
    scene.clock.advance(1);
    expect(await outcomeOf(mails.send(desk.caller))).toBe("done");
  });

  test("counts each of those that are asked for at the same moment", async () => {
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => outcomeOf(mails.send(desk.caller))));
    expect(outcomes.filter((outcome) => outcome === "done")).toHaveLength(3);
  });
});
