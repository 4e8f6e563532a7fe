/** Part of the store suite: invitations to become a member. */
import { expect, test } from "vitest";
import { aClinic, anInvitation, unknownId } from "./store-records.ts";
import type { StoreOfTest } from "./store-of-test.ts";

const CONFLICT = { code: "store/conflict" };

export function storeInvitationsSuite(store: StoreOfTest): void {
  const clinicOf = async () => {
    const clinic = await aClinic(store());
    return { organisation: clinic.organisation.id, invitedBy: clinic.member.id };
  };

  test("an invitation is found by id, by its token's hash and among those of its organisation, in their order", async () => {
    const [clinic, other] = [await clinicOf(), await clinicOf()];
    const first = anInvitation({ ...clinic, createdAt: 9, roles: ["sender", "administrator"], pendingName: "N. Berg" });
    const second = anInvitation({ ...clinic, createdAt: 8, undeliveredAt: 10 });
    const foreign = anInvitation(other);
    await store().transaction(async (tx) => {
      for (const each of [first, second, foreign]) await tx.addInvitation(each);
    });
    await store().read(async (view) => {
      expect(await view.findInvitation(first.id)).toEqual(first);
      expect(await view.findInvitationByToken(second.tokenHash)).toEqual(second);
      expect(await view.invitationsOf(clinic.organisation)).toEqual([first, second]);
      expect(await view.invitationsOf(unknownId("organisation"))).toEqual([]);
      expect(await view.findInvitation(unknownId("invitation"))).toBeNull();
      expect(await view.findInvitationByToken(new Uint8Array(32))).toBeNull();
    });
  });

  test("an id, a token and a future member are invited once, by a member who is there", async () => {
    const clinic = await clinicOf();
    const { id, tokenHash, member, ...rest } = anInvitation(clinic);
    await store().transaction((tx) => tx.addInvitation({ id, tokenHash, member, ...rest }));
    for (const same of [{ id }, { tokenHash }, { member }])
      await expect(
        store().transaction((tx) => tx.addInvitation(anInvitation({ ...clinic, ...same }))),
      ).rejects.toMatchObject(CONFLICT);
    const lost = anInvitation({ ...clinic, invitedBy: unknownId("member") });
    await expect(store().transaction((tx) => tx.addInvitation(lost))).rejects.toThrow(/./);
  });

  test("it is mailed anew under another token, and goes", async () => {
    const clinic = await clinicOf();
    const invitation = anInvitation(clinic);
    const { salt, tokenHash } = anInvitation(clinic);
    const change = { salt, tokenHash, sentAt: 5, expiresAt: 6, undeliveredAt: 7, pendingName: "Noah" };
    await store().transaction(async (tx) => {
      await tx.addInvitation(invitation);
      await tx.updateInvitation(invitation.id, change);
    });
    await store().read(async (view) => {
      expect(await view.findInvitationByToken(invitation.tokenHash)).toBeNull();
      expect(await view.findInvitationByToken(tokenHash)).toEqual({ ...invitation, ...change });
    });
    const missing = store().transaction((tx) => tx.updateInvitation(unknownId("invitation"), change));
    await expect(missing).rejects.toThrow(/./);
    await store().transaction(async (tx) => {
      await tx.deleteInvitation(invitation.id);
      await tx.deleteInvitation(unknownId("invitation"));
    });
    expect(await store().read((view) => view.findInvitation(invitation.id))).toBeNull();
  });
}
