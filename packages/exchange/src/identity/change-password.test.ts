import { nodeCrypto } from "@safeconduct/crypto-node";
import {
  cheapCrypto,
  type Desk,
  ExchangeScene,
  known,
  outcomeOf,
  SCENE_ORIGIN,
  type ScriptedIdentity,
  scriptedIdentity,
  SoftwarePasskey,
} from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { removeMember } from "../members/change-member.ts";
import { createToken } from "../tokens/tokens.ts";
import { changePassword, type GivenProof } from "./change-password.ts";
import { addMemberPasskey, beginMemberPasskey } from "./member-passkeys.ts";
import { askProofPasskey } from "./prove-session.ts";
import { memberOfSession, memberOfToken } from "./sessions.ts";
import { signIn, signOut } from "./sign-in.ts";

const crypto = cheapCrypto(nodeCrypto());
const OLD = "a long password";
const NEW = "another granite lantern";
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
  await identity.enrol({ member, address, name, password: OLD });
  await identity.confirmAuthenticator({ member, code: identity.codeOf(address) });
}
const deps = () => ({ ...scene.deps, now: scene.clock.now(), identity });
const code = (of = desk) => identity.codeOf(of.member.address);
const caller = async (bearer: string) => known(await memberOfSession(deps(), bearer));
const isOpen = async (bearer: string) => (await memberOfSession(deps(), bearer)) !== null;
const enter = async (password = OLD, of = desk) =>
  (await signIn(deps(), { address: of.member.address, password, code: code(of), from: FROM })).session;
const byPassword = (password = OLD): GivenProof => ({ by: "password", password, code: code() });
const change = async (session: string, { proof = byPassword(), password = NEW } = {}) =>
  outcomeOf(changePassword(deps(), await caller(session), { proof, password }));
async function withPasskey(session: string): Promise<SoftwarePasskey> {
  const passkey = new SoftwarePasskey({ origin: SCENE_ORIGIN, rpId: "scene.example" });
  const { challenge } = await beginMemberPasskey(deps(), await caller(session));
  await addMemberPasskey(deps(), await caller(session), { name: "key", ...passkey.register(challenge) });
  return passkey;
}
const entries = (type: string) => scene.entries().then((all) => all.filter((each) => each === type).length);
const mails = () => scene.mail.messages.map(({ subject }) => subject);
const MAIL = "The password of your Safeconduct account was changed";

describe("a new password", () => {
  test("is right from now on, ends every other session of its member, and is one entry and one mail", async () => {
    const colleague = await scene.desk(desk.organisation);
    await enrol(colleague);
    const [here, there, theirs] = [await enter(), await enter(), await enter(OLD, colleague)];
    const { bearer } = await createToken(scene.deps, await caller(here), { name: "nightly" });
    expect(await change(here)).toBe("done");
    expect([await isOpen(here), await isOpen(there), await isOpen(theirs)]).toEqual([true, false, true]);
    expect(await memberOfToken(deps(), bearer)).not.toBeNull();
    expect([await outcomeOf(enter(OLD)), await outcomeOf(enter(NEW))]).toEqual(["sign-in/refused", "done"]);
    expect(await entries("member/password-changed")).toBe(1);
    expect(mails()).toEqual([MAIL]);
    expect(known(scene.mail.messages[0])).toMatchObject({ to: desk.member.address });
  });

  test("takes the password of now and a code that was not used, however fresh the sign-in is", async () => {
    const here = await enter();
    const there = await enter();
    expect(await change(here, { proof: byPassword("not the password") })).toBe("sign-in/proof-refused");
    expect(await change(here, { proof: { by: "password", password: OLD, code: "000000" } })).toBe(
      "sign-in/proof-refused",
    );
    expect([await isOpen(there), await entries("member/password-changed"), mails()]).toEqual([true, 0, []]);
    expect(await outcomeOf(enter(OLD))).toBe("done");
  });

  test("that the rules refuse costs no code", async () => {
    const here = await enter();
    const proof = byPassword();
    expect(await change(here, { proof, password: "short" })).toBe("identity/password-too-short");
    expect(await change(here, { proof })).toBe("done");
  });

  test("takes a passkey of the member instead, for this session, once", async () => {
    const [here, there] = [await enter(), await enter()];
    const passkey = await withPasskey(here);
    const asked = async (session: string) => (await askProofPasskey(deps(), await caller(session))).challenge;
    const elsewhere: GivenProof = { by: "passkey", ...passkey.assert(await asked(there)) };
    expect(await change(here, { proof: elsewhere })).toBe("sign-in/passkey-refused");
    const unverified: GivenProof = { by: "passkey", ...passkey.assert(await asked(here), { isVerified: false }) };
    expect(await change(here, { proof: unverified })).toBe("sign-in/passkey-refused");
    const proof: GivenProof = { by: "passkey", ...passkey.assert(await asked(here)) };
    const both = await Promise.all([change(here, { proof }), change(here, { proof })]);
    expect(both.toSorted()).toEqual(["done", "sign-in/passkey-refused"]);
    expect(await isOpen(there)).toBe(false);
    expect(await entries("member/password-changed")).toBe(1);
  });

  test("is not set for a session that ended, a member who was removed, or an API token", async () => {
    const administrator = await scene.desk(desk.organisation);
    const [here, there] = [await enter(), await enter()];
    const { bearer } = await createToken(scene.deps, await caller(here), { name: "nightly" });
    const asked = { proof: byPassword(), password: NEW };
    const script = known(await memberOfToken(deps(), bearer));
    expect(await outcomeOf(changePassword(deps(), script, asked))).toBe("sign-in/session-only");
    const before = await caller(there);
    await signOut(deps(), before);
    expect(await outcomeOf(changePassword(deps(), before, asked))).toBe("sign-in/required");
    const removed = {
      ...identity,
      async preparePassword(of: Parameters<ScriptedIdentity["preparePassword"]>[0]) {
        const prepared = await identity.preparePassword(of);
        return {
          async takeEffect() {
            await removeMember(deps(), administrator.caller, desk.member.id);
            return prepared.takeEffect();
          },
        };
      },
    };
    const late = changePassword({ ...deps(), identity: removed }, await caller(here), asked);
    expect(await outcomeOf(late)).toBe("sign-in/required");
    expect(await outcomeOf(enter(NEW))).toBe("sign-in/refused");
  });

  test("ends a session that the old one opened while the entry was written", async () => {
    const here = await enter();
    let late = "";
    const slow = {
      ...identity,
      async preparePassword(of: Parameters<ScriptedIdentity["preparePassword"]>[0]) {
        const prepared = await identity.preparePassword(of);
        return {
          async takeEffect() {
            late = await enter(OLD);
            return prepared.takeEffect();
          },
        };
      },
    };
    await changePassword({ ...deps(), identity: slow }, await caller(here), { proof: byPassword(), password: NEW });
    expect([await isOpen(here), await isOpen(late)]).toEqual([true, false]);
  });

  test("does not come without its entry", async () => {
    const here = await enter();
    const proof = byPassword();
    scene.watch.before("tiles.writeTiles", () => {
      throw scene.outage("tiles");
    });
    expect(await change(here, { proof })).toBe("ledger/unavailable");
    scene.watch.clear();
    expect([await outcomeOf(enter(NEW)), await outcomeOf(enter(OLD))]).toEqual(["sign-in/refused", "done"]);
  });
});
