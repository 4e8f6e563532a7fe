/** Part of the store suite: a member's chain of devices, the member key sealed to each, and devices that ask to be let in. */
import { randomBytes } from "node:crypto";
import { copyBytes } from "@safeconduct/foundation";
import { expect, test } from "vitest";
import { aClinic, aDevice, aDeviceRequest, unknownId } from "./store-records.ts";
import type { StoreOfTest } from "./store-of-test.ts";

const CONFLICT = { code: "store/conflict" };
const bytes = () => copyBytes(randomBytes(40));

export function storeDevicesSuite(store: StoreOfTest): void {
  test("a member's devices come in their order, removed ones too, and nobody else's", async () => {
    const { of, device } = await aClinic(store());
    const other = await aClinic(store());
    const paper = aDevice({ ...of, kind: "recovery", sealedKeys: bytes(), createdAt: 1 });
    const gone = aDevice({ ...of, removedAt: 5 });
    await store().transaction(async (tx) => {
      await tx.addDevice(gone);
      await tx.addDevice(paper);
    });
    await store().read(async (view) => {
      expect(await view.devicesOf(of.member)).toEqual([device, gone, paper]);
      expect(await view.devicesOf(other.of.member)).toEqual([other.device]);
      expect(await view.deviceCount(of.member)).toBe(3);
    });
  });

  test("a device that goes takes its sealed keys and the member keys sealed to it along", async () => {
    const { of, device } = await aClinic(store());
    const paper = aDevice({ ...of, kind: "recovery", sealedKeys: bytes() });
    const wrap = (holder: typeof device.id, generation: number) => ({
      member: of.member,
      generation,
      holder,
      sealed: bytes(),
    });
    const [second, first, lost] = [wrap(device.id, 2), wrap(device.id, 1), wrap(paper.id, 3)];
    await store().transaction(async (tx) => {
      await tx.addDevice(paper);
      for (const each of [second, first, lost]) await tx.addMemberKeyWrap(each);
      await expect(tx.addMemberKeyWrap(wrap(device.id, 1))).rejects.toMatchObject(CONFLICT);
    });
    expect(await store().read((view) => view.memberKeyWrapsOf(of.member))).toEqual([first, second, lost]);
    await store().transaction((tx) => tx.removeDevice(paper.id, 7));
    await store().read(async (view) => {
      expect(await view.memberKeyWrapsOf(of.member)).toEqual([first, second]);
      expect(await view.findDevice(paper.id)).toEqual({ ...paper, sealedKeys: null, removedAt: 7 });
      expect(await view.findDevice(device.id)).toEqual(device);
    });
  });

  test("statements come by position, once each, and are forgotten with the member keys of that member alone", async () => {
    const [clinic, other] = [await aClinic(store()), await aClinic(store())];
    const statement = (member: typeof clinic.of.member, position: number) => ({
      member,
      position,
      statement: bytes(),
      signature: copyBytes(randomBytes(64)),
    });
    const { member } = clinic.of;
    const [one, zero, others] = [statement(member, 1), statement(member, 0), statement(other.of.member, 0)];
    await store().transaction(async (tx) => {
      for (const each of [one, zero, others]) await tx.addStatement(each);
      await expect(tx.addStatement(statement(member, 1))).rejects.toMatchObject(CONFLICT);
      await tx.addMemberKeyWrap({ member, generation: 1, holder: clinic.device.id, sealed: bytes() });
    });
    expect(await store().read((view) => view.statementsOf(member))).toEqual([zero, one]);
    await store().transaction((tx) => tx.forgetMemberChain(member));
    await store().read(async (view) => {
      expect(await view.statementsOf(member)).toEqual([]);
      expect(await view.memberKeyWrapsOf(member)).toEqual([]);
      expect(await view.statementsOf(other.of.member)).toEqual([others]);
    });
  });

  test("a device that asks is found until it is forgotten, with its approval", async () => {
    const { of } = await aClinic(store());
    const [early, late] = [
      aDeviceRequest({ member: of.member, createdAt: 1 }),
      aDeviceRequest({ member: of.member, createdAt: 9 }),
    ];
    const requests = () => store().read((view) => view.deviceRequestsOf(of.member));
    await store().transaction(async (tx) => {
      await tx.addDeviceRequest(early);
      await tx.addDeviceRequest(late);
      await expect(tx.addDeviceRequest(late)).rejects.toMatchObject(CONFLICT);
      await tx.approveDeviceRequest(unknownId("device"), bytes());
    });
    expect(await requests()).toEqual([early, late]);
    const approval = bytes();
    await store().transaction((tx) => tx.approveDeviceRequest(late.id, approval));
    await store().transaction((tx) => tx.forgetDeviceRequests(9));
    expect(await requests()).toEqual([{ ...late, approval }]);
    await store().transaction((tx) => tx.forgetDeviceRequests(10));
    expect(await requests()).toEqual([]);
  });
}
