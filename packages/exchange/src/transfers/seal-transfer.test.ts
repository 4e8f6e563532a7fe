import { nodeCrypto } from "@safeconduct/crypto-node";
import {
  decodeSealRecord,
  decodeTerms,
  encodeSealRecord,
  encodeTerms,
  grantShareContext,
  type GrantTerms,
  sealShare,
  signSeal,
  termsHash,
} from "@safeconduct/envelope";
import { type Bytes, drawId } from "@safeconduct/foundation";
import {
  cheapCrypto,
  type Desk,
  ExchangeScene,
  filledDraft,
  known,
  outcomeOf,
  type PreparedTransfer,
  prepareTransfer,
  putPart,
  type Seal,
  SCENE_START,
} from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { draftTransfer } from "./draft-transfer.ts";
import { CLOCK_SKEW_MS, GRANT_LIFE_MAX_MS } from "./limits.ts";
import { sealTransfer } from "./seal-transfer.ts";

const crypto = cheapCrypto(nodeCrypto());
const TWO = [
  { address: "a.lindqvist@hospital.example", name: "A. Lindqvist" },
  { address: "b.moreau@payer.example", name: null },
];
/** Enough for a blob of more than one part. */
const LARGE_BYTES = 20 * 1024 * 1024;

let scene: ExchangeScene;
let desk: Desk;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
});

const seal = (request: Seal, by: Desk = desk) => sealTransfer(scene.deps, by.caller, request);
const stateOf = async ({ id }: PreparedTransfer) =>
  known(await scene.store.read((view) => view.findTransfer(id))).state;

/** The same transfer, with other terms for its first recipient. */
function withTerms({ seal: request }: PreparedTransfer, change: Partial<GrantTerms>): Seal {
  const [first, ...others] = request.grants;
  const terms = encodeTerms({ ...decodeTerms(known(first).terms), ...change });
  return { ...request, grants: [{ ...known(first), terms }, ...others] };
}

async function resigned(
  request: Seal,
  change: Partial<ReturnType<typeof decodeSealRecord>>,
  by: Desk = desk,
): Promise<Seal> {
  const record = { ...decodeSealRecord(request.record), ...change };
  const signature = await signSeal(crypto, { record, privateKey: by.device.signing.privateKey });
  return { ...request, record: encodeSealRecord(record), signature };
}

const flipped = (bytes: Bytes, at = 0): Bytes => {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
};

/** Refused with that code, and the draft stands as it was, with no grant and no entry more. */
async function expectRefused(prepared: PreparedTransfer, request: Seal, code: string, by: Desk = desk) {
  const before = await scene.entries();
  expect(await outcomeOf(seal(request, by))).toBe(code);
  expect(await stateOf(prepared)).toBe("draft");
  expect(await scene.entries()).toEqual(before);
  const grants = await scene.store.read((view) => view.grantsOf(prepared.id));
  expect(grants.map(({ kind }) => kind)).toEqual(["sender"]);
}

describe("a seal", () => {
  test("opens the transfer and makes one grant and one entry for each recipient", async () => {
    const prepared = await filledDraft(scene, desk, { recipients: TWO });
    const transfer = await seal(prepared.seal);
    expect(transfer.state).toBe("active");
    expect(await scene.entries(prepared.id)).toEqual([
      "transfer/drafted",
      "transfer/sealed",
      "grant/added",
      "grant/added",
    ]);
  });

  test("of the layout that an earlier client writes is taken as it is", async () => {
    const prepared = await filledDraft(scene, desk);
    expect(prepared.seal.record[0]).toBe(2);
    const earlier = await resigned(prepared.seal, { layout: 1 });
    const transfer = await seal(earlier);
    expect(transfer.state).toBe("active");
    expect(transfer.sealRecord).toEqual(earlier.record);
  });

  test("again is the same seal: no second grant, no second entry", async () => {
    const prepared = await filledDraft(scene, desk, { recipients: TWO });
    await seal(prepared.seal);
    expect((await seal(prepared.seal)).state).toBe("active");
    expect(await scene.entries(prepared.id)).toHaveLength(4);
  });

  test("is not acknowledged again while the entry of the first time waits for the tree", async () => {
    const prepared = await filledDraft(scene, desk);
    scene.watch.before("tiles.writeCheckpoint", () => {
      throw scene.outage("tiles");
    });
    expect(await outcomeOf(seal(prepared.seal))).toBe("ledger/unavailable");
    expect(await outcomeOf(seal(prepared.seal))).toBe("ledger/unavailable");
    scene.watch.clear();
    expect(await outcomeOf(seal(prepared.seal))).toBe("done");
    expect(scene.ledger.size).toBe(3);
  });

  test("twenty times at once opens it once", async () => {
    const prepared = await filledDraft(scene, desk, { recipients: TWO });
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcomeOf(seal(prepared.seal))));
    expect(new Set(outcomes)).toEqual(new Set(["done"]));
    expect(await scene.entries(prepared.id)).toHaveLength(4);
  });

  test("with another signature on a sealed transfer changes nothing", async () => {
    const prepared = await filledDraft(scene, desk);
    await seal(prepared.seal);
    const other = { ...prepared.seal, signature: flipped(prepared.seal.signature) };
    expect(await outcomeOf(seal(other))).toBe("transfer/not-draft");
  });

  test("after a lost answer of the key service goes through when repeated", async () => {
    const prepared = await filledDraft(scene, desk, { recipients: TWO });
    scene.watch.after("keys.addGrant", () => {
      throw scene.outage("keys");
    });
    await expectRefused(prepared, prepared.seal, "keys/unavailable");
    scene.watch.clear();
    expect((await seal(prepared.seal)).state).toBe("active");
  });
});

describe("a seal is refused and the draft stays", () => {
  test("with a part missing", async () => {
    const prepared = await prepareTransfer(scene, desk);
    await draftTransfer(scene.deps, desk.caller, prepared.draft);
    await expectRefused(prepared, prepared.seal, "transfer/parts-missing");
  });

  test("with one part of several missing", async () => {
    const prepared = await prepareTransfer(scene, desk, { files: [largeFile()] });
    expect(prepared.parts.length).toBeGreaterThan(1);
    await draftTransfer(scene.deps, desk.caller, prepared.draft);
    for (const { number } of prepared.parts.slice(1)) await putPart(scene, prepared, number);
    await expectRefused(prepared, prepared.seal, "transfer/parts-missing");
  });

  test("with a part replaced after the root was made", async () => {
    const prepared = await filledDraft(scene, desk);
    await putPart(scene, prepared, 1, flipped(known(prepared.parts[0]).bytes, 100));
    await expectRefused(prepared, prepared.seal, "transfer/seal-mismatch");
  });

  test("with a part replaced between the first look and the commit", async () => {
    const prepared = await filledDraft(scene, desk);
    scene.watch.before("keys.addGrant", async () => {
      await putPart(scene, prepared, 1, flipped(known(prepared.parts[0]).bytes, 100));
    });
    await expectRefused(prepared, prepared.seal, "transfer/seal-mismatch");
  });

  test("when it was given up between the first look and the commit", async () => {
    const prepared = await filledDraft(scene, desk);
    scene.watch.before("keys.addGrant", () =>
      scene.store.transaction((tx) => tx.updateTransfer(prepared.id, { state: "abandoned", destroyDueAt: 1 })),
    );
    expect(await outcomeOf(seal(prepared.seal))).toBe("transfer/not-draft");
    expect(await stateOf(prepared)).toBe("abandoned");
  });

  test("with two parts swapped", async () => {
    const prepared = await prepareTransfer(scene, desk, { files: [largeFile()] });
    await draftTransfer(scene.deps, desk.caller, prepared.draft);
    const [first, second] = prepared.parts;
    for (const { number } of prepared.parts) await putPart(scene, prepared, number);
    await putPart(scene, prepared, 1, known(second).bytes);
    await putPart(scene, prepared, 2, known(first).bytes);
    await expectRefused(prepared, prepared.seal, "transfer/seal-mismatch");
  });

  test("signed by another device", async () => {
    const prepared = await filledDraft(scene, desk);
    const other = await scene.desk(desk.organisation);
    await expectRefused(prepared, await resigned(prepared.seal, {}, other), "transfer/seal-mismatch");
  });

  test.each(["record", "signature"] as const)("with one bit of the %s changed", async (field) => {
    const prepared = await filledDraft(scene, desk);
    const request = { ...prepared.seal, [field]: flipped(prepared.seal[field], 60) };
    await expectRefused(prepared, request, "transfer/seal-mismatch");
  });

  test("with a record that is none", async () => {
    const prepared = await filledDraft(scene, desk);
    for (const record of [new Uint8Array(0), prepared.seal.record.slice(0, -1), new Uint8Array(150)])
      await expectRefused(prepared, { ...prepared.seal, record }, "transfer/seal-mismatch");
  });

  test.each([0, 3])("well signed but of version %i", async (version) => {
    const prepared = await filledDraft(scene, desk);
    const request = await resigned(prepared.seal, { layout: version as 1 });
    expect(request.record[0]).toBe(version);
    await expectRefused(prepared, request, "transfer/seal-mismatch");
  });

  test("whose version was changed after it was signed", async () => {
    const prepared = await filledDraft(scene, desk);
    const record = prepared.seal.record.slice();
    record[0] = 1;
    await expectRefused(prepared, { ...prepared.seal, record }, "transfer/seal-mismatch");
  });

  test("well signed but of another organisation, transfer or root", async () => {
    const prepared = await filledDraft(scene, desk);
    const changes = [
      { organisation: drawId("organisation", crypto.random) },
      { transfer: drawId("transfer", crypto.random) },
      { partsRoot: crypto.random.bytes(32) },
    ];
    for (const change of changes)
      await expectRefused(prepared, await resigned(prepared.seal, change), "transfer/seal-mismatch");
  });

  test("made for another transfer of the same sender", async () => {
    const prepared = await filledDraft(scene, desk);
    const other = await filledDraft(scene, desk);
    await expectRefused(prepared, { ...other.seal, transfer: prepared.id }, "transfer/seal-mismatch");
  });

  test.each([
    ["another organisation", { organisation: drawId("organisation", crypto.random) }],
    ["another transfer", { transfer: drawId("transfer", crypto.random) }],
    ["another grant", { grant: drawId("grant", crypto.random) }],
    ["the sender", { kind: "sender" }],
    ["another purpose", { purpose: "HRESCH" }],
    ["another profile", { profile: "viewable" }],
  ] as const)("with terms of %s", async (_, change) => {
    const prepared = await filledDraft(scene, desk);
    await expectRefused(prepared, withTerms(prepared, change), "transfer/bad-terms");
  });

  test("with terms that are none", async () => {
    const prepared = await filledDraft(scene, desk);
    const [grant] = prepared.seal.grants;
    const request = { ...prepared.seal, grants: [{ ...known(grant), terms: known(grant).terms.slice(1) }] };
    await expectRefused(prepared, request, "transfer/bad-terms");
  });

  test.each([
    ["in the past", SCENE_START - 1, "transfer/already-ended"],
    ["now", SCENE_START, "transfer/already-ended"],
    ["later than a link may live", SCENE_START + GRANT_LIFE_MAX_MS + CLOCK_SKEW_MS + 1, "transfer/life-too-long"],
  ])("with an end %s", async (_, notAfter, code) => {
    const prepared = await filledDraft(scene, desk);
    await expectRefused(prepared, withTerms(prepared, { notAfter }), code);
  });

  test.each([
    ["in a millisecond", SCENE_START + 1],
    ["at the latest moment", SCENE_START + GRANT_LIFE_MAX_MS + CLOCK_SKEW_MS],
  ])("but not for an end %s", async (_, notAfter) => {
    const prepared = await filledDraft(scene, desk);
    // The terms are fine; only the share was sealed under others.
    await expectRefused(prepared, withTerms(prepared, { notAfter }), "keys/bad-share");
  });

  test("naming a recipient twice, also in other letter case", async () => {
    for (const address of ["b@payer.example", "B@PAYER.example"]) {
      const recipients = [
        { address: "b@payer.example", name: null },
        { address, name: null },
      ];
      const prepared = await filledDraft(scene, desk, { recipients });
      await expectRefused(prepared, prepared.seal, "transfer/same-recipient-twice");
    }
  });

  test("using a grant id twice", async () => {
    const prepared = await filledDraft(scene, desk, { recipients: TWO });
    const [first, second] = prepared.seal.grants;
    const grants = [known(first), { ...known(second), grant: known(first).grant }];
    await expectRefused(prepared, { ...prepared.seal, grants }, "transfer/conflict");
  });

  test("using the id of a grant of another transfer, or of the sender's own", async () => {
    const prepared = await filledDraft(scene, desk);
    const other = await filledDraft(scene, desk);
    await seal(other.seal);
    for (const grant of [known(other.seal.grants[0]).grant, prepared.draft.senderGrant.grant]) {
      const terms = encodeTerms({ ...decodeTerms(known(prepared.seal.grants[0]).terms), grant });
      const ids = { organisation: desk.organisation.id, transfer: prepared.id, grant };
      const sealedGrantShare = await sealShare(crypto, {
        publicKey: (await scene.keys.publicKeys()).intake.publicKey,
        context: grantShareContext({ ...ids, termsHash: termsHash(crypto.sha256, terms) }),
        share: crypto.random.bytes(32),
      });
      const grants = [{ ...known(prepared.seal.grants[0]), grant, terms, sealedGrantShare }];
      await expectRefused(prepared, { ...prepared.seal, grants }, "keys/conflict");
    }
  });

  test("while the key service is away", async () => {
    const prepared = await filledDraft(scene, desk);
    scene.watch.before("keys.addGrant", () => {
      throw scene.outage("keys");
    });
    await expectRefused(prepared, prepared.seal, "keys/unavailable");
  });

  test("by a colleague, a stranger or for a transfer that is not there: all look the same", async () => {
    const prepared = await filledDraft(scene, desk);
    await expectRefused(prepared, prepared.seal, "transfer/unknown", await scene.desk(desk.organisation));
    await expectRefused(prepared, prepared.seal, "transfer/unknown", await scene.desk());
    const nowhere = { ...prepared.seal, transfer: drawId("transfer", crypto.random) };
    await expectRefused(prepared, nowhere, "transfer/unknown");
  });
});

function largeFile() {
  return {
    path: "scan.bin",
    mediaType: "application/octet-stream",
    sizeBytes: LARGE_BYTES,
    read: async (offset: number, length: number) => new Uint8Array(Math.min(length, LARGE_BYTES - offset)),
  };
}
