import { nodeCrypto } from "@safeconduct/crypto-node";
import { LIMITS } from "@safeconduct/contract";
import { base64UrlBytes, type Bytes, drawId, type InvitationId, Problem } from "@safeconduct/foundation";
import {
  anInvitation,
  cheapCrypto,
  type Desk,
  ExchangeScene,
  known,
  outcomeOf,
  SCENE_ORIGIN,
  type ScriptedIdentity,
  scriptedIdentity,
} from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { memberOfSession } from "../identity/sessions.ts";
import { signIn } from "../identity/sign-in.ts";
import { changeRoles, removeMember } from "./change-member.ts";
import { INVITATION_LIFE_MS, INVITATION_RESEND_MS } from "./invitation.ts";
import { inviteMember, resendInvitation, withdrawInvitation } from "./invite-member.ts";
import { completeJoining, enrolInvited, showInvited } from "./join.ts";
import { listMembers } from "./list-members.ts";

const crypto = cheapCrypto(nodeCrypto());
const PASSWORD = "a long password";
const FROM = { browser: "firefox", system: "linux" } as const;
const NOAH = { address: "noah@clinic.example", name: "Noah Berg", roles: ["sender"] as const };
let scene: ExchangeScene;
let identity: ScriptedIdentity;
let administrator: Desk;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  identity = scriptedIdentity();
  administrator = await scene.desk();
});

const deps = () => ({ ...scene.deps, now: scene.clock.now(), identity });
const invite = (who: Partial<Parameters<typeof inviteMember>[2]> = {}, by = administrator) =>
  inviteMember(deps(), by.caller, { ...NOAH, ...who });
const resend = (id: InvitationId, by = administrator) => outcomeOf(resendInvitation(deps(), by.caller, id));
const withdraw = (id: InvitationId, by = administrator) => outcomeOf(withdrawInvitation(deps(), by.caller, id));
const listed = async () => (await listMembers(deps(), administrator.caller)).invitations;
/** The token in the newest mail. */
const mailedToken = (): Bytes =>
  known(base64UrlBytes(known(/#token=([\w-]+)/u.exec(known(scene.mail.messages.at(-1)).text)?.[1])));
const look = (token: Bytes) => outcomeOf(showInvited(deps(), { token }));
const enrol = (token: Bytes, name = "Noah Berg") =>
  outcomeOf(enrolInvited(deps(), { token, name, password: PASSWORD }));
const complete = (token: Bytes, code = identity.codeOf(NOAH.address)) =>
  completeJoining(deps(), { token, code, language: null, from: FROM });
async function join(token = mailedToken()) {
  await enrol(token);
  return complete(token);
}

describe("an invitation", () => {
  test("comes by mail to the address alone, with a link that its text and its document show in full", async () => {
    await invite();
    const [mail] = scene.mail.messages;
    expect(scene.mail.messages).toHaveLength(1);
    expect(known(mail).to).toBe(NOAH.address);
    expect(known(mail).subject).toBe("Riverside Clinic invites you to Safeconduct");
    const link = known(/https:\S+/u.exec(known(mail).text)?.[0]);
    expect(link).toMatch(new RegExp(`^${SCENE_ORIGIN}/join#token=[\\w-]{43}$`, "u"));
    expect(known(mail).html).toContain(`>${link}</a>`);
  });

  test("is nowhere else: neither in the answer, nor in an entry, nor readable in the database", async () => {
    const made = await invite();
    const token = mailedToken();
    const kept = { ...known((await listed())[0]) };
    expect(made).toEqual(kept);
    for (const bytes of [kept.salt, kept.tokenHash]) expect(bytes).not.toEqual(token);
    const [event] = await scene.store.read((view) => view.leavesFrom(0, 10));
    expect(known(event).type).toBe("member/invited");
    expect(known(known(event).body)).not.toContain("@");
    expect(await scene.store.read((view) => view.jobsDue(Number.MAX_SAFE_INTEGER, 10))).toEqual([]);
  });

  test("says whom it is for, as often as somebody looks, and changes nothing by it", async () => {
    await invite();
    const token = mailedToken();
    const before = await listed();
    const { invitation, organisation } = await showInvited(deps(), { token });
    expect([organisation.name, invitation.name, invitation.address]).toEqual([
      "Riverside Clinic",
      NOAH.name,
      NOAH.address,
    ]);
    expect([await look(token), await look(token)]).toEqual(["done", "done"]);
    expect(await listed()).toEqual(before);
    expect(await scene.entries()).toEqual(["member/invited"]);
  });

  test("goes to an address once, whatever its letter case, and to no member", async () => {
    await invite();
    expect(await outcomeOf(invite({ address: "NOAH@clinic.example" }))).toBe("invitation/exists");
    await join();
    expect(await outcomeOf(invite({ address: "Noah@clinic.example" }))).toBe("member/already-in");
    expect(await outcomeOf(invite({ address: administrator.member.address.toUpperCase() }))).toBe("member/already-in");
  });

  test("is made once when asked for twice at the same moment", async () => {
    const outcomes = await Promise.all([outcomeOf(invite()), outcomeOf(invite())]);
    expect(outcomes.sort()).toEqual(["done", "invitation/exists"]);
  });

  test("is one of as many as an organisation may have, members counted too", async () => {
    const of = { organisation: administrator.organisation.id, invitedBy: administrator.member.id };
    await scene.store.transaction(async (tx) => {
      for (let count = 2; count < LIMITS.membersPerOrganisation; count++)
        await tx.addInvitation(anInvitation({ ...of, address: `${count}@clinic.example` }));
    });
    expect(await outcomeOf(invite())).toBe("done");
    expect(await outcomeOf(invite({ address: "one.more@clinic.example" }))).toBe("member/too-many");
  });

  test.each([["sender"], ["reviewer"], ["compliance-officer"]] as const)(
    "is not a %s's to give, send or take back",
    async (role) => {
      const { id } = await invite();
      scene.clock.advance(INVITATION_RESEND_MS);
      const colleague = await scene.desk(administrator.organisation, [role]);
      const outcomes = [await outcomeOf(invite({ address: "x@y.example" }, colleague)), await resend(id, colleague)];
      expect([...outcomes, await withdraw(id, colleague)]).toEqual(Array(3).fill("permission/refused"));
    },
  );

  test("of another organisation is not there", async () => {
    const { id } = await invite();
    scene.clock.advance(INVITATION_RESEND_MS);
    const stranger = await scene.desk();
    for (const unknown of [id, drawId("invitation", crypto.random)])
      expect([await resend(unknown, stranger), await withdraw(unknown, stranger)]).toEqual(
        Array(2).fill("invitation/unknown"),
      );
    expect((await listMembers(deps(), stranger.caller)).invitations).toEqual([]);
  });
});

describe("a link", () => {
  test.each([
    [INVITATION_LIFE_MS - 1, "done"],
    [INVITATION_LIFE_MS, "invitation/unavailable"],
    [INVITATION_LIFE_MS + 1, "invitation/unavailable"],
  ])("that is %i ms old: %s", async (age, outcome) => {
    await invite();
    const token = mailedToken();
    scene.clock.advance(age);
    expect([await look(token), await enrol(token)]).toEqual([outcome, outcome]);
  });

  test("that is wrong, used, withdrawn or replaced by a newer mail looks the same at every step", async () => {
    const attempts = async (token: Bytes) => [await look(token), await enrol(token), await outcomeOf(complete(token))];
    const refused = Array(3).fill("invitation/unavailable");
    expect(await attempts(crypto.random.bytes(32))).toEqual(refused);
    const { id } = await invite();
    const replaced = mailedToken();
    scene.clock.advance(INVITATION_RESEND_MS);
    await resend(id);
    expect(await attempts(replaced)).toEqual(refused);
    await join();
    expect(await attempts(mailedToken())).toEqual(refused);
    const second = await invite({ address: "uma@clinic.example" });
    await withdraw(second.id);
    expect(await attempts(mailedToken())).toEqual(refused);
  });

  test("is mailed again after a minute, for another 48 hours", async () => {
    const { id } = await invite();
    scene.clock.advance(INVITATION_RESEND_MS - 1);
    await expect(resendInvitation(deps(), administrator.caller, id)).rejects.toMatchObject({
      code: "invitation/wait",
      details: { retryAfterSeconds: 1 },
    });
    scene.clock.advance(1);
    expect(await resend(id)).toBe("done");
    expect(scene.mail.messages).toHaveLength(2);
    scene.clock.advance(INVITATION_LIFE_MS - 1);
    expect(await look(mailedToken())).toBe("done");
  });

  test("that found no way by mail is said to be so until it is sent again", async () => {
    scene.watch.before("mail.send", () => {
      throw scene.outage("mail");
    });
    const { id } = await invite();
    expect(known((await listed())[0]).undeliveredAt).toBeNull();
    scene.clock.advance(INVITATION_LIFE_MS);
    await scene.outbox.deliverDue();
    expect(known((await listed())[0]).undeliveredAt).toBe(scene.clock.now());
    expect(scene.outboxGivenUp).toEqual(["invitation-mail"]);
    expect(await scene.entries()).toEqual(["member/invited", "member/invitation-undelivered"]);
    await resend(id);
    expect(known((await listed())[0]).undeliveredAt).toBeNull();
  });

  test("of an invitation that was withdrawn before its mail went out is not mailed", async () => {
    scene.watch.before("mail.send", () => {
      throw scene.outage("mail");
    });
    const { id } = await invite();
    await withdraw(id);
    const tried = () => scene.watch.calls.filter((call) => call === "mail.send").length;
    const before = tried();
    scene.clock.advance(INVITATION_RESEND_MS);
    await scene.outbox.deliverDue();
    expect(tried()).toBe(before);
  });
});

describe("joining", () => {
  test("makes the member whom the administrator meant, under the name that they give, and signs them in", async () => {
    await invite({ roles: ["sender", "compliance-officer"] });
    const token = mailedToken();
    await enrol(token, "Noah B.");
    const { member, session } = await complete(token);
    expect(member).toMatchObject({ name: "Noah B.", address: NOAH.address, roles: ["sender", "compliance-officer"] });
    const caller = known(await memberOfSession(deps(), session));
    expect(caller).toMatchObject({
      member: member.id,
      organisation: administrator.organisation.id,
      roles: member.roles,
    });
    expect(await listed()).toEqual([]);
    expect(await scene.entries()).toEqual(["member/invited", "member/joined", "member/signed-in"]);
    const code = identity.codeOf(NOAH.address);
    expect(await outcomeOf(signIn(deps(), { address: NOAH.address, password: PASSWORD, code, from: FROM }))).toBe(
      "done",
    );
  });

  test("asks for name and password before the code, and for the right code", async () => {
    await invite();
    const token = mailedToken();
    expect(await outcomeOf(complete(token, "123456"))).toBe("invitation/not-enrolled");
    await enrol(token);
    await expect(complete(token, "999999")).rejects.toMatchObject({
      code: "invitation/wrong-code",
      details: { field: "/code" },
    });
    expect(await outcomeOf(complete(token))).toBe("done");
  });

  test("may begin again with another authenticator until it is complete", async () => {
    await invite();
    const token = mailedToken();
    await enrol(token, "Wrong");
    expect(await enrol(token, "Right")).toBe("done");
    expect((await complete(token)).member.name).toBe("Right");
  });

  test("happens once when two finish at the same moment", async () => {
    await invite();
    const token = mailedToken();
    await enrol(token);
    const lenient = { ...identity, confirmAuthenticator: async () => true };
    const finish = () =>
      outcomeOf(
        completeJoining({ ...deps(), identity: lenient }, { token, code: "000000", language: null, from: FROM }),
      );
    expect((await Promise.all([finish(), finish()])).sort()).toEqual(["done", "invitation/unavailable"]);
    expect((await scene.entries()).filter((type) => type === "member/joined")).toHaveLength(1);
    // The account of the one who came through is left alone.
    const code = identity.codeOf(NOAH.address);
    expect(await identity.confirmAuthenticator({ member: known(await noah()).id, code })).toBe(true);
  });
  const noah = () =>
    scene.store.read(async (view) =>
      (await view.membersOf(administrator.organisation.id)).find(({ address }) => address === NOAH.address),
    );

  test("does not happen when the invitation is withdrawn while the code is checked, and the address stays free", async () => {
    const { id } = await invite();
    const token = mailedToken();
    await enrol(token);
    const slow = {
      ...identity,
      confirmAuthenticator: async (request: Parameters<typeof identity.confirmAuthenticator>[0]) => {
        const isRight = await identity.confirmAuthenticator(request);
        // The withdrawal is decided; its forgetting of the account comes before ours.
        await withdraw(id);
        return isRight;
      },
    };
    const code = identity.codeOf(NOAH.address);
    expect(
      await outcomeOf(completeJoining({ ...deps(), identity: slow }, { token, code, language: null, from: FROM })),
    ).toBe("invitation/unavailable");
    expect(await noah()).toBeUndefined();
    await invite();
    expect((await join()).member.address).toBe(NOAH.address);
  });

  test("is refused while the ledger is away, and works after", async () => {
    await invite();
    const token = mailedToken();
    await enrol(token);
    scene.watch.before("tiles.writeTiles", () => {
      throw scene.outage("tiles");
    });
    expect(await outcomeOf(complete(token))).toBe("ledger/unavailable");
    scene.watch.clear();
    // It was decided: the account is there, and signing in shows that.
    const code = identity.codeOf(NOAH.address);
    expect(await outcomeOf(signIn(deps(), { address: NOAH.address, password: PASSWORD, code, from: FROM }))).toBe(
      "done",
    );
  });

  test("works again for somebody who was removed, also when forgetting their account was interrupted", async () => {
    await invite();
    const { member } = await join();
    const dying = {
      ...identity,
      remove: async () => {
        throw new Problem("store/unavailable", "Away.");
      },
    };
    expect(await outcomeOf(removeMember({ ...deps(), identity: dying }, administrator.caller, member.id))).toBe(
      "store/unavailable",
    );
    await invite();
    const again = await join();
    expect(again.member.id).not.toBe(member.id);
  });
});

describe("whoever may invite no more", () => {
  test("has invited nobody: demoted or removed, their open invitations go with it", async () => {
    const second = await scene.desk(administrator.organisation, ["administrator"]);
    await invite({}, second);
    const token = mailedToken();
    await changeRoles(deps(), administrator.caller, { member: second.member.id, roles: ["sender", "administrator"] });
    expect(await look(token)).toBe("done");
    await changeRoles(deps(), administrator.caller, { member: second.member.id, roles: ["sender"] });
    expect(await look(token)).toBe("invitation/unavailable");
    const third = await scene.desk(administrator.organisation, ["administrator"]);
    await invite({}, third);
    await removeMember(deps(), administrator.caller, third.member.id);
    expect(await look(mailedToken())).toBe("invitation/unavailable");
    expect((await scene.entries()).filter((type) => type === "member/invitation-withdrawn")).toHaveLength(2);
  });
});
