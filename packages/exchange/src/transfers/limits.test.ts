import { nodeCrypto } from "@safeconduct/crypto-node";
import { decodeTerms, encodeTerms } from "@safeconduct/envelope";
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
} from "@safeconduct/testkit";
import { beforeEach, expect, test } from "vitest";
import { draftTransfer } from "./draft-transfer.ts";
import { OPEN_DRAFTS_LIMIT, OPEN_DRAFTS_PER_MEMBER, RELEASE_CAP_MAX } from "./limits.ts";
import { abandonTransfer } from "./revoke.ts";
import { sealTransfer } from "./seal-transfer.ts";

const crypto = cheapCrypto(nodeCrypto());
let scene: ExchangeScene;
let desk: Desk;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
});

const draft = ({ draft: request }: PreparedTransfer, by: Desk = desk) =>
  outcomeOf(draftTransfer(scene.deps, by.caller, request));

/** Drafts that nobody filled, besides the one given. */
async function withDrafts(count: number, like: PreparedTransfer): Promise<void> {
  await scene.store.transaction(async (tx) => {
    const model = known(await tx.findTransfer(like.id));
    for (let made = 0; made < count; made++) await tx.addTransfer({ ...model, id: drawId("transfer", scene.random) });
  });
}

test.each([
  [OPEN_DRAFTS_PER_MEMBER - 1, "done"],
  [OPEN_DRAFTS_PER_MEMBER, "transfer/too-many-drafts"],
])("a member with %i open drafts begins another: %s", async (open, outcome) => {
  const first = await filledDraft(scene, desk);
  await withDrafts(open - 1, first);
  expect(await draft(await prepareTransfer(scene, desk))).toBe(outcome);
  expect(await draft(first)).toBe("done");
});

test("one draft given up makes room for another", async () => {
  const first = await filledDraft(scene, desk);
  await withDrafts(OPEN_DRAFTS_PER_MEMBER - 1, first);
  const next = await prepareTransfer(scene, desk);
  expect(await draft(next)).toBe("transfer/too-many-drafts");
  expect(scene.watch.calls.filter((call) => call === "keys.addTransfer")).toHaveLength(1);
  await abandonTransfer(scene.deps, desk.caller, first.id);
  expect(await draft(next)).toBe("done");
});

test("drafts of all members together have an end too", async () => {
  const first = await filledDraft(scene, desk);
  await withDrafts(OPEN_DRAFTS_LIMIT - 2, first);
  const colleague = await scene.desk(desk.organisation);
  const [last, over] = [await prepareTransfer(scene, colleague), await prepareTransfer(scene, colleague)];
  expect([await draft(last, colleague), await draft(over, colleague)]).toEqual(["done", "transfer/too-many-drafts"]);
});

test.each([
  [RELEASE_CAP_MAX - 1, "keys/bad-share"],
  [RELEASE_CAP_MAX, "keys/bad-share"],
  [RELEASE_CAP_MAX + 1, "transfer/bad-terms"],
])("a cap of %i is judged: %s", async (releaseCap, outcome) => {
  const { seal } = await filledDraft(scene, desk);
  const [grant] = seal.grants;
  const terms = encodeTerms({ ...decodeTerms(known(grant).terms), releaseCap });
  // A cap within the limit passes the terms; only the share was sealed under others.
  const request = { ...seal, grants: [{ ...known(grant), terms }] };
  expect(await outcomeOf(sealTransfer(scene.deps, desk.caller, request))).toBe(outcome);
});
