import { nodeCrypto } from "@safeconduct/crypto-node";
import { canonicalPasscode, decodeTerms, hashPasscode, parseFragment, passcodeVerifier } from "@safeconduct/envelope";
import type { Sending } from "@safeconduct/client";
import type { Bytes } from "@safeconduct/foundation";
import {
  cheapCrypto,
  type Desk,
  ExchangeScene,
  filledDraft,
  known,
  outcomeOf,
  type SealedTransfer,
  sealedTransfer,
} from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import type { RecipientCaller } from "../callers.ts";
import { draftTransfer } from "../transfers/draft-transfer.ts";
import { sealTransfer } from "../transfers/seal-transfer.ts";
import { CODE_RESEND_MS } from "./code.ts";
import { VERIFICATION_LIFE_MS } from "./confirm-address.ts";
import { FACTOR_FAILURES_BEFORE_WAIT, FACTOR_WAIT_MS } from "./factor-attempt.ts";
import { provePasscode } from "./prove-passcode.ts";
import { blobTarget } from "./read-blob.ts";
import { recordReceipt } from "./record-receipt.ts";
import { release } from "./release.ts";
import { FACTOR_TRIES } from "./second-factor.ts";
import { showInvitation } from "./show-invitation.ts";

const crypto = cheapCrypto(nodeCrypto());
const PASSCODE = "7K3QX-9MPA2";
const ADDRESSES = ["a@x.example", "b@x.example"];
const REGULATED: Partial<Sending> & Pick<Sending, "recipients"> = {
  handling: "regulated",
  lifeMs: 6 * 24 * 3_600_000,
  recipients: ADDRESSES.map((address) => ({
    address,
    name: null,
    secondFactor: { kind: "passcode", passcode: PASSCODE },
  })),
};

let scene: ExchangeScene;
let desk: Desk;
let sealed: SealedTransfer;
let caller: RecipientCaller;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
  sealed = await sealedTransfer(scene, desk, REGULATED);
  caller = await scene.confirmed(sealed.grant);
});

/** What the device of the recipient with this link would show. */
async function verifier(passcode = PASSCODE, of = 0): Promise<Bytes> {
  const { organisation, transfer, grant, secondFactor } = decodeTerms(known(sealed.seal.grants[of]).terms);
  if (secondFactor?.kind !== "passcode") throw new Error("no passcode is demanded");
  const { linkSecret } = known(parseFragment(known(known(sealed.sent.links[of]).link.split("#")[1])) ?? undefined);
  const canonical = known(canonicalPasscode(passcode) ?? undefined);
  const passcodeHash = await hashPasscode(crypto, { passcode: canonical, factor: secondFactor });
  return passcodeVerifier(crypto, { organisation, transfer, grant, linkSecret, passcodeHash });
}

const prove = (shown: Bytes, as = caller) => outcomeOf(provePasscode(scene.deps, as, { verifier: shown }));
const wrong = () => prove(scene.random.bytes(32));
const freshKey = async () => (await crypto.hpke.generateKeyPair()).publicKey;
const releaseTo = async (as = caller) => outcomeOf(release(scene.deps, as, await freshKey()));
const grantNow = async () => known(await scene.store.read((view) => view.findGrant(sealed.grant)));
const entries = async () => (await scene.entries(sealed.id)).filter((type) => /factor|locked/.test(type));
async function confirmAgain(): Promise<RecipientCaller> {
  scene.clock.advance(CODE_RESEND_MS);
  return scene.confirmed(sealed.grant);
}

describe("without the passcode", () => {
  test("a confirmed recipient is given no shares, no address of the bytes, and can say no receipt", async () => {
    expect(await releaseTo()).toBe("grant/factor-required");
    expect(await outcomeOf(blobTarget(scene.deps, caller))).toBe("grant/factor-required");
    expect(await outcomeOf(recordReceipt(scene.deps, caller, { files: 1 }))).toBe("grant/factor-required");
    expect(scene.watch.calls.filter((call) => call === "keys.release")).toEqual([]);
    expect(await scene.entries(sealed.id)).not.toContain("grant/released");
  });

  test("the link alone does not say that one is needed", async () => {
    const open = await sealedTransfer(scene, desk, { recipients: [{ address: "a@x.example", name: null }] });
    const shown = async (grant: typeof sealed.grant) => Object.keys(await showInvitation(scene.deps, grant)).toSorted();
    expect(await shown(sealed.grant)).toEqual(await shown(open.grant));
  });
});

describe("the right passcode", () => {
  test("lets this session have the release, and is one entry", async () => {
    expect(await prove(await verifier())).toBe("done");
    expect(await prove(await verifier())).toBe("done");
    expect(await releaseTo()).toBe("done");
    expect(await outcomeOf(blobTarget(scene.deps, caller))).toBe("done");
    expect(await outcomeOf(recordReceipt(scene.deps, caller, { files: 1 }))).toBe("done");
    expect(await entries()).toEqual(["grant/factor-passed"]);
  });

  test("counts for this session only: another one of the same recipient needs it too", async () => {
    expect(await prove(await verifier())).toBe("done");
    const other = await confirmAgain();
    expect(await releaseTo(other)).toBe("grant/factor-required");
    expect(await releaseTo()).toBe("done");
  });

  test("of another recipient of the same transfer, with the same passcode, does not open this grant", async () => {
    expect(await prove(await verifier(PASSCODE, 1))).toBe("grant/factor-refused");
    expect(await releaseTo()).toBe("grant/factor-required");
  });

  test("does nothing for a session that has ended", async () => {
    scene.clock.advance(VERIFICATION_LIFE_MS);
    expect(await prove(await verifier())).toBe("grant/session-required");
    expect(await releaseTo()).toBe("grant/session-required");
  });

  test("does nothing through a session of another grant", async () => {
    const other = await scene.confirmed(known(sealed.grants[1]));
    expect(await prove(await verifier(PASSCODE, 1), other)).toBe("done");
    // Somebody who could forge the grant of a caller would still be held against the stored session.
    expect(await releaseTo({ ...caller, session: other.session })).toBe("grant/session-required");
    expect(await prove(await verifier(), { ...caller, session: other.session })).toBe("grant/session-required");
  });

  test("is not what the database keeps: the stored hash passes for nothing", async () => {
    const stored = known((await grantNow()).passcodeVerifierHash ?? undefined);
    expect(await prove(stored)).toBe("grant/factor-refused");
    expect(await prove(crypto.sha256(stored))).toBe("grant/factor-refused");
  });

  test("is acknowledged only when its entry is durable", async () => {
    scene.watch.before("tiles.writeTiles", () => {
      throw scene.outage("tiles");
    });
    expect(await prove(await verifier())).toBe("ledger/unavailable");
    scene.watch.clear();
    expect(await prove(await verifier())).toBe("done");
    expect(await entries()).toEqual(["grant/factor-passed"]);
  });
});

describe("wrong passcodes", () => {
  test("are recorded, and after the fifth nothing is looked at for a while", async () => {
    for (let tries = 0; tries < FACTOR_FAILURES_BEFORE_WAIT; tries++)
      expect(await wrong()).toBe("grant/factor-refused");
    expect(await prove(await verifier())).toBe("grant/factor-refused");
    scene.clock.advance(FACTOR_WAIT_MS - 1);
    expect(await prove(await verifier())).toBe("grant/factor-refused");
    expect(await entries()).toHaveLength(FACTOR_FAILURES_BEFORE_WAIT);
    scene.clock.advance(1);
    expect(await prove(await verifier())).toBe("done");
  });

  test("fifty at once are five, and the right one among them in whatever order is one try", async () => {
    for (const place of [0, 25, 49]) {
      sealed = await sealedTransfer(scene, desk, REGULATED);
      caller = await scene.confirmed(sealed.grant);
      const right = await verifier();
      const shown = Array.from({ length: 50 }, (_, at) => (at === place ? right : scene.random.bytes(32)));
      const outcomes = await Promise.all(shown.map((each) => prove(each)));
      expect(outcomes.filter((outcome) => outcome === "done")).toHaveLength(place === 0 ? 50 : 0);
      expect((await grantNow()).factorFailures).toBe(place === 0 ? 0 : FACTOR_FAILURES_BEFORE_WAIT);
    }
  });

  test("are ten in a grant's whole life, over all codes and sessions, and then only a fresh link helps", async () => {
    let as = caller;
    for (let tries = 1; tries <= FACTOR_TRIES; tries++) {
      scene.clock.advance(2 * FACTOR_WAIT_MS);
      as = await confirmAgain();
      expect(await prove(scene.random.bytes(32), as)).toBe(
        tries === FACTOR_TRIES ? "grant/locked" : "grant/factor-refused",
      );
    }
    scene.clock.advance(24 * 3_600_000);
    as = await confirmAgain();
    expect(await prove(await verifier(), as)).toBe("grant/locked");
    expect(await releaseTo(as)).toBe("grant/factor-required");
    expect((await entries()).filter((type) => type === "grant/locked")).toHaveLength(1);
    expect(await entries()).toHaveLength(FACTOR_TRIES + 1);
  });

  test("are not forgotten when the right one comes in between", async () => {
    for (let tries = 1; tries < FACTOR_FAILURES_BEFORE_WAIT; tries++) await wrong();
    expect(await prove(await verifier())).toBe("done");
    expect((await grantNow()).factorFailures).toBe(FACTOR_FAILURES_BEFORE_WAIT - 1);
  });

  test("of one recipient do not lock out another", async () => {
    for (let tries = 0; tries < FACTOR_FAILURES_BEFORE_WAIT; tries++) await wrong();
    const other = await scene.confirmed(known(sealed.grants[1]));
    expect(await prove(await verifier(PASSCODE, 1), other)).toBe("done");
  });

  test("are not taken where no passcode is demanded", async () => {
    const open = await sealedTransfer(scene, desk);
    const recipient = await scene.confirmed(open.grant);
    expect(await prove(scene.random.bytes(32), recipient)).toBe("grant/factor-refused");
    expect(await releaseTo(recipient)).toBe("done");
    expect((await scene.entries(open.id)).filter((type) => type.includes("factor"))).toEqual([]);
  });
});

describe("a seal", () => {
  const sealAs = async (fields: Parameters<typeof filledDraft>[2], change: object = {}) => {
    const prepared = await filledDraft(scene, desk, fields);
    const grants = prepared.seal.grants.map((grant) => ({ ...grant, ...change }));
    return { prepared, outcome: await outcomeOf(sealTransfer(scene.deps, desk.caller, { ...prepared.seal, grants })) };
  };

  test("of regulated files without a second factor is refused, and nothing is open to anybody", async () => {
    const bare = [{ address: "a@x.example", name: null }];
    const { prepared, outcome } = await sealAs({ ...REGULATED, recipients: bare });
    expect(outcome).toBe("transfer/second-factor-required");
    expect(await scene.entries(prepared.id)).toEqual(["transfer/drafted"]);
    const mixed = await sealAs({
      ...REGULATED,
      recipients: [...REGULATED.recipients, { address: "c@x.example", name: null }],
    });
    expect(mixed.outcome).toBe("transfer/second-factor-required");
  });

  test("takes no passcode without its verifier's hash, and no hash without a passcode", async () => {
    expect((await sealAs(REGULATED, { passcodeVerifierHash: null })).outcome).toBe("transfer/bad-terms");
    expect((await sealAs({}, { passcodeVerifierHash: new Uint8Array(32) })).outcome).toBe("transfer/bad-terms");
  });

  test("says in the ledger how files are handled and which factor each recipient needs", async () => {
    const leaves = await scene.store.read((view) => view.eventsOf(sealed.id));
    const details = leaves.map(({ type, body }) => ({ type, detail: JSON.parse(body ?? "{}").detail as object }));
    const ofType = (type: string) => details.filter((each) => each.type === type).map(({ detail }) => detail);
    expect(ofType("transfer/drafted")).toMatchObject([{ handling: "regulated" }]);
    expect(ofType("transfer/sealed")).toMatchObject([{ handling: "regulated" }]);
    expect(ofType("grant/added")).toMatchObject(ADDRESSES.map(() => ({ secondFactor: "passcode" })));
  });

  test("may still demand a passcode for public files", async () => {
    sealed = await sealedTransfer(scene, desk, { ...REGULATED, handling: "public" });
    caller = await scene.confirmed(sealed.grant);
    expect(await releaseTo()).toBe("grant/factor-required");
    expect(await prove(await verifier())).toBe("done");
    expect(await releaseTo()).toBe("done");
  });

  test("stands by what the draft said of the files: the same draft with another word is another one", async () => {
    const prepared = await filledDraft(scene, desk, {});
    const again = { ...prepared.draft, handling: "regulated" } as const;
    expect(await outcomeOf(draftTransfer(scene.deps, desk.caller, again))).toBe("transfer/conflict");
  });
});
