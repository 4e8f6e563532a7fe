import { nodeCrypto } from "@safeconduct/crypto-node";
import { base64UrlBytes, type Bytes, Problem } from "@safeconduct/foundation";
import {
  cheapCrypto,
  ExchangeScene,
  known,
  outcomeOf,
  type ScriptedIdentity,
  scriptedIdentity,
} from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { memberOfSession, memberOfToken } from "../identity/sessions.ts";
import { completeSetup } from "./complete-setup.ts";
import { enrolFirstMember } from "./enrol-first-member.ts";
import { openSetup } from "./open-setup.ts";

const crypto = cheapCrypto(nodeCrypto());
const ADDRESS = "ines@clinic.example";
let scene: ExchangeScene;
let identity: ScriptedIdentity;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  identity = scriptedIdentity();
});

const start = async (): Promise<Bytes> => {
  const { signingPublicKey } = await scene.keys.publicKeys();
  const text = await openSetup(scene.deps, { keyServicePublicKey: signingPublicKey });
  return known(base64UrlBytes(known(text)));
};
const enrol = (setupToken: Bytes, address = ADDRESS) =>
  enrolFirstMember(
    { ...scene.deps, identity },
    {
      setupToken,
      organisation: { name: "Riverside Clinic" },
      member: { name: "Ines", address },
      password: "long enough here",
    },
  );
const complete = (setupToken: Bytes, code = identity.codeOf(ADDRESS)) =>
  completeSetup({ ...scene.deps, identity }, { setupToken, code, language: null, from: FROM });
const FROM = { browser: "other", system: "other" } as const;
const instance = () => scene.store.read((view) => view.instance());

describe("each start before set-up", () => {
  test("records the birth of the instance once", async () => {
    await start();
    await start();
    expect(await scene.entries()).toEqual(["instance/created"]);
  });

  test("makes an earlier link useless", async () => {
    const old = await start();
    const fresh = await start();
    expect(await outcomeOf(enrol(old))).toBe("setup/not-open");
    await enrol(fresh);
    expect(await outcomeOf(complete(old))).toBe("setup/not-open");
    expect(await outcomeOf(complete(fresh))).toBe("done");
  });

  test("keeps what was enrolled, for the newer link to complete", async () => {
    await enrol(await start());
    expect(await outcomeOf(complete(await start()))).toBe("done");
  });

  test("keeps only the hash of the link's token", async () => {
    const token = await start();
    expect(known((await instance()).setupTokenHash)).not.toEqual(token);
    expect(known((await instance()).setupTokenHash)).toEqual(crypto.sha256(token));
  });

  test("after set-up gives no link", async () => {
    const token = await start();
    await enrol(token);
    await complete(token);
    expect(await openSetup(scene.deps, { keyServicePublicKey: token })).toBeNull();
    expect((await instance()).setupTokenHash).toBeNull();
  });

  test("brings into the tree what was committed before a crash", async () => {
    scene.watch.before("tiles.writeTiles", () => {
      throw scene.outage("tiles");
    });
    expect(await outcomeOf(start())).toBe("ledger/unavailable");
    scene.watch.clear();
    await start();
    expect(scene.ledger.size).toBe(1);
  });
});

describe("completing", () => {
  test("makes the organisation, its member, a token and a session that work, and ends set-up", async () => {
    const token = await start();
    await enrol(token);
    const done = await complete(token);
    const now = scene.clock.now();
    const deps = { store: scene.store, sha256: crypto.sha256, now };
    expect(known(await memberOfToken(deps, done.apiToken)).member).toBe(done.member.id);
    expect(known(await memberOfSession(deps, done.session)).organisation).toBe(done.organisation.id);
    expect(await scene.entries()).toEqual([
      "instance/created",
      "organisation/created",
      "member/added",
      "member/signed-in",
      "token/created",
    ]);
    expect(await instance()).toMatchObject({ setupTokenHash: null, pendingSetup: null });
  });

  test("before enrolment says what to do first", async () => {
    expect(await outcomeOf(complete(await start(), "123456"))).toBe("setup/not-enrolled");
  });

  test("with a wrong code leaves set-up open", async () => {
    const token = await start();
    await enrol(token);
    expect(await outcomeOf(complete(token, "000001"))).toBe("setup/wrong-code");
    expect(await outcomeOf(complete(token))).toBe("done");
  });

  test("with a token of nobody is refused before any code is tried", async () => {
    const token = await start();
    await enrol(token);
    const code = identity.codeOf(ADDRESS);
    expect(await outcomeOf(complete(crypto.random.bytes(32), code))).toBe("setup/not-open");
    expect(identity.codeOf(ADDRESS)).toBe(code);
    expect(await outcomeOf(enrol(crypto.random.bytes(32)))).toBe("setup/not-open");
  });

  test("twice is refused the second time", async () => {
    const token = await start();
    await enrol(token);
    await complete(token);
    expect(await outcomeOf(complete(token))).toBe("setup/not-open");
    expect(await outcomeOf(enrol(token, "other@clinic.example"))).toBe("setup/not-open");
  });

  test("by two that race makes one organisation", async () => {
    const token = await start();
    await enrol(token);
    // Both have had their codes taken before either commits.
    const lenient = { ...identity, confirmAuthenticator: async () => true };
    const outcomes = await Promise.all(
      Array.from({ length: 5 }, () =>
        outcomeOf(
          completeSetup(
            { ...scene.deps, identity: lenient },
            { setupToken: token, code: "123456", language: null, from: FROM },
          ),
        ),
      ),
    );
    expect(outcomes.toSorted()).toEqual(["done", ...Array.from({ length: 4 }, () => "setup/not-open")]);
    expect(await scene.entries()).toHaveLength(5);
  });

  test("with the ledger away is not acknowledged", async () => {
    const token = await start();
    await enrol(token);
    scene.watch.before("tiles.writeCheckpoint", () => {
      throw scene.outage("tiles");
    });
    expect(await outcomeOf(complete(token))).toBe("ledger/unavailable");
  });
});

describe("enrolling", () => {
  test("again before completion replaces what was given, under the same ids", async () => {
    const token = await start();
    await enrol(token, "typo@clinic.example");
    const first = known((await instance()).pendingSetup);
    await enrol(token);
    expect(await instance()).toMatchObject({
      pendingSetup: { organisation: first.organisation, member: first.member, memberAddress: ADDRESS },
    });
    expect((await complete(token)).member.address).toBe(ADDRESS);
  });

  test("begins anew after a crash between the authenticator's confirmation and the commit", async () => {
    const token = await start();
    await enrol(token);
    scene.watch.before("store.transaction", () => {
      throw scene.outage("store");
    });
    expect(await outcomeOf(complete(token))).toBe("store/unavailable");
    scene.watch.clear();
    await enrol(token);
    expect(await outcomeOf(complete(token))).toBe("done");
  });

  test("passes on what the accounts refuse", async () => {
    const refusing = {
      ...identity,
      enrol: async () => {
        throw new Problem("identity/password-guessable", "No.");
      },
    };
    const setupToken = await start();
    const member = { name: "Ines", address: ADDRESS };
    const enrolled = enrolFirstMember(
      { ...scene.deps, identity: refusing },
      { setupToken, organisation: { name: "Riverside Clinic" }, member, password: "password password" },
    );
    expect(await outcomeOf(enrolled)).toBe("identity/password-guessable");
    expect(await scene.entries()).toEqual(["instance/created"]);
  });
});
