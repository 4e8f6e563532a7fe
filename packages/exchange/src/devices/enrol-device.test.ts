import { LIMITS } from "@safeconduct/contract";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { drawId } from "@safeconduct/foundation";
import { cheapCrypto, type Desk, ExchangeScene, outcomeOf } from "@safeconduct/testkit";
import { beforeEach, expect, test } from "vitest";
import { enrolDevice } from "./enrol-device.ts";

const crypto = cheapCrypto(nodeCrypto());
let scene: ExchangeScene;
let desk: Desk;
let keys: Parameters<typeof enrolDevice>[2];
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
  keys = {
    device: drawId("device", crypto.random),
    name: "front desk",
    signingPublicKey: crypto.random.bytes(32),
    hpkePublicKey: crypto.random.bytes(1249),
    memberPublicKey: crypto.random.bytes(1249),
    wrappedMemberKey: crypto.random.bytes(80),
  };
});

const enrol = (change: Partial<typeof keys> = {}, by: Desk = desk) =>
  outcomeOf(enrolDevice(scene.deps, by.caller, { ...keys, ...change }));

test("a device is enrolled once; the same keys again change nothing", async () => {
  const outcomes = await Promise.all([enrol(), enrol(), enrol({ wrappedMemberKey: crypto.random.bytes(80) })]);
  expect(outcomes).toEqual(["done", "done", "done"]);
  expect(await scene.entries()).toEqual(["device/enrolled"]);
});

test.each(["signingPublicKey", "hpkePublicKey", "memberPublicKey"] as const)(
  "another %s under the same id conflicts, and the first stays",
  async (field) => {
    await enrol();
    expect(await enrol({ [field]: crypto.random.bytes(keys[field].length) })).toBe("device/conflict");
    const held = await scene.store.read((view) => view.findDevice(keys.device));
    expect(held).toMatchObject({ [field]: keys[field] });
    expect(await scene.entries()).toHaveLength(1);
  },
);

test("the id of a colleague's device conflicts, with the very same keys too", async () => {
  await enrol();
  expect(await enrol({}, await scene.desk(desk.organisation))).toBe("device/conflict");
});

test("a member has a hundred devices and no more; a colleague still enrols", async () => {
  const enrolAnother = (by = desk) => enrol({ device: drawId("device", crypto.random) }, by);
  // The desk came with the first.
  for (let device = 2; device <= LIMITS.devicesPerMember; device++) expect(await enrolAnother()).toBe("done");
  expect(await enrolAnother()).toBe("device/too-many");
  expect(await enrolAnother(await scene.desk(desk.organisation))).toBe("done");
  expect(await scene.entries()).toHaveLength(LIMITS.devicesPerMember);
});
