import { nodeCrypto } from "@safeconduct/crypto-node";
import { decodeTerms, encodeTerms, type GrantTerms } from "@safeconduct/envelope";
import { drawId } from "@safeconduct/foundation";
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
  SCENE_START,
  sealedTransfer,
  streamOf,
} from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { type Draft, draftTransfer } from "./draft-transfer.ts";
import { CLOCK_SKEW_MS, SENDER_GRANT_LIFE_MAX_MS } from "./limits.ts";
import { abandonTransfer, revokeTransfer } from "./revoke.ts";
import { heldParts, partTargets, storePart } from "./upload-parts.ts";

const crypto = cheapCrypto(nodeCrypto());
let scene: ExchangeScene;
let desk: Desk;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
});

const draft = (request: Draft, by: Desk = desk) => draftTransfer(scene.deps, by.caller, request);
const find = ({ id }: Pick<PreparedTransfer, "id">) => scene.store.read((view) => view.findTransfer(id));

function withTerms({ draft: request }: PreparedTransfer, change: Partial<GrantTerms>): Draft {
  const terms = encodeTerms({ ...decodeTerms(request.senderGrant.terms), ...change });
  return { ...request, senderGrant: { ...request.senderGrant, terms } };
}

describe("a draft", () => {
  test("puts both shares into the key service before the transfer stands, with one entry", async () => {
    const prepared = await prepareTransfer(scene, desk);
    await draft(prepared.draft);
    const { calls } = scene.watch;
    expect(calls.indexOf("keys.addTransfer")).toBeLessThan(calls.indexOf("keys.addGrant"));
    expect(calls.indexOf("keys.addGrant")).toBeLessThan(calls.lastIndexOf("store.transaction"));
    expect(known(await find(prepared)).state).toBe("draft");
    expect(await scene.entries()).toEqual(["transfer/drafted"]);
  });

  test("again is the same draft, also twenty times at once", async () => {
    const prepared = await prepareTransfer(scene, desk);
    const made = await Promise.all(Array.from({ length: 20 }, () => draft(prepared.draft)));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect(await scene.entries()).toEqual(["transfer/drafted"]);
  });

  test("is not acknowledged again while the entry of the first time waits for the tree", async () => {
    const prepared = await prepareTransfer(scene, desk);
    scene.watch.before("tiles.writeTiles", () => {
      throw scene.outage("tiles");
    });
    expect(await outcomeOf(draft(prepared.draft))).toBe("ledger/unavailable");
    expect(await outcomeOf(draft(prepared.draft))).toBe("ledger/unavailable");
    scene.watch.clear();
    expect(await outcomeOf(draft(prepared.draft))).toBe("done");
    expect(scene.ledger.size).toBe(1);
  });

  test.each([
    ["another length", (d: Draft): Draft => ({ ...d, blobLengthBytes: d.blobLengthBytes + 1 })],
    ["another number of parts", (d: Draft): Draft => ({ ...d, partCount: d.partCount + 1 })],
  ])("with %s under the same id conflicts", async (_, change) => {
    const prepared = await prepareTransfer(scene, desk);
    await draft(prepared.draft);
    expect(await outcomeOf(draft(change(prepared.draft)))).toBe("transfer/conflict");
    expect(await scene.entries()).toHaveLength(1);
  });

  test("under the id of a colleague's transfer conflicts, and the colleague's stays", async () => {
    const prepared = await prepareTransfer(scene, desk);
    await draft(prepared.draft);
    const colleague = await scene.desk(desk.organisation);
    const request = { ...prepared.draft, device: colleague.device.device };
    expect(await outcomeOf(draft(request, colleague))).toBe("transfer/conflict");
    expect(known(await find(prepared)).member).toBe(desk.member.id);
  });

  test("from a device that is not enrolled, or a colleague's, is refused without a trace", async () => {
    const prepared = await prepareTransfer(scene, desk);
    const colleague = await scene.desk(desk.organisation);
    for (const device of [drawId("device", crypto.random), colleague.device.device]) {
      expect(await outcomeOf(draft({ ...prepared.draft, device }))).toBe("device/unknown");
      expect(await find(prepared)).toBeNull();
    }
    expect(await scene.entries()).toEqual([]);
  });

  test.each([
    ["another organisation", { organisation: drawId("organisation", crypto.random) }],
    ["another transfer", { transfer: drawId("transfer", crypto.random) }],
    ["another grant", { grant: drawId("grant", crypto.random) }],
    ["a recipient", { kind: "recipient" }],
    ["another purpose", { purpose: "HMARKT" }],
    ["another profile", { profile: "viewable" }],
  ] as const)("with terms of %s is refused before the key service hears of it", async (_, change) => {
    const prepared = await prepareTransfer(scene, desk);
    expect(await outcomeOf(draft(withTerms(prepared, change)))).toBe("transfer/bad-terms");
    const asked = new Set(scene.watch.calls.filter((call) => call.startsWith("keys.")));
    expect([...asked]).toEqual(["keys.publicKeys"]);
  });

  test.each([
    ["now", SCENE_START, "transfer/already-ended"],
    ["in a millisecond", SCENE_START + 1, "keys/bad-share"],
    ["at the latest moment", SCENE_START + SENDER_GRANT_LIFE_MAX_MS + CLOCK_SKEW_MS, "keys/bad-share"],
    ["later than that", SCENE_START + SENDER_GRANT_LIFE_MAX_MS + CLOCK_SKEW_MS + 1, "transfer/life-too-long"],
  ])("with an own grant that ends %s is judged by that end", async (_, notAfter, code) => {
    const prepared = await prepareTransfer(scene, desk);
    expect(await outcomeOf(draft(withTerms(prepared, { notAfter })))).toBe(code);
  });

  test.each(["keys.addTransfer", "keys.addGrant"])("goes through when repeated after %s failed", async (call) => {
    const prepared = await prepareTransfer(scene, desk);
    for (const when of ["before", "after"] as const) {
      scene.watch[when](call, () => {
        throw scene.outage("keys");
      });
      expect(await outcomeOf(draft(prepared.draft))).toBe("keys/unavailable");
      expect(await find(prepared)).toBeNull();
      scene.watch.clear();
    }
    expect(await outcomeOf(draft(prepared.draft))).toBe("done");
  });

  test("cannot come back once its share is destroyed", async () => {
    const prepared = await filledDraft(scene, desk);
    await abandonTransfer(scene.deps, desk.caller, prepared.id);
    await scene.sweep();
    expect(await outcomeOf(draft(prepared.draft))).toBe("keys/shredded");
  });
});

describe("a part", () => {
  const targets = (prepared: PreparedTransfer, number: number, sizeBytes: number, by = desk) =>
    outcomeOf(partTargets(scene.deps, by.caller, { transfer: prepared.id, parts: [{ number, sizeBytes }] }));

  test("belongs to the transfer by number and size, one below, at and one above", async () => {
    const prepared = await filledDraft(scene, desk);
    const { blobLengthBytes, partCount } = prepared.draft;
    const outcomes = [];
    for (const number of [0, 1, partCount, partCount + 1]) outcomes.push(await targets(prepared, number, 1));
    for (const size of [0, 1, blobLengthBytes, blobLengthBytes + 1]) outcomes.push(await targets(prepared, 1, size));
    const [out, fits] = ["transfer/bad-part", "done"];
    expect(outcomes).toEqual([out, fits, fits, out, out, fits, fits, out]);
  });

  test("outside the transfer is not stored", async () => {
    const prepared = await filledDraft(scene, desk);
    expect(await outcomeOf(putPart(scene, prepared, 2, new Uint8Array(5)))).toBe("transfer/bad-part");
    expect(scene.watch.calls.filter((call) => call === "blobs.putPart")).toHaveLength(1);
  });

  test("put again before the seal replaces the one that was there", async () => {
    const prepared = await filledDraft(scene, desk);
    const { sizeBytes, sha256 } = await putPart(scene, prepared, 1, crypto.random.bytes(40));
    expect(await heldParts(scene.deps, desk.caller, prepared.id)).toEqual([{ number: 1, sizeBytes, sha256 }]);
  });

  test("after the seal is refused, and the bytes stay", async () => {
    const sealed = await sealedTransfer(scene, desk);
    const before = scene.watch.calls.filter((call) => call === "blobs.putPart").length;
    expect(await outcomeOf(putPart(scene, sealed))).toBe("transfer/not-draft");
    expect(await targets(sealed, 1, 1)).toBe("transfer/not-draft");
    expect(scene.watch.calls.filter((call) => call === "blobs.putPart")).toHaveLength(before);
  });

  test("of another length than announced is not held", async () => {
    const prepared = await prepareTransfer(scene, desk);
    await draft(prepared.draft);
    for (const sizeBytes of [9, 11]) {
      const body = streamOf(new Uint8Array(10));
      const stored = storePart(scene.deps, { transfer: prepared.id, number: 1, sizeBytes, body });
      expect(await outcomeOf(stored)).toBe("storage/part-size");
    }
    expect(await heldParts(scene.deps, desk.caller, prepared.id)).toEqual([]);
  });

  test("that could not be stored is not held", async () => {
    const prepared = await prepareTransfer(scene, desk);
    await draft(prepared.draft);
    scene.watch.before("blobs.putPart", () => {
      throw scene.outage("blobs");
    });
    expect(await outcomeOf(putPart(scene, prepared))).toBe("storage/full");
    expect(await heldParts(scene.deps, desk.caller, prepared.id)).toEqual([]);
  });

  test("still on its way when its transfer is destroyed leaves no bytes behind", async () => {
    const prepared = await filledDraft(scene, desk);
    scene.watch.before("blobs.putPart", async () => {
      scene.watch.clear();
      await abandonTransfer(scene.deps, desk.caller, prepared.id);
      await scene.sweep();
    });
    expect(await outcomeOf(putPart(scene, prepared))).toBe("transfer/not-draft");
    expect(await scene.storedBlobs()).toEqual([]);
  });

  test("of a transfer that is not there is refused", async () => {
    const prepared = await prepareTransfer(scene, desk);
    expect(await outcomeOf(putPart(scene, prepared))).toBe("transfer/unknown");
    expect(await targets(prepared, 1, 1)).toBe("transfer/unknown");
  });
});

describe("giving up", () => {
  test("ends a draft, destroys its share and its parts", async () => {
    const prepared = await filledDraft(scene, desk);
    await abandonTransfer(scene.deps, desk.caller, prepared.id);
    await scene.sweep();
    expect(known(await find(prepared)).state).toBe("destroyed");
    expect(await scene.entries(prepared.id)).toEqual(["transfer/drafted", "transfer/abandoned", "transfer/destroyed"]);
    expect(await scene.storedBlobs()).toEqual([]);
  });

  test("is for drafts alone, and once", async () => {
    const sealed = await sealedTransfer(scene, desk);
    expect(await outcomeOf(abandonTransfer(scene.deps, desk.caller, sealed.id))).toBe("transfer/not-draft");
    const prepared = await filledDraft(scene, desk);
    expect(await outcomeOf(revokeTransfer(scene.deps, desk.caller, prepared.id))).toBe("transfer/not-active");
    await abandonTransfer(scene.deps, desk.caller, prepared.id);
    expect(await outcomeOf(abandonTransfer(scene.deps, desk.caller, prepared.id))).toBe("transfer/not-draft");
  });
});
