import { nodeCrypto } from "@safeconduct/crypto-node";
import type { MemberRole } from "@safeconduct/contract";
import { drawId } from "@safeconduct/foundation";
import {
  cheapCrypto,
  type Desk,
  ExchangeScene,
  known,
  outcomeOf,
  type ScriptedIdentity,
  scriptedIdentity,
  sealedTransfer,
} from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { drawBearer } from "../bearer.ts";
import { memberOfSession, memberOfToken } from "../identity/sessions.ts";
import { signIn } from "../identity/sign-in.ts";
import { createToken } from "../tokens/tokens.ts";
import { revokeTransfer } from "../transfers/revoke.ts";
import { showTransfer } from "../transfers/show-transfers.ts";
import { changeRoles, removeMember } from "./change-member.ts";
import { listMembers } from "./list-members.ts";

const crypto = cheapCrypto(nodeCrypto());
const PASSWORD = "a long password";
let scene: ExchangeScene;
let identity: ScriptedIdentity;
let first: Desk;
let colleague: Desk;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  identity = scriptedIdentity();
  first = await scene.desk();
  colleague = await scene.desk(first.organisation, ["sender"]);
  const { id: member, address, name } = colleague.member;
  await identity.enrol({ member, address, name, password: PASSWORD });
  await identity.confirmAuthenticator({ member, code: identity.codeOf(address) });
});

const deps = () => ({ ...scene.deps, now: scene.clock.now(), identity });
const change = (whom: Desk, roles: readonly MemberRole[], by = first) =>
  outcomeOf(changeRoles(deps(), by.caller, { member: whom.member.id, roles }));
const remove = (whom: Desk, by = first) => outcomeOf(removeMember(deps(), by.caller, whom.member.id));
const listed = async (by = first) => (await listMembers(deps(), by.caller)).members.map(({ id }) => id);
const administrators = async () =>
  (await scene.store.read((view) => view.membersOf(first.organisation.id))).filter(
    ({ roles, removedAt }) => removedAt === null && roles.includes("administrator"),
  );
const FROM = { browser: "firefox", system: "linux" } as const;
const enter = () => {
  const { address } = colleague.member;
  return signIn(deps(), { address, password: PASSWORD, code: identity.codeOf(address), from: FROM });
};

describe("roles", () => {
  test("are changed by an administrator, with one entry that says from what to what", async () => {
    expect(await change(colleague, ["sender", "reviewer"])).toBe("done");
    expect(await change(colleague, ["sender", "reviewer"])).toBe("done");
    const { members } = await listMembers(deps(), first.caller);
    expect(members[1]).toMatchObject({ id: colleague.member.id, roles: ["sender", "reviewer"] });
    const [event, ...more] = await scene.store.read((view) => view.leavesFrom(0, 10));
    expect([known(event).type, more]).toEqual(["member/roles-changed", []]);
    expect(JSON.parse(known(known(event).body))).toMatchObject({
      detail: { member: colleague.member.id, before: "sender", after: "sender reviewer" },
    });
  });

  test("hold for a session and a token that were opened before", async () => {
    const { session } = await enter();
    const { bearer } = await createToken(scene.deps, colleague.caller, { name: "nightly" });
    await change(colleague, ["reviewer"]);
    expect(known(await memberOfSession(deps(), session)).roles).toEqual(["reviewer"]);
    expect(known(await memberOfToken(deps(), bearer)).roles).toEqual(["reviewer"]);
  });

  test("are nobody's own to change, so that an administrator is not their own compliance officer", async () => {
    const administrator = await scene.desk(first.organisation, ["administrator"]);
    expect(await change(administrator, ["administrator", "compliance-officer"], administrator)).toBe("member/self");
    expect(await change(administrator, ["administrator", "compliance-officer"])).toBe("done");
  });

  test.each([["sender"], ["reviewer"], ["compliance-officer"]] as const)(
    "are not a %s's to change, or to see",
    async (role) => {
      const other = await scene.desk(first.organisation, [role]);
      expect([await change(colleague, ["administrator"], other), await remove(colleague, other)]).toEqual([
        "permission/refused",
        "permission/refused",
      ]);
      expect(await outcomeOf(listMembers(deps(), other.caller))).toBe("permission/refused");
    },
  );

  test("of somebody elsewhere, unknown or removed are not there", async () => {
    const stranger = await scene.desk();
    await remove(colleague);
    const nobody = { ...colleague, member: { ...colleague.member, id: drawId("member", crypto.random) } };
    for (const whom of [stranger, colleague, nobody])
      expect([await change(whom, ["reviewer"]), await remove(whom)]).toEqual(["member/unknown", "member/unknown"]);
    expect(await listed(stranger)).toEqual([stranger.member.id]);
  });
});

describe("a member who is removed", () => {
  test("is out at once: sessions, tokens and password", async () => {
    const { session } = await enter();
    const { bearer } = await createToken(scene.deps, colleague.caller, { name: "nightly" });
    expect(await remove(colleague)).toBe("done");
    expect(await memberOfSession(deps(), session)).toBeNull();
    expect(await memberOfToken(deps(), bearer)).toBeNull();
    expect(await outcomeOf(enter())).toBe("sign-in/refused");
    expect(await listed()).toEqual([first.member.id]);
  });

  test("is out also where the account could not be forgotten, and whatever session somebody adds", async () => {
    const dying = { ...identity, remove: () => Promise.reject(new Error("away")) };
    await outcomeOf(removeMember({ ...deps(), identity: dying }, first.caller, colleague.member.id)).catch(() => null);
    expect(await outcomeOf(enter())).toBe("sign-in/refused");
    const { bearer, hash: tokenHash } = drawBearer("scs", crypto);
    const now = scene.clock.now();
    await scene.store.transaction((tx) =>
      tx.addSession({
        id: drawId("session", crypto.random),
        member: colleague.member.id,
        tokenHash,
        createdAt: now,
        usedAt: now,
        expiresAt: now + 1000,
        ...FROM,
        lockedAt: null,
        provenAt: now,
      }),
    );
    expect(await memberOfSession(deps(), bearer)).toBeNull();
  });

  test("leaves what they sent to the compliance officers, under their name", async () => {
    const { id } = await sealedTransfer(scene, colleague);
    await remove(colleague);
    expect((await showTransfer(scene.deps, first.caller, id)).sender.name).toBe(colleague.member.name);
    expect(await outcomeOf(revokeTransfer(scene.deps, colleague.caller, id))).toBe("sign-in/required");
    expect(await outcomeOf(revokeTransfer(scene.deps, first.caller, id))).toBe("done");
  });

  test("is one entry", async () => {
    await createToken(scene.deps, colleague.caller, { name: "nightly" });
    await remove(colleague);
    await remove(colleague);
    expect(await scene.entries()).toEqual(["token/created", "member/removed"]);
  });
});

describe("an organisation", () => {
  test("always keeps an administrator, also when two remove or demote each other at the same moment", async () => {
    expect(await remove(first)).toBe("member/self");
    for (const act of [remove, (whom: Desk, by: Desk) => change(whom, ["sender"], by)]) {
      const [one, two] = [
        await scene.desk(first.organisation, ["administrator"]),
        await scene.desk(first.organisation, ["administrator"]),
      ];
      const before = (await administrators()).length;
      const outcomes = await Promise.all([act(one, two), act(two, one)]);
      expect(outcomes.filter((outcome) => outcome === "done")).toHaveLength(1);
      expect(await administrators()).toHaveLength(before - 1);
    }
  });
});
