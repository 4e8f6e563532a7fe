/** Part of the store suite: the organisation's recovery keys, and requests to bring a transfer back. */
import { drawId } from "@safeconduct/foundation";
import { expect, test } from "vitest";
import { aClinic, unknownId } from "./store-records.ts";
import type { StoreOfTest } from "./store-of-test.ts";

const CONFLICT = { code: "store/conflict" };

export function storeRecoveriesSuite(store: StoreOfTest): void {
  test("the newest recovery key of an organisation counts, and no generation comes twice", async () => {
    const [clinic, other] = [await aClinic(store()), await aClinic(store())];
    const [first, tenth] = [clinic.recoveryKey(), clinic.recoveryKey({ generation: 10 })];
    await store().transaction(async (tx) => {
      for (const key of [tenth, first, other.recoveryKey({ generation: 11 })]) await tx.addRecoveryKey(key);
      await expect(tx.addRecoveryKey(clinic.recoveryKey())).rejects.toMatchObject(CONFLICT);
    });
    await store().read(async (view) => {
      expect(await view.recoveryKeyOf(clinic.organisation.id)).toEqual(tenth);
      expect(await view.recoveryKeyOf(unknownId("organisation"))).toBeNull();
    });
  });

  test("requests come in their order with what became of them, until they are forgotten by age", async () => {
    const [clinic, other] = [await aClinic(store()), await aClinic(store())];
    const [transfer, theirs] = [clinic.transfer(), other.transfer()];
    const [late, early] = [clinic.recovery(transfer, { createdAt: 9 }), clinic.recovery(transfer, { createdAt: 8 })];
    const foreign = other.recovery(theirs, { createdAt: 9 });
    const done = { approvedBy: clinic.device.id, approvedAt: 12, releasedKeyHash: new Uint8Array(32).fill(4) };
    await store().transaction(async (tx) => {
      await tx.addTransfer(transfer);
      await tx.addTransfer(theirs);
      for (const each of [late, early, foreign]) await tx.addRecovery(each);
      await expect(tx.addRecovery(late)).rejects.toMatchObject(CONFLICT);
      await tx.updateRecovery(late.id, done);
    });
    await store().read(async (view) => {
      expect(await view.recoveriesOf(clinic.organisation.id)).toEqual([{ ...late, ...done }, early]);
      expect(await view.findRecovery(early.id)).toEqual(early);
      expect(await view.findRecovery(unknownId("recovery"))).toBeNull();
    });
    await store().transaction((tx) => tx.forgetRecoveries(9));
    await store().read(async (view) => {
      expect(await view.findRecovery(early.id)).toBeNull();
      expect(await view.recoveriesOf(clinic.organisation.id)).toEqual([{ ...late, ...done }]);
      expect(await view.recoveriesOf(other.organisation.id)).toEqual([foreign]);
    });
  });

  test("a request is for a transfer that is there", async () => {
    const clinic = await aClinic(store());
    const lost = clinic.recovery(clinic.transfer());
    await expect(store().transaction((tx) => tx.addRecovery(lost))).rejects.toThrow(/./);
  });

  test("members of an organisation are counted, without removed ones, and nobody else", async () => {
    const [clinic] = [await aClinic(store()), await aClinic(store())];
    const second = {
      ...clinic.member,
      id: drawId("member", { bytes: (n) => new Uint8Array(n).fill(5) }),
      address: "b@x.example",
    };
    await store().transaction((tx) => tx.addMember(second));
    const count = () => store().read((view) => view.memberCount(clinic.organisation.id));
    expect(await count()).toBe(2);
    await store().transaction((tx) => tx.updateMember(second.id, { removedAt: 5 }));
    expect(await count()).toBe(1);
  });

  test("the organisation's recovery grant stands between the sender's own and the recipients'", async () => {
    const clinic = await aClinic(store());
    const transfer = clinic.transfer();
    const [recipient, recovery, sender] = (["recipient", "recovery", "sender"] as const).map((kind) =>
      clinic.grant(transfer, { kind }),
    );
    await store().transaction(async (tx) => {
      await tx.addTransfer(transfer);
      for (const grant of [recipient, recovery, sender]) if (grant !== undefined) await tx.addGrant(grant);
    });
    expect(await store().read((view) => view.grantsOf(transfer.id))).toEqual([sender, recovery, recipient]);
  });
}
