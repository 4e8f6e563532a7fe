import { nodeCrypto } from "@safeconduct/crypto-node";
import {
  authenticatorCode,
  cheapCrypto,
  confirmedFor,
  demanding,
  type Desk,
  ExchangeScene,
  known,
  outcomeOf,
  passcodeSession as byPasscode,
  type SealedTransfer,
  sealedTransfer,
} from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import type { RecipientCaller } from "../callers.ts";
import { FACTOR_FAILURES_BEFORE_WAIT, FACTOR_WAIT_MS } from "../grants/factor-attempt.ts";
import { proveAuthenticator } from "../grants/prove-authenticator.ts";
import { provePasscode } from "../grants/prove-passcode.ts";
import { blobTarget } from "../grants/read-blob.ts";
import { recordReceipt } from "../grants/record-receipt.ts";
import { release } from "../grants/release.ts";
import { FACTOR_TRIES } from "../grants/second-factor.ts";
import { beginAuthenticator, confirmAuthenticator, ENROLMENT_TRIES } from "./enrol-authenticator.ts";
import { removeOwnFactor, removeRecipientFactor } from "./remove-factor.ts";
import { ownFactors, recipientFactors } from "./show-factors.ts";

const crypto = cheapCrypto(nodeCrypto());
const ADDRESS = "a@x.example";
const STEP_MS = 30_000;
const to = (kind: Parameters<typeof demanding>[0], address = ADDRESS) => demanding(kind, address);

let scene: ExchangeScene;
let desk: Desk;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
});

const confirmed = (of: SealedTransfer) => confirmedFor(scene, of);
const passcodeSession = (address = ADDRESS, by = desk) => byPasscode(scene, by, address);
const codeNow = (secret: string) => authenticatorCode(secret, scene.clock.now());
/** The app's secret, enrolled for the address. */
async function enrolled(address = ADDRESS, by = desk): Promise<string> {
  const caller = await passcodeSession(address, by);
  const { secret } = await beginAuthenticator(scene.deps, caller);
  await confirmAuthenticator(scene.deps, caller, { code: codeNow(secret) });
  scene.clock.advance(STEP_MS);
  return secret;
}
const wrongCode = (secret: string) => String((Number(codeNow(secret)) + 1) % 1_000_000).padStart(6, "0");
const prove = (caller: RecipientCaller, code: string) => outcomeOf(proveAuthenticator(scene.deps, caller, { code }));
const releaseTo = async (caller: RecipientCaller) =>
  outcomeOf(release(scene.deps, caller, (await crypto.hpke.generateKeyPair()).publicKey));
const entries = async () => (await scene.entries()).filter((type) => /factor|locked/.test(type));
const asked = (address = ADDRESS, by = desk) => recipientFactors(scene.deps, by.caller, { address });

describe("enrolling an authenticator", () => {
  test("takes a session that passed the passcode, and one code; it is one entry, and members may know", async () => {
    const caller = await passcodeSession();
    expect(await ownFactors(scene.deps, caller)).toEqual({ enrolled: [], removable: [] });
    const { secret, otpauthUri } = await beginAuthenticator(scene.deps, caller);
    expect(otpauthUri).toContain(secret);
    expect(await asked()).toEqual([]);
    await confirmAuthenticator(scene.deps, caller, { code: codeNow(secret) });
    expect(await asked()).toEqual(["authenticator"]);
    expect(await asked(ADDRESS.toUpperCase())).toEqual(["authenticator"]);
    expect(await asked("b@x.example")).toEqual([]);
    expect(await ownFactors(scene.deps, caller)).toEqual({ enrolled: ["authenticator"], removable: [] });
    expect((await entries()).slice(-2)).toEqual(["grant/factor-passed", "factor/enrolled"]);
  });

  test.each(["passcode", "public"])("is not for who has link and mailbox alone: %s", async (kind) => {
    const sealed = await sealedTransfer(
      scene,
      desk,
      kind === "passcode" ? to("passcode") : { recipients: [{ address: ADDRESS, name: null }] },
    );
    const caller = await confirmed(sealed);
    expect(await outcomeOf(beginAuthenticator(scene.deps, caller))).toBe("grant/factor-required");
    expect(await outcomeOf(confirmAuthenticator(scene.deps, caller, { code: "000000" }))).toBe("grant/factor-required");
    expect(await outcomeOf(ownFactors(scene.deps, caller))).toBe("grant/factor-required");
    const factor = "authenticator";
    expect(await outcomeOf(removeOwnFactor(scene.deps, caller, { factor }))).toBe("grant/factor-required");
  });

  test("is finished in the session that began it, not in another one that passed as well", async () => {
    const [mine, other] = [await passcodeSession(), await passcodeSession()];
    const { secret } = await beginAuthenticator(scene.deps, mine);
    const code = codeNow(secret);
    expect(await outcomeOf(confirmAuthenticator(scene.deps, other, { code }))).toBe("factor/not-begun");
    expect(await outcomeOf(confirmAuthenticator(scene.deps, mine, { code }))).toBe("done");
  });

  test("is begun anew after five wrong codes; a new beginning makes the secret before worthless", async () => {
    const caller = await passcodeSession();
    const first = await beginAuthenticator(scene.deps, caller);
    for (let tries = 0; tries < ENROLMENT_TRIES; tries++) {
      const code = wrongCode(first.secret);
      expect(await outcomeOf(confirmAuthenticator(scene.deps, caller, { code }))).toBe("factor/code-refused");
    }
    const late = codeNow(first.secret);
    expect(await outcomeOf(confirmAuthenticator(scene.deps, caller, { code: late }))).toBe("factor/not-begun");
    const second = await beginAuthenticator(scene.deps, caller);
    expect(await outcomeOf(confirmAuthenticator(scene.deps, caller, { code: late }))).toBe("factor/code-refused");
    expect(await outcomeOf(confirmAuthenticator(scene.deps, caller, { code: codeNow(second.secret) }))).toBe("done");
  });

  test("does not take the place of one that is enrolled, whatever was passed", async () => {
    await enrolled();
    const caller = await passcodeSession();
    expect(await outcomeOf(beginAuthenticator(scene.deps, caller))).toBe("factor/already-enrolled");
    expect(await outcomeOf(confirmAuthenticator(scene.deps, caller, { code: "000000" }))).toBe("factor/not-begun");
  });

  test("twice in one session says so; nothing was enrolled before that", async () => {
    const caller = await passcodeSession();
    const { secret } = await beginAuthenticator(scene.deps, caller);
    await confirmAuthenticator(scene.deps, caller, { code: codeNow(secret) });
    const again = confirmAuthenticator(scene.deps, caller, { code: codeNow(secret) });
    expect(await outcomeOf(again)).toBe("factor/already-enrolled");
  });

  test("is this organisation's alone", async () => {
    await enrolled();
    const other = await scene.desk();
    expect(await asked(ADDRESS, other)).toEqual([]);
    expect(await outcomeOf(sealedTransfer(scene, other, to("authenticator")))).toBe("transfer/factor-not-enrolled");
  });
});

describe("sending to an authenticator", () => {
  test("that the address has not enrolled is refused before the key service is asked, also by a raw client", async () => {
    expect(await outcomeOf(sealedTransfer(scene, desk, to("authenticator")))).toBe("transfer/factor-not-enrolled");
    const caller = await passcodeSession();
    await beginAuthenticator(scene.deps, caller);
    expect(await outcomeOf(sealedTransfer(scene, desk, to("authenticator")))).toBe("transfer/factor-not-enrolled");
    await enrolled("b@x.example");
    scene.watch.calls.length = 0;
    expect(await outcomeOf(sealedTransfer(scene, desk, to("authenticator")))).toBe("transfer/factor-not-enrolled");
    expect(scene.watch.calls.filter((call) => call === "keys.addGrant")).toHaveLength(1);
  });

  test("is opened by mailed code and app code, by neither alone", async () => {
    const secret = await enrolled();
    const caller = await confirmed(await sealedTransfer(scene, desk, to("authenticator")));
    expect(await releaseTo(caller)).toBe("grant/factor-required");
    expect(await outcomeOf(blobTarget(scene.deps, caller))).toBe("grant/factor-required");
    expect(await outcomeOf(recordReceipt(scene.deps, caller, { files: 1 }))).toBe("grant/factor-required");
    const verifier = scene.random.bytes(32);
    expect(await outcomeOf(provePasscode(scene.deps, caller, { verifier }))).toBe("grant/factor-refused");
    expect(await prove(caller, codeNow(secret))).toBe("done");
    expect(await prove(caller, codeNow(secret))).toBe("done");
    expect(await releaseTo(caller)).toBe("done");
    expect(await outcomeOf(blobTarget(scene.deps, caller))).toBe("done");
    expect((await entries()).filter((type) => type === "grant/factor-passed")).toHaveLength(2);
  });

  test("is no way past a passcode", async () => {
    const secret = await enrolled();
    const caller = await confirmed(await sealedTransfer(scene, desk, to("passcode")));
    expect(await prove(caller, codeNow(secret))).toBe("grant/factor-refused");
    expect(await releaseTo(caller)).toBe("grant/factor-required");
  });
});

describe("a code", () => {
  test("is accepted once, over sessions and grants, also when two come at once", async () => {
    const secret = await enrolled();
    const grants = [0, 1].map(() => sealedTransfer(scene, desk, to("authenticator")));
    const [one, two] = [await confirmed(known(await grants[0])), await confirmed(known(await grants[1]))];
    const code = codeNow(secret);
    const outcomes = await Promise.all([prove(one, code), prove(two, code)]);
    expect(outcomes.toSorted()).toEqual(["done", "grant/factor-refused"]);
    const again = await confirmed(known(await grants[0]));
    expect(await prove(again, code)).toBe("grant/factor-refused");
    expect(await releaseTo(again)).toBe("grant/factor-required");
  });

  test("that confirmed the enrolment opens nothing", async () => {
    const caller = await passcodeSession();
    const { secret } = await beginAuthenticator(scene.deps, caller);
    const code = codeNow(secret);
    await confirmAuthenticator(scene.deps, caller, { code });
    const sealed = await sealedTransfer(scene, desk, to("authenticator"));
    expect(await prove(await scene.confirmed(sealed.grant), code)).toBe("grant/factor-refused");
  });

  test("of another address of the organisation opens nothing", async () => {
    await enrolled();
    const other = await enrolled("b@x.example");
    const caller = await confirmed(await sealedTransfer(scene, desk, to("authenticator")));
    expect(await prove(caller, codeNow(other))).toBe("grant/factor-refused");
  });

  test.each([
    [-2, "grant/factor-refused"],
    [-1, "done"],
    [1, "done"],
    [2, "grant/factor-refused"],
  ])("%i steps away is %s", async (away, outcome) => {
    const secret = await enrolled();
    const caller = await confirmed(await sealedTransfer(scene, desk, to("authenticator")));
    scene.clock.advance(4 * STEP_MS);
    expect(await prove(caller, authenticatorCode(secret, scene.clock.now() + away * STEP_MS))).toBe(outcome);
  });

  test("guessed five times makes the app wait for every link of the address, and a mailed code forgives nothing", async () => {
    const secret = await enrolled();
    const [one, two] = [
      await sealedTransfer(scene, desk, to("authenticator")),
      await sealedTransfer(scene, desk, to("authenticator")),
    ];
    const caller = await confirmed(one);
    const guesses = Array.from({ length: 50 }, () => prove(caller, wrongCode(secret)));
    expect(new Set(await Promise.all(guesses))).toEqual(new Set(["grant/factor-refused"]));
    expect((await entries()).filter((type) => type === "grant/factor-refused")).toHaveLength(
      FACTOR_FAILURES_BEFORE_WAIT,
    );
    expect(await prove(await confirmed(one), codeNow(secret))).toBe("grant/factor-refused");
    expect(await prove(await confirmed(two), codeNow(secret))).toBe("grant/factor-refused");
    scene.clock.advance(FACTOR_WAIT_MS);
    expect(await prove(await confirmed(two), codeNow(secret))).toBe("done");
    scene.clock.advance(STEP_MS);
    expect(await prove(await confirmed(one), codeNow(secret))).toBe("done");
  });

  test("wrong ten times in the life of a link closes it for good, right ones in between or not", async () => {
    const secret = await enrolled();
    const sealed = await sealedTransfer(scene, desk, to("authenticator"));
    for (let tries = 1; tries <= FACTOR_TRIES; tries++) {
      scene.clock.advance(2 * FACTOR_WAIT_MS);
      const caller = await confirmed(sealed);
      const last = tries === FACTOR_TRIES;
      expect(await prove(caller, wrongCode(secret))).toBe(last ? "grant/locked" : "grant/factor-refused");
      const isRightAccepted = !last && tries % FACTOR_FAILURES_BEFORE_WAIT !== 0;
      const right = isRightAccepted ? await prove(caller, codeNow(secret)) : "done";
      expect(right).toBe("done");
    }
    expect(await prove(await confirmed(sealed), codeNow(secret))).toBe("grant/locked");
    expect((await entries()).filter((type) => type === "grant/locked")).toHaveLength(1);
  });
});

describe("taking it away", () => {
  const factor = "authenticator";
  test("is for the recipient in a session that it opened, and links that demand it open no more", async () => {
    const secret = await enrolled();
    const [one, two] = [
      await sealedTransfer(scene, desk, to("authenticator")),
      await sealedTransfer(scene, desk, to("authenticator")),
    ];
    const withPasscode = await passcodeSession();
    expect(await outcomeOf(removeOwnFactor(scene.deps, withPasscode, { factor }))).toBe("grant/factor-required");
    const caller = await confirmed(one);
    await prove(caller, codeNow(secret));
    expect(await ownFactors(scene.deps, caller)).toEqual({ enrolled: [factor], removable: [factor] });
    expect(await outcomeOf(removeOwnFactor(scene.deps, caller, { factor }))).toBe("done");
    expect(await outcomeOf(removeOwnFactor(scene.deps, caller, { factor }))).toBe("factor/not-enrolled");
    expect((await entries()).at(-1)).toBe("factor/removed");
    expect(await asked()).toEqual([]);
    scene.clock.advance(STEP_MS);
    expect(await prove(await confirmed(two), codeNow(secret))).toBe("grant/factor-refused");
  });

  test("is for a member of the organisation, not of another one", async () => {
    await enrolled();
    const other = await scene.desk();
    const remove = (by: Desk) =>
      outcomeOf(removeRecipientFactor(scene.deps, by.caller, { address: "A@x.example", factor }));
    expect(await remove(other)).toBe("factor/not-enrolled");
    expect(await asked()).toEqual([factor]);
    const colleague = await scene.desk(desk.organisation);
    expect([await remove(colleague), await remove(colleague)]).toEqual(["done", "factor/not-enrolled"]);
    expect(await asked()).toEqual([]);
    const { body } = known((await scene.store.read((view) => view.leavesFrom(0, 100))).at(-1));
    expect(known(body)).not.toContain("x.example");
  });

  test("lets nobody who enrols afterwards open what was sent before", async () => {
    await enrolled();
    const sealed = await sealedTransfer(scene, desk, to("authenticator"));
    await removeRecipientFactor(scene.deps, desk.caller, { address: ADDRESS, factor });
    scene.clock.advance(1);
    const secret = await enrolled();
    expect(await prove(await confirmed(sealed), codeNow(secret))).toBe("grant/factor-refused");
    const fresh = await sealedTransfer(scene, desk, to("authenticator"));
    expect(await prove(await confirmed(fresh), codeNow(secret))).toBe("done");
  });
});

test("nothing is enrolled or taken away that the ledger does not hold", async () => {
  const caller = await passcodeSession();
  const { secret } = await beginAuthenticator(scene.deps, caller);
  scene.watch.before("tiles.writeTiles", () => {
    throw scene.outage("tiles");
  });
  const code = codeNow(secret);
  expect(await outcomeOf(confirmAuthenticator(scene.deps, caller, { code }))).toBe("ledger/unavailable");
});
