import { nodeCrypto } from "@safeconduct/crypto-node";
import { LIMITS } from "@safeconduct/contract";
import { drawId } from "@safeconduct/foundation";
import {
  cheapCrypto,
  type Desk,
  ExchangeScene,
  known,
  outcomeOf,
  SCENE_START,
  type ScriptedIdentity,
  scriptedIdentity,
} from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { drawBearer } from "../bearer.ts";
import { createToken, revokeToken } from "../tokens/tokens.ts";
import { memberOfSession, memberOfToken, SESSION_LIFE_MS } from "./sessions.ts";
import { signIn, signOut } from "./sign-in.ts";

const crypto = cheapCrypto(nodeCrypto());
const FROM = { browser: "firefox", system: "linux" } as const;
const PASSWORD = "a long password";
let scene: ExchangeScene;
let identity: ScriptedIdentity;
let desk: Desk;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  identity = scriptedIdentity();
  desk = await scene.desk();
  const { id: member, address, name } = desk.member;
  await identity.enrol({ member, address, name, password: PASSWORD });
  await identity.confirmAuthenticator({ member, code: identity.codeOf(address) });
});

const enter = (fields: { address?: string; password?: string; code?: string } = {}) =>
  signIn(
    { ...scene.deps, identity },
    {
      address: desk.member.address,
      password: PASSWORD,
      code: identity.codeOf(desk.member.address),
      from: FROM,
      ...fields,
    },
  );
const at = (now = scene.clock.now()) => ({ store: scene.store, sha256: crypto.sha256, now });

describe("signing in", () => {
  test("opens a session and is one entry", async () => {
    const { session, member, organisation } = await enter();
    expect([member.id, organisation.id]).toEqual([desk.member.id, desk.organisation.id]);
    expect(known(await memberOfSession(at(), session)).member).toBe(desk.member.id);
    expect(await scene.entries()).toEqual(["member/signed-in"]);
  });

  test.each([
    ["another password", { password: "another password" }],
    ["a wrong code", { code: "999999" }],
    ["an unknown address", { address: "nobody@clinic.example" }],
  ])("with %s is refused alike, with its entry and nobody's name in it", async (_, fields) => {
    await expect(enter(fields)).rejects.toMatchObject({ code: "sign-in/refused", details: {} });
    const [event] = await scene.store.read((view) => view.leavesFrom(0, 10));
    expect(known(event).type).toBe("member/sign-in-refused");
    expect(known(known(event).body)).not.toContain("@");
    expect(known(known(event).body)).not.toContain(desk.member.id);
  });

  test("to an account without a member is refused", async () => {
    const stray = {
      member: drawId("member", crypto.random),
      address: "s@clinic.example",
      name: "S",
      password: PASSWORD,
    };
    await identity.enrol(stray);
    await identity.confirmAuthenticator({ member: stray.member, code: identity.codeOf(stray.address) });
    const code = identity.codeOf(stray.address);
    expect(await outcomeOf(enter({ address: stray.address, code }))).toBe("sign-in/refused");
  });

  test("opens no session that anybody hears of while the ledger is away", async () => {
    scene.watch.before("tiles.writeTiles", () => {
      throw scene.outage("tiles");
    });
    expect(await outcomeOf(enter())).toBe("ledger/unavailable");
    expect(await outcomeOf(enter({ code: "999999" }))).toBe("ledger/unavailable");
  });
});

describe("a session", () => {
  test.each([
    [SESSION_LIFE_MS - 1, true],
    [SESSION_LIFE_MS, false],
  ])("that is %i ms old is known: %s", async (age, isKnown) => {
    const { session } = await enter();
    expect((await memberOfSession(at(SCENE_START + age), session)) !== null).toBe(isKnown);
  });

  test("ends when its member signs out, and a token does not", async () => {
    const { session } = await enter();
    const caller = known(await memberOfSession(at(), session));
    const { bearer } = await createToken(scene.deps, caller, { name: "nightly" });
    const script = known(await memberOfToken(at(), bearer));
    await signOut(scene.deps, script);
    expect(await memberOfSession(at(), session)).not.toBeNull();
    await signOut(scene.deps, caller);
    expect(await memberOfSession(at(), session)).toBeNull();
    expect(await memberOfToken(at(), bearer)).not.toBeNull();
    expect(await scene.entries()).toEqual(["member/signed-in", "token/created", "member/signed-out"]);
  });

  test("is not opened by another kind of bearer", async () => {
    const { session } = await enter();
    const { bearer } = await createToken(scene.deps, desk.caller, { name: "nightly" });
    const [asToken, asSession] = [session.replace("scs_", "sct_"), bearer.replace("sct_", "scs_")];
    for (const text of [bearer, asSession, asToken, session.slice(0, -1), "", "scs_", drawBearer("scs", crypto).bearer])
      expect(await memberOfSession(at(), text)).toBeNull();
    for (const text of [session, asSession, asToken, drawBearer("sct", crypto).bearer])
      expect(await memberOfToken(at(), text)).toBeNull();
  });
});

describe("an API token", () => {
  test("works until it is revoked", async () => {
    const { bearer, record } = await createToken(scene.deps, desk.caller, { name: "nightly" });
    expect(known(await memberOfToken(at(SCENE_START + 400 * 86_400_000), bearer)).member).toBe(desk.member.id);
    await revokeToken(scene.deps, desk.caller, record.id);
    expect(await memberOfToken(at(), bearer)).toBeNull();
    expect(await scene.entries()).toEqual(["token/created", "token/revoked"]);
  });

  test("is refused to whom it does not belong, and unknown once revoked", async () => {
    const { record, bearer } = await createToken(scene.deps, desk.caller, { name: "nightly" });
    const colleague = await scene.desk(desk.organisation);
    expect(await outcomeOf(revokeToken(scene.deps, colleague.caller, record.id))).toBe("token/unknown");
    expect(await memberOfToken(at(), bearer)).not.toBeNull();
    expect(await outcomeOf(revokeToken(scene.deps, desk.caller, record.id))).toBe("done");
    expect(await outcomeOf(revokeToken(scene.deps, desk.caller, record.id))).toBe("token/unknown");
    expect(await outcomeOf(revokeToken(scene.deps, desk.caller, drawId("token", crypto.random)))).toBe("token/unknown");
  });

  test("is one of twenty at most, also when asked for at once", async () => {
    const make = () => outcomeOf(createToken(scene.deps, desk.caller, { name: "nightly" }));
    const outcomes = await Promise.all(Array.from({ length: LIMITS.tokensPerMember + 1 }, make));
    expect(outcomes.filter((outcome) => outcome === "token/too-many")).toHaveLength(1);
    const [first] = await scene.store.read((view) => view.tokensOf(desk.member.id));
    await revokeToken(scene.deps, desk.caller, known(first).id);
    expect([await make(), await make()]).toEqual(["done", "token/too-many"]);
  });
});
