import { nodeCrypto } from "@safeconduct/crypto-node";
import {
  cheapCrypto,
  confirmedFor,
  demanding,
  type Desk,
  ExchangeScene,
  known,
  outcomeOf,
  passcodeSession as byPasscode,
  type PasskeyTwist,
  SCENE_ORIGIN,
  type SealedTransfer,
  sealedTransfer,
  SoftwarePasskey,
} from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import type { RecipientCaller } from "../callers.ts";
import { FACTOR_FAILURES_BEFORE_WAIT, FACTOR_WAIT_MS } from "../grants/factor-attempt.ts";
import { askPasskey, provePasskey } from "../grants/prove-passkey.ts";
import { provePasscode } from "../grants/prove-passcode.ts";
import { blobTarget } from "../grants/read-blob.ts";
import { release } from "../grants/release.ts";
import { FACTOR_TRIES } from "../grants/second-factor.ts";
import { beginPasskey, confirmPasskey, PASSKEYS_MAX } from "./enrol-passkey.ts";
import { CHALLENGE_LIFE_MS } from "./passkey-challenge.ts";
import { decodePasskey, encodePasskey } from "./passkey-credential.ts";
import { removeOwnFactor, removeRecipientFactor } from "./remove-factor.ts";
import { ownFactors, recipientFactors } from "./show-factors.ts";

const crypto = cheapCrypto(nodeCrypto());
const ADDRESS = "a@x.example";
const RP_ID = "scene.example";
const to = (kind: Parameters<typeof demanding>[0], address = ADDRESS) => demanding(kind, address);

let scene: ExchangeScene;
let desk: Desk;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
});

const device = () => new SoftwarePasskey({ origin: SCENE_ORIGIN, rpId: RP_ID });
const confirmed = (of: SealedTransfer) => confirmedFor(scene, of);
const passcodeSession = (address = ADDRESS, by = desk) => byPasscode(scene, by, address);
async function enrol(caller: RecipientCaller, passkey = device()): Promise<SoftwarePasskey> {
  const { challenge } = await beginPasskey(scene.deps, caller);
  await confirmPasskey(scene.deps, caller, passkey.register(challenge));
  return passkey;
}
const enrolled = async (address = ADDRESS, by = desk) => enrol(await passcodeSession(address, by));
const sent = (address = ADDRESS) => sealedTransfer(scene, desk, to("passkey", address));
/** A session for a fresh transfer that demands the passkey. */
const session = async (address = ADDRESS) => confirmed(await sent(address));
const ask = async (caller: RecipientCaller) => (await askPasskey(scene.deps, caller)).challenge;
const show = (caller: RecipientCaller, assertion: Parameters<typeof provePasskey>[2]) =>
  outcomeOf(provePasskey(scene.deps, caller, assertion));
/** Asks and answers. */
const prove = async (caller: RecipientCaller, passkey: SoftwarePasskey, twist?: PasskeyTwist) =>
  show(caller, passkey.assert(await ask(caller), twist));
const releaseTo = async (caller: RecipientCaller) =>
  outcomeOf(release(scene.deps, caller, (await crypto.hpke.generateKeyPair()).publicKey));
const entries = async () => (await scene.entries()).filter((type) => /factor|locked/.test(type));
const count = async (type: string) => (await entries()).filter((each) => each === type).length;
const asked = (address = ADDRESS, by = desk) => recipientFactors(scene.deps, by.caller, { address });

describe("enrolling a passkey", () => {
  test("takes a session that passed the passcode; it is one entry, and members may know", async () => {
    const caller = await passcodeSession();
    const passkey = device();
    const begun = await beginPasskey(scene.deps, caller);
    expect(begun).toMatchObject({ rpId: RP_ID, organisation: "Riverside Clinic", address: ADDRESS, enrolled: [] });
    expect([begun.challenge.length, begun.userHandle.length]).toEqual([32, 32]);
    expect(await asked()).toEqual([]);
    await confirmPasskey(scene.deps, caller, passkey.register(begun.challenge));
    expect(await asked(ADDRESS.toUpperCase())).toEqual(["passkey"]);
    expect(await asked("b@x.example")).toEqual([]);
    expect(await ownFactors(scene.deps, caller)).toEqual({ enrolled: ["passkey"], removable: [] });
    expect((await entries()).slice(-2)).toEqual(["grant/factor-passed", "factor/enrolled"]);
    const other = await scene.desk();
    expect(await asked(ADDRESS, other)).toEqual([]);
  });

  test.each(["passcode", "public"])("is not for who has link and mailbox alone: %s", async (kind) => {
    const wanted = kind === "passcode" ? to("passcode") : { recipients: [{ address: ADDRESS, name: null }] };
    const caller = await confirmed(await sealedTransfer(scene, desk, wanted));
    expect(await outcomeOf(beginPasskey(scene.deps, caller))).toBe("grant/factor-required");
    const registration = device().register(scene.random.bytes(32));
    expect(await outcomeOf(confirmPasskey(scene.deps, caller, registration))).toBe("grant/factor-required");
  });

  test.each([
    ["another origin", { origin: "https://evil.example" }],
    ["another relying party", { rpId: "evil.example" }],
    ["no verification of the user", { isVerified: false }],
  ] satisfies [string, PasskeyTwist][])("with %s is refused, and what was asked is spent", async (_, twist) => {
    const caller = await passcodeSession();
    const { challenge } = await beginPasskey(scene.deps, caller);
    const passkey = device();
    const confirm = (more?: PasskeyTwist) =>
      outcomeOf(confirmPasskey(scene.deps, caller, passkey.register(challenge, more)));
    expect([await confirm(twist), await confirm()]).toEqual(["factor/passkey-refused", "factor/not-begun"]);
    expect(await asked()).toEqual([]);
  });

  test("answers what this session was asked last, once, within five minutes", async () => {
    const [mine, other] = [await passcodeSession(), await passcodeSession()];
    const first = await beginPasskey(scene.deps, mine);
    const second = await beginPasskey(scene.deps, mine);
    const confirm = (caller: RecipientCaller, challenge: typeof first.challenge, passkey = device()) =>
      outcomeOf(confirmPasskey(scene.deps, caller, passkey.register(challenge)));
    expect(await confirm(other, second.challenge)).toBe("factor/not-begun");
    expect(await confirm(mine, first.challenge)).toBe("factor/passkey-refused");
    const late = await beginPasskey(scene.deps, mine);
    scene.clock.advance(CHALLENGE_LIFE_MS);
    expect(await confirm(mine, late.challenge)).toBe("factor/not-begun");
    const { challenge } = await beginPasskey(scene.deps, mine);
    scene.clock.advance(CHALLENGE_LIFE_MS - 1);
    const parallel = await Promise.all([confirm(mine, challenge), confirm(mine, challenge)]);
    expect(parallel.toSorted()).toEqual(["done", "factor/not-begun"]);
    expect(await count("factor/enrolled")).toBe(1);
  });

  test("another time takes a session that a passkey opened, up to five, each once", async () => {
    const passkey = await enrolled();
    const withPasscode = await passcodeSession();
    expect(await outcomeOf(beginPasskey(scene.deps, withPasscode))).toBe("factor/already-enrolled");
    const caller = await session();
    expect(await prove(caller, passkey)).toBe("done");
    const again = await beginPasskey(scene.deps, caller);
    expect(again.enrolled).toEqual([passkey.credentialId]);
    const twice = confirmPasskey(scene.deps, caller, passkey.register(again.challenge));
    expect(await outcomeOf(twice)).toBe("factor/passkey-refused");
    for (let many = 1; many < PASSKEYS_MAX; many++) await enrol(caller);
    expect(await outcomeOf(beginPasskey(scene.deps, caller))).toBe("factor/too-many");
    expect(await count("factor/enrolled")).toBe(PASSKEYS_MAX);
  });

  test("two at once from two passcodes leaves one", async () => {
    const callers = [await passcodeSession(), await passcodeSession()];
    const begun = await Promise.all(callers.map((caller) => beginPasskey(scene.deps, caller)));
    const outcomes = callers.map((caller, at) =>
      outcomeOf(confirmPasskey(scene.deps, caller, device().register(known(begun[at]).challenge))),
    );
    expect((await Promise.all(outcomes)).toSorted()).toEqual(["done", "factor/already-enrolled"]);
  });

  test("is not done that the ledger does not hold", async () => {
    const caller = await passcodeSession();
    const { challenge } = await beginPasskey(scene.deps, caller);
    scene.watch.before("tiles.writeTiles", () => {
      throw scene.outage("tiles");
    });
    const registration = device().register(challenge);
    expect(await outcomeOf(confirmPasskey(scene.deps, caller, registration))).toBe("ledger/unavailable");
  });
});

describe("sending to a passkey", () => {
  test("that the address has not enrolled is refused", async () => {
    expect(await outcomeOf(sent())).toBe("transfer/factor-not-enrolled");
    await beginPasskey(scene.deps, await passcodeSession());
    expect(await outcomeOf(sent())).toBe("transfer/factor-not-enrolled");
    await enrolled("b@x.example");
    expect(await outcomeOf(sent())).toBe("transfer/factor-not-enrolled");
  });

  test("is opened by mailed code and passkey, by neither alone, and by each of its passkeys", async () => {
    const passkey = await enrolled();
    const caller = await session();
    expect(await releaseTo(caller)).toBe("grant/factor-required");
    expect(await outcomeOf(blobTarget(scene.deps, caller))).toBe("grant/factor-required");
    const verifier = scene.random.bytes(32);
    expect(await outcomeOf(provePasscode(scene.deps, caller, { verifier }))).toBe("grant/factor-refused");
    expect(await prove(caller, passkey)).toBe("done");
    expect(await releaseTo(caller)).toBe("done");
    const second = await enrol(caller);
    for (const each of [passkey, second]) expect(await prove(await session(), each)).toBe("done");
  });

  test("is no way past a passcode", async () => {
    const passkey = await enrolled();
    const caller = await confirmed(await sealedTransfer(scene, desk, to("passcode")));
    expect(await outcomeOf(askPasskey(scene.deps, caller))).toBe("grant/factor-refused");
    expect(await show(caller, passkey.assert(scene.random.bytes(32)))).toBe("grant/factor-refused");
    expect(await releaseTo(caller)).toBe("grant/factor-required");
  });
});

describe("an answer of a passkey", () => {
  test.each([
    ["for another origin", { origin: "https://evil.example" }],
    ["for another relying party", { rpId: "evil.example" }],
    ["without verification of the user", { isVerified: false }],
    ["that is a registration", { type: "webauthn.create" }],
  ] satisfies [string, PasskeyTwist][])("%s is refused and counted", async (_, twist) => {
    const passkey = await enrolled();
    const caller = await session();
    expect(await prove(caller, passkey, twist)).toBe("grant/factor-refused");
    expect(await count("grant/factor-refused")).toBe(1);
    expect(await releaseTo(caller)).toBe("grant/factor-required");
    expect(await prove(caller, passkey)).toBe("done");
  });

  test("opens the session that asked, once, and no other of the same or another grant", async () => {
    const passkey = await enrolled();
    const sealed = await sent();
    const [mine, later, other] = [await confirmed(sealed), await confirmed(sealed), await session()];
    const assertion = passkey.assert(await ask(mine));
    for (const caller of [later, other]) {
      expect(await show(caller, assertion)).toBe("grant/factor-refused");
      await ask(caller);
      expect(await show(caller, assertion)).toBe("grant/factor-refused");
      expect(await releaseTo(caller)).toBe("grant/factor-required");
    }
    expect(await show(mine, assertion)).toBe("done");
    expect(await show(mine, assertion)).toBe("done");
    expect(await count("grant/factor-passed")).toBe(2);
  });

  test("is worth nothing after five minutes, or once something else was asked; neither is counted", async () => {
    const passkey = await enrolled();
    const caller = await session();
    const late = passkey.assert(await ask(caller));
    scene.clock.advance(CHALLENGE_LIFE_MS);
    expect(await show(caller, late)).toBe("grant/factor-refused");
    expect(await count("grant/factor-refused")).toBe(0);
    const replaced = passkey.assert(await ask(caller));
    await ask(caller);
    expect(await show(caller, replaced)).toBe("grant/factor-refused");
    expect(await prove(caller, passkey)).toBe("done");
  });

  test("of another key is refused: one nobody enrolled, another address's, or one that borrows an id", async () => {
    const passkey = await enrolled();
    const theirs = await enrolled("b@x.example");
    const caller = await session();
    expect(await prove(caller, device())).toBe("grant/factor-refused");
    expect(await prove(caller, theirs)).toBe("grant/factor-refused");
    const { credentialId } = passkey;
    expect(await show(caller, { ...theirs.assert(await ask(caller)), credentialId })).toBe("grant/factor-refused");
    expect(await prove(caller, passkey)).toBe("done");
  });

  test.each([
    [5, "done"],
    [4, "grant/factor-refused"],
    [3, "grant/factor-refused"],
    [0, "grant/factor-refused"],
  ])("with the counter at %i after 4 is %s, and going back is an entry", async (counter, outcome) => {
    const passkey = await enrolled();
    expect(await prove(await session(), passkey, { counter: 4 })).toBe("done");
    expect(await prove(await session(), passkey, { counter })).toBe(outcome);
    expect(await count("factor/counter-back")).toBe(outcome === "done" ? 0 : 1);
    expect(await prove(await session(), passkey, { counter: 6 })).toBe("done");
  });

  test("of a passkey that does not count is accepted each time", async () => {
    const caller = await passcodeSession();
    const { challenge } = await beginPasskey(scene.deps, caller);
    const passkey = device();
    await confirmPasskey(scene.deps, caller, passkey.register(challenge, { counter: 0 }));
    for (let times = 0; times < 2; times++) expect(await prove(await session(), passkey, { counter: 0 })).toBe("done");
  });

  test("fifty at once are one try", async () => {
    const passkey = await enrolled();
    const caller = await session();
    const wrong = passkey.assert(await ask(caller), { isVerified: false });
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => show(caller, wrong)));
    expect(new Set(outcomes)).toEqual(new Set(["grant/factor-refused"]));
    expect(await count("grant/factor-refused")).toBe(1);
    const right = passkey.assert(await ask(caller));
    const accepted = await Promise.all(Array.from({ length: 50 }, () => show(caller, right)));
    expect(accepted).toContain("done");
    expect(await count("grant/factor-passed")).toBe(2);
  });

  test("wrong five times makes the link wait, ten times closes it, right ones in between or not", async () => {
    const passkey = await enrolled();
    const sealed = await sent();
    const outcomes: string[] = [];
    for (let tries = 1; tries <= FACTOR_TRIES; tries++) {
      scene.clock.advance(4 * FACTOR_WAIT_MS);
      const caller = await confirmed(sealed);
      outcomes.push(await prove(caller, passkey, { isVerified: false }));
      if (tries === FACTOR_FAILURES_BEFORE_WAIT) {
        outcomes.push(await prove(caller, passkey));
        scene.clock.advance(FACTOR_WAIT_MS);
      }
      if (tries < FACTOR_TRIES) outcomes.push(await prove(await confirmed(sealed), passkey));
    }
    const [wrong, right] = ["grant/factor-refused", "done"];
    const pairs = (count: number) => Array.from({ length: count }, () => [wrong, right]).flat();
    expect(outcomes).toEqual([...pairs(4), wrong, wrong, right, ...pairs(4), "grant/locked"]);
    const caller = await confirmed(sealed);
    expect(await outcomeOf(askPasskey(scene.deps, caller))).toBe("grant/locked");
    expect(await count("grant/locked")).toBe(1);
  });

  test("is not asked for in a session that has ended, and the question does not tell whether there is a passkey", async () => {
    await enrolled();
    const caller = await session();
    await removeRecipientFactor(scene.deps, desk.caller, { address: ADDRESS, factor: "passkey" });
    expect(Object.keys(await askPasskey(scene.deps, caller)).toSorted()).toEqual([
      "challenge",
      "expiresInSeconds",
      "rpId",
    ]);
    scene.clock.advance(3_600_000);
    expect(await outcomeOf(askPasskey(scene.deps, caller))).toBe("grant/session-required");
    expect(await show(caller, device().assert(scene.random.bytes(32)))).toBe("grant/session-required");
  });
});

describe("taking it away", () => {
  const factor = "passkey";
  test("is for the recipient in a session that it opened; all of them go, and links that demand it open no more", async () => {
    const passkey = await enrolled();
    const [caller, other] = [await session(), await session()];
    const withPasscode = await passcodeSession();
    expect(await outcomeOf(removeOwnFactor(scene.deps, withPasscode, { factor }))).toBe("grant/factor-required");
    await prove(caller, passkey);
    const second = await enrol(caller);
    expect(await ownFactors(scene.deps, caller)).toEqual({ enrolled: [factor], removable: [factor] });
    expect(await outcomeOf(removeOwnFactor(scene.deps, caller, { factor }))).toBe("done");
    expect(await count("factor/removed")).toBe(2);
    for (const each of [passkey, second]) expect(await prove(other, each)).toBe("grant/factor-refused");
  });

  test("between question and answer lets nothing through", async () => {
    const passkey = await enrolled();
    const caller = await session();
    const assertion = passkey.assert(await ask(caller));
    await removeRecipientFactor(scene.deps, desk.caller, { address: ADDRESS, factor });
    expect(await show(caller, assertion)).toBe("grant/factor-refused");
  });

  test("lets nobody who enrols afterwards open what was sent before", async () => {
    await enrolled();
    const sealed = await sent();
    await removeRecipientFactor(scene.deps, desk.caller, { address: ADDRESS, factor });
    scene.clock.advance(1);
    const passkey = await enrolled();
    expect(await prove(await confirmed(sealed), passkey)).toBe("grant/factor-refused");
    expect(await prove(await session(), passkey)).toBe("done");
  });
});

test("a stored passkey is read as it was written, and nothing else is", () => {
  const passkey = { credentialId: new Uint8Array(16).fill(1), publicKey: new Uint8Array(77).fill(2) };
  const stored = encodePasskey(passkey);
  expect(decodePasskey(stored)).toEqual(passkey);
  const wrong = [stored.subarray(0, -1), new Uint8Array([...stored, 0]), new Uint8Array([2, ...stored.subarray(1)])];
  for (const bytes of wrong) expect(() => decodePasskey(new Uint8Array(bytes))).toThrow(/binary|end|byte|newer/i);
});
