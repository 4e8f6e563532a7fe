import { nodeCrypto } from "@safeconduct/crypto-node";
import { drawId } from "@safeconduct/foundation";
import {
  cheapCrypto,
  type Desk,
  ExchangeScene,
  known,
  outcomeOf,
  type PasskeyTwist,
  SCENE_ORIGIN,
  SCENE_START,
  type ScriptedIdentity,
  scriptedIdentity,
  SoftwarePasskey,
} from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { drawBearer } from "../bearer.ts";
import { removeMember } from "../members/change-member.ts";
import { createToken } from "../tokens/tokens.ts";
import {
  addMemberPasskey,
  beginMemberPasskey,
  listMemberPasskeys,
  MEMBER_PASSKEYS_MAX,
  removeMemberPasskey,
} from "./member-passkeys.ts";
import { askSignInPasskey, signInWithPasskey } from "./passkey-sign-in.ts";
import { userHandleOf } from "./passkey-use.ts";
import { askProofPasskey, PROOF_LIFE_MS, provePassword, provePasskeyOfMember } from "./prove-session.ts";
import { lockSession, showSession } from "./session-lock.ts";
import { memberOfSession, memberOfToken, SESSION_LIFE_MS } from "./sessions.ts";
import { signIn, signOut } from "./sign-in.ts";
import { SIGN_IN_CHALLENGE_LIFE_MS } from "./sign-in-challenge.ts";

const crypto = cheapCrypto(nodeCrypto());
const PASSWORD = "a long password";
const FROM = { browser: "firefox", system: "linux" } as const;
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
async function colleague(): Promise<Desk> {
  const other = await scene.desk(desk.organisation);
  await enrol(other);
  return other;
}
const deps = () => ({ ...scene.deps, now: scene.clock.now(), identity });
const wait = (milliseconds: number) => scene.clock.advance(milliseconds);
const device = () => new SoftwarePasskey({ origin: SCENE_ORIGIN, rpId: "scene.example" });
const caller = async (bearer: string) => known(await memberOfSession(deps(), bearer));
async function enter(of = desk): Promise<string> {
  const { address } = of.member;
  return (await signIn(deps(), { address, password: PASSWORD, code: identity.codeOf(address), from: FROM })).session;
}
async function add(session: string, passkey = device(), twist?: PasskeyTwist): Promise<SoftwarePasskey> {
  const { challenge } = await beginMemberPasskey(deps(), await caller(session));
  const registration = passkey.register(challenge, twist);
  await addMemberPasskey(deps(), await caller(session), { name: "front desk", ...registration });
  return passkey;
}
/** A passkey of the member, and the session that added it. */
const added = async (of = desk) => {
  const session = await enter(of);
  return { session, passkey: await add(session) };
};
const ask = () => askSignInPasskey(deps());
const handle = (of = desk) => userHandleOf(crypto.sha256, of.member.id);
type Given = Parameters<typeof signInWithPasskey>[1];
const give = (given: Omit<Given, "from" | "userHandle"> & Partial<Given>) =>
  signInWithPasskey(deps(), { from: FROM, userHandle: handle(), ...given });
/** Asks and answers. */
async function signInBy(passkey: SoftwarePasskey, twist?: PasskeyTwist, given: Partial<Given> = {}) {
  const { bearer, challenge } = await ask();
  return give({ bearer, assertion: passkey.assert(challenge, twist), ...given });
}
async function unlock(session: string, passkey: SoftwarePasskey, twist?: PasskeyTwist) {
  const { challenge } = await askProofPasskey(deps(), await caller(session));
  return provePasskeyOfMember(deps(), await caller(session), passkey.assert(challenge, twist));
}
const isLocked = async (session: string) => (await caller(session)).lockedSince !== null;
const lock = async (session: string) => lockSession(deps(), await caller(session));
const list = async (session: string) => listMemberPasskeys(deps(), await caller(session));
const entries = (type: string) => scene.entries().then((all) => all.filter((each) => each === type).length);
const REFUSED = "sign-in/passkey-refused";
const TWISTS = [
  ["for another origin", { origin: "https://evil.example" }],
  ["for another relying party", { rpId: "evil.example" }],
  ["without verification of the user", { isVerified: false }],
  ["without presence of the user", { isPresent: false }],
  ["that is a registration", { type: "webauthn.create" }],
  ["from a frame of another site", { clientData: { crossOrigin: true } }],
] satisfies [string, PasskeyTwist][];

describe("adding a passkey", () => {
  test("takes a fresh proof, is one entry and one mail, and is listed", async () => {
    const session = await enter();
    const { passkeys, ...asked } = { passkeys: await list(session), ...(await begin(session)) };
    expect(passkeys).toEqual([]);
    expect(asked).toMatchObject({ rpId: "scene.example", organisation: "Riverside Clinic", enrolled: [] });
    expect([asked.challenge.length, asked.userHandle]).toEqual([32, handle()]);
    await addMemberPasskey(deps(), await caller(session), { name: "blue key", ...device().register(asked.challenge) });
    expect(await list(session)).toMatchObject([{ name: "blue key", createdAt: SCENE_START, usedAt: null }]);
    expect(await entries("passkey/added")).toBe(1);
    expect(scene.mail.messages).toMatchObject([
      { to: desk.member.address, subject: "A passkey was added to your Safeconduct account" },
    ]);
    const { text } = known(scene.mail.messages[0]);
    expect(text).toContain("On 15 January 2027 at 08:00 UTC");
    expect(text).not.toMatch(/blue key|https?:/);
  });
  const begin = async (session: string) => beginMemberPasskey(deps(), await caller(session));

  test.each([
    [PROOF_LIFE_MS - 1, "done"],
    [PROOF_LIFE_MS, "sign-in/proof-required"],
    [-1, "sign-in/proof-required"],
  ])("begins %i ms after the proof: %s", async (age, outcome) => {
    const session = await enter();
    scene.clock.jump(age);
    expect(await outcomeOf(begin(session))).toBe(outcome);
  });

  test("may begin again after password and code, or after a passkey", async () => {
    const { session, passkey } = await added();
    wait(PROOF_LIFE_MS);
    expect(await outcomeOf(begin(session))).toBe("sign-in/proof-required");
    await unlock(session, passkey);
    expect(await outcomeOf(begin(session))).toBe("done");
    wait(PROOF_LIFE_MS);
    const code = identity.codeOf(desk.member.address);
    await provePassword(deps(), await caller(session), { password: PASSWORD, code });
    expect(await outcomeOf(begin(session))).toBe("done");
  });

  test("is for the session that began it, once, in five minutes, and answers nothing else", async () => {
    const [mine, other] = [await enter(), await enter()];
    const passkey = device();
    const confirm = async (session: string, challenge: Parameters<SoftwarePasskey["register"]>[0]) =>
      outcomeOf(addMemberPasskey(deps(), await caller(session), { name: "x", ...passkey.register(challenge) }));
    const { challenge } = await begin(mine);
    expect(await confirm(other, challenge)).toBe("passkey/not-begun");
    await begin(other);
    expect(await confirm(other, challenge)).toBe("passkey/refused");
    const asked = await askProofPasskey(deps(), await caller(other));
    expect(await confirm(other, asked.challenge)).toBe("passkey/not-begun");
    wait(SIGN_IN_CHALLENGE_LIFE_MS);
    expect(await confirm(mine, challenge)).toBe("passkey/not-begun");
    const again = await enter();
    const fresh = await begin(again);
    const parallel = await Promise.all([confirm(again, fresh.challenge), confirm(again, fresh.challenge)]);
    expect(parallel.toSorted()).toEqual(["done", "passkey/not-begun"]);
    expect(await entries("passkey/added")).toBe(1);
  });

  test.each(TWISTS.slice(0, 4))("%s is refused, and spends the question", async (_, twist) => {
    const session = await enter();
    expect(await outcomeOf(add(session, device(), twist))).toBe("passkey/refused");
    expect(await list(session)).toEqual([]);
    expect(await entries("passkey/added")).toBe(0);
  });

  test("that somebody has already is refused, whoever that is", async () => {
    const { session, passkey } = await added();
    expect(await outcomeOf(add(session, passkey))).toBe("passkey/refused");
    expect(await outcomeOf(add(await enter(await colleague()), passkey))).toBe("passkey/refused");
    expect((await beginMemberPasskey(deps(), await caller(session))).enrolled).toEqual([passkey.credentialId]);
  });

  test("has a limit, also for two at once", async () => {
    const sessions = [await enter(), await enter()];
    const [session = ""] = sessions;
    for (let many = 1; many < MEMBER_PASSKEYS_MAX; many++) await add(session);
    const outcomes = await Promise.all(sessions.map((each) => outcomeOf(add(each))));
    expect(outcomes.toSorted()).toEqual(["done", "passkey/too-many"]);
    expect(await list(session)).toHaveLength(MEMBER_PASSKEYS_MAX);
    expect(await outcomeOf(begin(session))).toBe("passkey/too-many");
  });

  test("is not done that the ledger does not hold", async () => {
    const session = await enter();
    const { challenge } = await begin(session);
    scene.watch.before("tiles.writeTiles", () => {
      throw scene.outage("tiles");
    });
    const registration = { name: "x", ...device().register(challenge) };
    expect(await outcomeOf(addMemberPasskey(deps(), await caller(session), registration))).toBe("ledger/unavailable");
    expect(scene.mail.messages).toEqual([]);
  });

  test("is no business of an API token", async () => {
    const { session, passkey } = await added();
    const { bearer } = await createToken(scene.deps, await caller(session), { name: "nightly" });
    const script = known(await memberOfToken(deps(), bearer));
    const [held] = await list(session);
    const outcomes = [
      listMemberPasskeys(deps(), script),
      beginMemberPasskey(deps(), script),
      addMemberPasskey(deps(), script, { name: "x", ...passkey.register(new Uint8Array(32)) }),
      removeMemberPasskey(deps(), script, known(held).id),
      askProofPasskey(deps(), script),
      provePasskeyOfMember(deps(), script, passkey.assert(new Uint8Array(32))),
    ].map(outcomeOf);
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set(["sign-in/session-only"]));
  });
});

describe("signing in with a passkey", () => {
  test("names the member by the passkey alone, and is one entry", async () => {
    const { passkey } = await added();
    wait(SESSION_LIFE_MS);
    const { member, organisation, session } = await signInBy(passkey);
    expect([member.id, organisation.id]).toEqual([desk.member.id, desk.organisation.id]);
    expect(await list(session)).toMatchObject([{ usedAt: scene.clock.now() }]);
    expect(await entries("member/signed-in")).toBe(2);
    expect(await outcomeOf(beginMemberPasskey(deps(), await caller(session)))).toBe("done");
  });

  test.each(TWISTS)("%s is refused, and is an entry", async (_, twist) => {
    const { passkey } = await added();
    expect(await outcomeOf(signInBy(passkey, twist))).toBe(REFUSED);
    expect(await entries("member/sign-in-refused")).toBe(1);
    expect(await outcomeOf(signInBy(passkey))).toBe("done");
  });

  test("answers one question of one browser once, also when two answer it at the same time", async () => {
    const { passkey } = await added();
    const [mine, other] = [await ask(), await ask()];
    const assertion = passkey.assert(mine.challenge);
    expect(await outcomeOf(give({ bearer: other.bearer, assertion }))).toBe(REFUSED);
    expect(await outcomeOf(give({ bearer: drawBearer("scb", scene.deps).bearer, assertion }))).toBe(REFUSED);
    for (const bearer of [null, "", "scb_", mine.bearer.replace("scb", "scs")])
      expect(await outcomeOf(give({ bearer, assertion }))).toBe(REFUSED);
    const both = [give({ bearer: mine.bearer, assertion }), give({ bearer: mine.bearer, assertion })].map(outcomeOf);
    expect((await Promise.all(both)).toSorted()).toEqual(["done", REFUSED]);
    expect(await outcomeOf(give({ bearer: mine.bearer, assertion }))).toBe(REFUSED);
    // The first was an answer to another question; the rest answered none.
    expect(await entries("member/sign-in-refused")).toBe(1);
    expect(await entries("member/signed-in")).toBe(2);
  });

  test("takes five minutes at most", async () => {
    const { passkey } = await added();
    const { bearer, challenge } = await ask();
    const assertion = passkey.assert(challenge);
    wait(SIGN_IN_CHALLENGE_LIFE_MS);
    expect(await outcomeOf(give({ bearer, assertion }))).toBe(REFUSED);
    const later = await ask();
    wait(SIGN_IN_CHALLENGE_LIFE_MS - 1);
    expect(await outcomeOf(give({ bearer: later.bearer, assertion: passkey.assert(later.challenge) }))).toBe("done");
  });

  test("is refused with a passkey that nobody has, that borrows an id, or that names another member", async () => {
    const { passkey } = await added();
    const theirs = await added(await colleague());
    expect(await outcomeOf(signInBy(device()))).toBe(REFUSED);
    const { bearer, challenge } = await ask();
    const borrowed = { ...theirs.passkey.assert(challenge), credentialId: passkey.credentialId };
    expect(await outcomeOf(give({ bearer, assertion: borrowed }))).toBe(REFUSED);
    expect(await outcomeOf(signInBy(theirs.passkey))).toBe(REFUSED);
    for (const userHandle of [new Uint8Array(32), new Uint8Array(1), handle().slice(0, 31)])
      expect(await outcomeOf(signInBy(passkey, {}, { userHandle }))).toBe(REFUSED);
    expect(await entries("member/signed-in")).toBe(2);
  });

  test("with what was signed to unlock a session is refused", async () => {
    const { session, passkey } = await added();
    const { challenge } = await askProofPasskey(deps(), await caller(session));
    const { bearer } = await ask();
    expect(await outcomeOf(give({ bearer, assertion: passkey.assert(challenge) }))).toBe(REFUSED);
  });

  test.each([
    [5, "done"],
    [4, REFUSED],
    [3, REFUSED],
    [0, REFUSED],
  ])("with the counter at %i after 4 is %s, and going back is an entry", async (counter, outcome) => {
    const { passkey } = await added();
    expect(await outcomeOf(signInBy(passkey, { counter: 4 }))).toBe("done");
    expect(await outcomeOf(signInBy(passkey, { counter }))).toBe(outcome);
    expect(await entries("passkey/counter-back")).toBe(outcome === "done" ? 0 : 1);
    expect(await outcomeOf(signInBy(passkey, { counter: 6 }))).toBe("done");
  });

  test("works each time with a passkey that does not count", async () => {
    const passkey = await add(await enter(), device(), { counter: 0 });
    for (let times = 0; times < 2; times++) expect(await outcomeOf(signInBy(passkey, { counter: 0 }))).toBe("done");
  });

  test("is over for a member who was removed, also between question and answer", async () => {
    const leaver = await colleague();
    const { passkey } = await added(leaver);
    const { bearer, challenge } = await ask();
    await removeMember(deps(), desk.caller, leaver.member.id);
    const assertion = passkey.assert(challenge);
    expect(await outcomeOf(give({ bearer, assertion, userHandle: handle(leaver) }))).toBe(REFUSED);
    expect(await scene.store.read((view) => view.passkeysOf(leaver.member.id))).toEqual([]);
  });

  test("is over while the removal commits and the signature is looked at", async () => {
    const leaver = await colleague();
    const { passkey } = await added(leaver);
    const slow = {
      ...scene.deps.passkeys,
      asserted: async (of: Parameters<typeof scene.deps.passkeys.asserted>[0]) => {
        const answer = await scene.deps.passkeys.asserted(of);
        await removeMember(deps(), desk.caller, leaver.member.id);
        return answer;
      },
    };
    const { bearer, challenge } = await ask();
    const given = { bearer, assertion: passkey.assert(challenge), userHandle: handle(leaver), from: FROM };
    expect(await outcomeOf(signInWithPasskey({ ...deps(), passkeys: slow }, given))).toBe(REFUSED);
    expect(await scene.store.read((view) => view.sessionsOf(leaver.member.id))).toEqual([]);
  });
});

describe("a locked session", () => {
  test("opens with a passkey of its member, and says that there is one", async () => {
    const { session, passkey } = await added();
    expect((await showSession(deps(), await caller(await enter(await colleague())))).hasPasskey).toBe(false);
    await lock(session);
    const { allowed } = await askProofPasskey(deps(), await caller(session));
    expect([allowed, (await showSession(deps(), await caller(session))).hasPasskey]).toEqual([
      [passkey.credentialId],
      true,
    ]);
    await unlock(session, passkey);
    expect(await isLocked(session)).toBe(false);
    expect(await entries("session/proven")).toBe(1);
  });

  test.each(TWISTS)("stays so after a passkey %s, which is an entry", async (_, twist) => {
    const { session, passkey } = await added();
    await lock(session);
    expect(await outcomeOf(unlock(session, passkey, twist))).toBe(REFUSED);
    expect([await isLocked(session), await entries("session/proof-refused")]).toEqual([true, 1]);
  });

  test("does not open with a colleague's passkey, nor with an answer from another session", async () => {
    const { session, passkey } = await added();
    const theirs = await added(await colleague());
    const other = await enter();
    await lock(session);
    expect(await outcomeOf(unlock(session, theirs.passkey))).toBe(REFUSED);
    const { challenge } = await askProofPasskey(deps(), await caller(other));
    const assertion = passkey.assert(challenge);
    expect(await outcomeOf(provePasskeyOfMember(deps(), await caller(session), assertion))).toBe(REFUSED);
    expect(await isLocked(session)).toBe(true);
    expect(await outcomeOf(provePasskeyOfMember(deps(), await caller(other), assertion))).toBe("done");
    expect(await outcomeOf(provePasskeyOfMember(deps(), await caller(other), assertion))).toBe(REFUSED);
    expect(await entries("session/proof-refused")).toBe(1);
  });

  test("notes a counter that went back", async () => {
    const { session, passkey } = await added();
    await unlock(session, passkey, { counter: 9 });
    await lock(session);
    expect(await outcomeOf(unlock(session, passkey, { counter: 9 }))).toBe(REFUSED);
    expect([await isLocked(session), await entries("passkey/counter-back")]).toEqual([true, 1]);
  });

  test("that ended in the meantime does not open", async () => {
    const { session, passkey } = await added();
    const before = await caller(session);
    const { challenge } = await askProofPasskey(deps(), before);
    await signOut(deps(), before);
    expect(await outcomeOf(provePasskeyOfMember(deps(), before, passkey.assert(challenge)))).toBe("sign-in/required");
  });
});

describe("removing a passkey", () => {
  test("takes a fresh proof, is one entry and one mail; it signs in and unlocks nothing more", async () => {
    const { session, passkey } = await added();
    const { id } = known((await list(session))[0]);
    const asked = await ask();
    const proof = await askProofPasskey(deps(), await caller(session));
    wait(PROOF_LIFE_MS);
    const remove = async () => outcomeOf(removeMemberPasskey(deps(), await caller(session), id));
    expect(await remove()).toBe("sign-in/proof-required");
    await provePassword(deps(), await caller(session), {
      password: PASSWORD,
      code: identity.codeOf(desk.member.address),
    });
    expect([await remove(), await remove()]).toEqual(["done", "passkey/unknown"]);
    expect(await list(session)).toEqual([]);
    expect(await entries("passkey/removed")).toBe(1);
    expect(scene.mail.messages.map(({ subject }) => subject)).toEqual([
      "A passkey was added to your Safeconduct account",
      "A passkey was removed from your Safeconduct account",
    ]);
    expect(await outcomeOf(signInBy(passkey))).toBe(REFUSED);
    expect(await outcomeOf(give({ bearer: asked.bearer, assertion: passkey.assert(asked.challenge) }))).toBe(REFUSED);
    const late = provePasskeyOfMember(deps(), await caller(session), passkey.assert(proof.challenge));
    expect(await outcomeOf(late)).toBe(REFUSED);
  });

  test("is for one's own", async () => {
    const { session } = await added();
    const theirs = await enter(await colleague());
    const { id } = known((await list(session))[0]);
    for (const unknown of [id, drawId("factor", crypto.random)])
      expect(await outcomeOf(removeMemberPasskey(deps(), await caller(theirs), unknown))).toBe("passkey/unknown");
    expect(await list(session)).toHaveLength(1);
  });
});

describe("the mail about a change", () => {
  test("waits for a mail server that is away, and goes to nobody who was removed", async () => {
    const leaver = await colleague();
    scene.watch.before("mail.send", () => {
      throw scene.outage("mail");
    });
    await added(leaver);
    expect(scene.mail.messages).toEqual([]);
    await removeMember(deps(), desk.caller, leaver.member.id);
    scene.watch.clear();
    wait(3_600_000);
    await scene.outbox.deliverDue();
    expect(scene.mail.messages).toEqual([]);
  });
});
