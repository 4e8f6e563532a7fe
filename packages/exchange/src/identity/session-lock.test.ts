import { nodeCrypto } from "@safeconduct/crypto-node";
import { drawId } from "@safeconduct/foundation";
import {
  cheapCrypto,
  type Desk,
  ExchangeScene,
  filledDraft,
  known,
  outcomeOf,
  SCENE_START,
  type ScriptedIdentity,
  scriptedIdentity,
} from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { createToken } from "../tokens/tokens.ts";
import { endOtherSessions, endSession, listSessions } from "./own-sessions.ts";
import { provePassword } from "./prove-session.ts";
import { lockSession, requireBegunBefore, showSession } from "./session-lock.ts";
import { memberOfSession, memberOfToken, SESSION_IDLE_MS, SESSION_LIFE_MS, useSession } from "./sessions.ts";
import { signIn } from "./sign-in.ts";

const crypto = cheapCrypto(nodeCrypto());
const PASSWORD = "a long password";
const FIREFOX = { browser: "firefox", system: "linux" } as const;
const SAFARI = { browser: "safari", system: "ios" } as const;
let scene: ExchangeScene;
let identity: ScriptedIdentity;
let desk: Desk;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  identity = scriptedIdentity();
  desk = await scene.desk();
  await enrol(desk);
});

async function enrol({ member: { id: member, address, name } }: Desk): Promise<void> {
  await identity.enrol({ member, address, name, password: PASSWORD });
  await identity.confirmAuthenticator({ member, code: identity.codeOf(address) });
}
const deps = () => ({ ...scene.deps, now: scene.clock.now(), identity });
async function enter({ of = desk, from = FIREFOX }: { of?: Desk; from?: typeof FIREFOX | typeof SAFARI } = {}) {
  const { address } = of.member;
  const { session } = await signIn(deps(), { address, password: PASSWORD, code: identity.codeOf(address), from });
  return session;
}
const callerOf = async (bearer: string) => known(await memberOfSession(deps(), bearer));
const wait = (milliseconds: number) => scene.clock.advance(milliseconds);
const prove = async (bearer: string, { password = PASSWORD, code = identity.codeOf(desk.member.address) } = {}) =>
  provePassword(deps(), await callerOf(bearer), { password, code });

describe("a session that nobody uses", () => {
  test.each([
    [SESSION_IDLE_MS - 1, null],
    [SESSION_IDLE_MS, SCENE_START + SESSION_IDLE_MS],
    [SESSION_IDLE_MS + 1, SCENE_START + SESSION_IDLE_MS],
  ])("for %i ms is locked since %s", async (idle, since) => {
    const session = await enter();
    wait(idle);
    expect((await callerOf(session)).lockedSince).toBe(since);
  });

  test("is locked however often its page asks, and stays known until it ends", async () => {
    const session = await enter();
    for (let asked = 0; asked < SESSION_IDLE_MS; asked += 4000) {
      await showSession(deps(), await callerOf(session));
      wait(4000);
    }
    expect((await callerOf(session)).lockedSince).not.toBeNull();
    scene.clock.set(SCENE_START + SESSION_LIFE_MS - 1);
    expect((await showSession(deps(), await callerOf(session))).isLocked).toBe(true);
    wait(1);
    expect(await memberOfSession(deps(), session)).toBeNull();
  });

  test("stays open as long as somebody does, and says when it will lock", async () => {
    const session = await enter();
    for (let turn = 0; turn < 10; turn++) {
      wait(SESSION_IDLE_MS - 1);
      const caller = await callerOf(session);
      expect(await showSession(deps(), caller)).toMatchObject({ isLocked: false, locksInMs: 1 });
      await useSession(deps(), caller);
      expect((await showSession(deps(), caller)).locksInMs).toBe(SESSION_IDLE_MS);
    }
  });

  test("is not brought back by a use that comes too late", async () => {
    const session = await enter();
    wait(SESSION_IDLE_MS);
    const caller = await callerOf(session);
    expect(await outcomeOf(useSession(deps(), caller))).toBe("sign-in/locked");
    expect((await callerOf(session)).lockedSince).not.toBeNull();
  });

  test("costs a commit each five seconds of use at most", async () => {
    const session = await enter();
    const caller = await callerOf(session);
    const before = await scene.store.read((view) => view.sessionsOf(desk.member.id));
    wait(4999);
    await useSession(deps(), caller);
    expect(await scene.store.read((view) => view.sessionsOf(desk.member.id))).toEqual(before);
    wait(1);
    await useSession(deps(), caller);
    expect(known((await scene.store.read((view) => view.sessionsOf(desk.member.id)))[0]).usedAt).toBe(
      SCENE_START + 5000,
    );
  });
});

describe("a locked session", () => {
  test("is locked once, and opens with password and code", async () => {
    const session = await enter();
    await lockSession(deps(), await callerOf(session));
    wait(1000);
    await lockSession(deps(), await callerOf(session));
    expect((await callerOf(session)).lockedSince).toBe(SCENE_START);
    await prove(session);
    expect((await callerOf(session)).lockedSince).toBeNull();
    expect(await scene.entries()).toEqual(["member/signed-in", "session/locked", "session/proven"]);
  });

  test.each([
    ["a wrong password", { password: "another password" }],
    ["a wrong code", { code: "999999" }],
  ])("stays so after %s, which is an entry", async (_, wrong) => {
    const session = await enter();
    await lockSession(deps(), await callerOf(session));
    expect(await outcomeOf(prove(session, wrong))).toBe("sign-in/proof-refused");
    expect((await callerOf(session)).lockedSince).not.toBeNull();
    expect(await scene.entries()).toEqual(["member/signed-in", "session/locked", "session/proof-refused"]);
  });

  test("does not open with the words of a colleague", async () => {
    const colleague = await scene.desk(desk.organisation);
    await enrol(colleague);
    const session = await enter();
    await lockSession(deps(), await callerOf(session));
    const code = identity.codeOf(colleague.member.address);
    expect(await outcomeOf(prove(session, { code }))).toBe("sign-in/proof-refused");
    const lenient = { ...identity, signIn: async () => ({ member: colleague.member.id }) };
    const caller = await callerOf(session);
    const asColleague = provePassword({ ...deps(), identity: lenient }, caller, { password: PASSWORD, code });
    expect(await outcomeOf(asColleague)).toBe("sign-in/proof-refused");
    expect((await callerOf(session)).lockedSince).not.toBeNull();
  });

  test("that was ended in the meantime does not open", async () => {
    const session = await enter();
    const caller = await callerOf(session);
    const other = await callerOf(await enter());
    await lockSession(deps(), caller);
    await endOtherSessions(deps(), other);
    const code = identity.codeOf(desk.member.address);
    expect(await outcomeOf(provePassword(deps(), caller, { password: PASSWORD, code }))).toBe("sign-in/required");
    expect(await memberOfSession(deps(), session)).toBeNull();
  });

  test("goes on with a transfer that its member began before, and with no other", async () => {
    const session = await enter();
    const own = await filledDraft(scene, desk);
    wait(1000);
    const caller = await callerOf(session);
    await lockSession(deps(), caller);
    wait(1000);
    const later = await filledDraft(scene, desk);
    const colleague = await filledDraft(scene, await scene.desk(desk.organisation));
    const locked = await callerOf(session);
    const may = (id: Parameters<typeof requireBegunBefore>[2]) => outcomeOf(requireBegunBefore(deps(), locked, id));
    expect(await may(own.id)).toBe("done");
    for (const id of [later.id, colleague.id, drawId("transfer", crypto.random), null])
      expect(await may(id)).toBe("sign-in/locked");
  });
});

describe("where a member is signed in", () => {
  test("is listed with this one first, and nobody else's", async () => {
    const here = await enter();
    wait(1000);
    const there = await enter({ from: SAFARI });
    await enrolled(await scene.desk(desk.organisation));
    await lockSession(deps(), await callerOf(there));
    expect(await listSessions(deps(), await callerOf(here))).toMatchObject([
      { browser: "firefox", system: "linux", createdAt: SCENE_START, isCurrent: true, isLocked: false },
      { browser: "safari", system: "ios", createdAt: SCENE_START + 1000, isCurrent: false, isLocked: true },
    ]);
    scene.clock.set(SCENE_START + SESSION_LIFE_MS);
    expect(await listSessions(deps(), await callerOf(there))).toHaveLength(1);
  });
  async function enrolled(of: Desk): Promise<string> {
    await enrol(of);
    return enter({ of });
  }

  test("is ended there once, for oneself only", async () => {
    const here = await callerOf(await enter());
    const there = await enter();
    const { by } = await callerOf(there);
    if (!("session" in by)) throw new Error("a session");
    const colleague = await scene.desk(desk.organisation);
    const foreign = await callerOf(await enrolled(colleague));
    expect(await outcomeOf(endSession(deps(), foreign, by.session))).toBe("sign-in/session-unknown");
    expect(await memberOfSession(deps(), there)).not.toBeNull();
    expect(await outcomeOf(endSession(deps(), here, by.session))).toBe("done");
    expect(await memberOfSession(deps(), there)).toBeNull();
    expect(await outcomeOf(endSession(deps(), here, by.session))).toBe("sign-in/session-unknown");
    expect(await outcomeOf(endSession(deps(), here, drawId("session", crypto.random)))).toBe("sign-in/session-unknown");
    expect((await scene.entries()).filter((type) => type === "session/ended")).toHaveLength(1);
  });

  test("is ended everywhere else at once", async () => {
    const here = await enter();
    const others = [await enter(), await enter(), await enter()];
    await endOtherSessions(deps(), await callerOf(here));
    expect(await memberOfSession(deps(), here)).not.toBeNull();
    for (const other of others) expect(await memberOfSession(deps(), other)).toBeNull();
    await endOtherSessions(deps(), await callerOf(here));
    expect((await scene.entries()).filter((type) => type === "session/ended")).toHaveLength(1);
  });

  test("is no business of an API token, and ends none", async () => {
    const session = await enter();
    const { bearer } = await createToken(scene.deps, await callerOf(session), { name: "nightly" });
    const script = known(await memberOfToken(deps(), bearer));
    const outcomes = [
      showSession(deps(), script),
      useSession(deps(), script),
      lockSession(deps(), script),
      provePassword(deps(), script, { password: PASSWORD, code: identity.codeOf(desk.member.address) }),
      listSessions(deps(), script),
      endOtherSessions(deps(), script),
    ].map(outcomeOf);
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set(["sign-in/session-only"]));
    await endOtherSessions(deps(), await callerOf(session));
    expect(await memberOfToken(deps(), bearer)).not.toBeNull();
  });
});
