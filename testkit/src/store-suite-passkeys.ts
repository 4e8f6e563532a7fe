/** Part of the store suite: members' passkeys, and what they are asked. */
import { randomBytes } from "node:crypto";
import { copyBytes } from "@safeconduct/foundation";
import { expect, test } from "vitest";
import { aChallenge, aClinic, aMember, aPasskey, unknownId } from "./store-records.ts";
import type { StoreOfTest } from "./store-of-test.ts";

const CONFLICT = { code: "store/conflict" };
const aLongId = () => copyBytes(randomBytes(1023));

export function storePasskeysSuite(store: StoreOfTest): void {
  test("a passkey is found by its credential, and among its member's in the order they came", async () => {
    const { member, organisation } = await aClinic(store());
    const colleague = aMember({ organisation: organisation.id });
    const first = aPasskey({ member: member.id, createdAt: 9, usedAt: 12 });
    const second = aPasskey({ member: member.id, createdAt: 8, name: 'Key "Zoë" 🔑', credentialId: aLongId() });
    const foreign = aPasskey({ member: colleague.id });
    await store().transaction(async (tx) => {
      await tx.addMember(colleague);
      for (const each of [first, second, foreign]) await tx.addPasskey(each);
    });
    await store().read(async (view) => {
      expect(await view.passkeysOf(member.id)).toEqual([first, second]);
      expect(await view.findPasskey(second.credentialId)).toEqual(second);
      expect(await view.findPasskey(second.credentialId.subarray(0, 1022))).toBeNull();
      expect(await view.findPasskey(randomBytes(16))).toBeNull();
      expect(await view.passkeysOf(unknownId("member"))).toEqual([]);
    });
  });

  test("an id and a credential are taken once, by a member who is there", async () => {
    const { member } = await aClinic(store());
    const { id, credentialId, ...rest } = aPasskey({ member: member.id });
    await store().transaction((tx) => tx.addPasskey({ id, credentialId, ...rest }));
    for (const same of [{ id }, { credentialId }])
      await expect(
        store().transaction((tx) => tx.addPasskey(aPasskey({ member: member.id, ...same }))),
      ).rejects.toMatchObject(CONFLICT);
    const lost = aPasskey({ member: unknownId("member") });
    await expect(store().transaction((tx) => tx.addPasskey(lost))).rejects.toThrow(/./);
  });

  test("a passkey's counter and last use change, and it goes", async () => {
    const { member } = await aClinic(store());
    const [passkey, other] = [aPasskey({ member: member.id }), aPasskey({ member: member.id })];
    await store().transaction(async (tx) => {
      await tx.addPasskey(passkey);
      await tx.addPasskey(other);
      await tx.updatePasskey(passkey.id, { counter: 4_294_967_295, usedAt: 5000 });
    });
    const changed = { ...passkey, counter: 4_294_967_295, usedAt: 5000 };
    expect(await store().read((view) => view.passkeysOf(member.id))).toEqual([changed, other]);
    const missing = store().transaction((tx) => tx.updatePasskey(unknownId("factor"), { counter: 1 }));
    await expect(missing).rejects.toThrow(/./);
    await store().transaction(async (tx) => {
      await tx.deletePasskey(passkey.id);
      await tx.deletePasskey(unknownId("factor"));
    });
    expect(await store().read((view) => view.passkeysOf(member.id))).toEqual([other]);
  });

  test("a holder is asked one thing at a time, and it goes when it was answered or is too old", async () => {
    const [first, second] = [aChallenge(), aChallenge()];
    const newer = { ...first, challenge: aChallenge().challenge, expiresAt: 3000 };
    const find = (holder = first.holder) => store().read((view) => view.findChallenge(holder));
    await store().transaction(async (tx) => {
      for (const each of [first, second, newer]) await tx.saveChallenge(each);
    });
    expect([await find(), await find(second.holder)]).toEqual([newer, second]);
    expect(await find(aChallenge().holder)).toBeNull();
    await store().transaction((tx) => tx.forgetExpired(second.expiresAt - 1));
    expect(await find(second.holder)).toEqual(second);
    await store().transaction((tx) => tx.forgetExpired(second.expiresAt));
    expect([await find(), await find(second.holder)]).toEqual([newer, null]);
    await store().transaction(async (tx) => {
      await tx.deleteChallenge(first.holder);
      await tx.deleteChallenge(second.holder);
    });
    expect(await find()).toBeNull();
  });
}
