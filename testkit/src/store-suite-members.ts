/** Part of the store suite: the instance, organisations, members, sessions, tokens and devices. */
import { randomBytes } from "node:crypto";
import { copyBytes } from "@safeconduct/foundation";
import { expect, test } from "vitest";
import { aClinic, aDevice, aMember, anOrganisation, aSession, aToken, unknownId } from "./store-records.ts";
import type { StoreOfTest } from "./store-of-test.ts";

const CONFLICT = { code: "store/conflict" };

export function storeMembersSuite(store: StoreOfTest): void {
  test("a new store has an instance that was never made", async () => {
    expect(await store().read((view) => view.instance())).toEqual({
      setupTokenHash: null,
      pendingSetup: null,
      createdAt: 0,
      keyLogCheckpoint: null,
    });
  });

  test("the instance is replaced as a whole, to and from null", async () => {
    const begun = {
      setupTokenHash: copyBytes(randomBytes(32)),
      pendingSetup: {
        organisation: unknownId("organisation"),
        organisationName: 'Clinic "Zoë" 🏥',
        member: unknownId("member"),
        memberName: "Ana",
        memberAddress: "ana@clinic.example",
      },
      createdAt: 5,
      keyLogCheckpoint: null,
    };
    const done = { setupTokenHash: null, pendingSetup: null, createdAt: 5, keyLogCheckpoint: "a signed note\n" };
    for (const record of [begun, done, begun]) {
      await store().transaction((tx) => tx.saveInstance(record));
      expect(await store().read((view) => view.instance())).toEqual(record);
    }
  });

  test("what is not there is null", async () => {
    await store().read(async (view) => {
      expect(await view.organisation(unknownId("organisation"))).toBeNull();
      expect(await view.firstOrganisation()).toBeNull();
      expect(await view.findMember(unknownId("member"))).toBeNull();
      expect(await view.findSession(randomBytes(32))).toBeNull();
      expect(await view.findToken(randomBytes(32))).toBeNull();
      expect(await view.tokensOf(unknownId("member"))).toEqual([]);
      expect(await view.findDevice(unknownId("device"))).toBeNull();
    });
  });

  test("the first organisation is the one added first, whatever its time says", async () => {
    const first = anOrganisation({ createdAt: 2000 });
    await store().transaction((tx) => tx.addOrganisation(first));
    await store().transaction((tx) => tx.addOrganisation(anOrganisation({ createdAt: 1000 })));
    expect(await store().read((view) => view.firstOrganisation())).toEqual(first);
  });

  test("organisation, member and device come back as they were added", async () => {
    const { organisation, member, device } = await aClinic(store());
    await store().read(async (view) => {
      expect(await view.organisation(organisation.id)).toEqual(organisation);
      expect(await view.findMember(member.id)).toEqual(member);
      expect(await view.findDevice(device.id)).toEqual(device);
    });
  });

  test("a member's roles, last use and end change, and nothing else about them", async () => {
    const { member, organisation } = await aClinic(store());
    const other = aMember({ organisation: organisation.id, roles: ["reviewer"] });
    await store().transaction((tx) => tx.addMember(other));
    const changes = [
      { roles: ["sender"] as const },
      { language: "es" as const },
      { seenAt: 3000 },
      { removedAt: 4000 },
      {},
    ];
    for (const change of changes) await store().transaction((tx) => tx.updateMember(member.id, change));
    await store().read(async (view) => {
      const changed = { ...member, roles: ["sender"], language: "es", seenAt: 3000, removedAt: 4000 };
      expect(await view.findMember(member.id)).toEqual(changed);
      expect(await view.membersOf(organisation.id)).toEqual([changed, other]);
      expect(await view.membersOf(unknownId("organisation"))).toEqual([]);
    });
    const lost = store().transaction((tx) => tx.updateMember(unknownId("member"), { seenAt: 1 }));
    await expect(lost).rejects.toThrow(/./);
  });

  test("all sessions of a member end together, and nobody else's", async () => {
    const { member, organisation } = await aClinic(store());
    const colleague = aMember({ organisation: organisation.id });
    const [first, second, theirs] = [member, member, colleague].map(({ id }) => aSession({ member: id }));
    await store().transaction(async (tx) => {
      await tx.addMember(colleague);
      for (const session of [first, second, theirs]) if (session !== undefined) await tx.addSession(session);
      await tx.endSessionsOf(member.id);
    });
    const find = (session = first) => store().read((view) => view.findSession(session?.tokenHash ?? new Uint8Array()));
    expect([await find(), await find(second), await find(theirs)]).toEqual([null, null, theirs]);
  });

  test("all members come by their ids, a page at a time", async () => {
    expect(await store().read((view) => view.membersAfter(null, 10))).toEqual([]);
    const clinics = [await aClinic(store()), await aClinic(store()), await aClinic(store())];
    const members = clinics.map(({ member }) => member).sort((a, b) => (a.id < b.id ? -1 : 1));
    const [first, second] = members;
    await store().read(async (view) => {
      expect(await view.membersAfter(null, 10)).toEqual(members);
      expect(await view.membersAfter(null, 2)).toEqual(members.slice(0, 2));
      expect(await view.membersAfter(first?.id ?? null, 1)).toEqual([second]);
      expect(await view.membersAfter(members.at(-1)?.id ?? null, 10)).toEqual([]);
    });
  });

  test("an id is taken once", async () => {
    const { organisation, member, device, of } = await aClinic(store());
    const token = aToken(of);
    const session = aSession({ member: member.id });
    await store().transaction(async (tx) => {
      await tx.addToken(token);
      await tx.addSession(session);
    });
    await store().transaction(async (tx) => {
      await expect(tx.addOrganisation(anOrganisation({ id: organisation.id }))).rejects.toMatchObject(CONFLICT);
      await expect(tx.addMember(aMember({ id: member.id, organisation: organisation.id }))).rejects.toMatchObject(
        CONFLICT,
      );
      await expect(tx.addDevice(aDevice({ ...of, id: device.id }))).rejects.toMatchObject(CONFLICT);
      await expect(tx.addToken(aToken({ ...of, id: token.id }))).rejects.toMatchObject(CONFLICT);
      await expect(tx.addSession(aSession({ member: member.id, id: session.id }))).rejects.toMatchObject(CONFLICT);
    });
    expect(await store().read((view) => view.findToken(token.tokenHash))).toEqual(token);
  });

  test("a token hash is taken once", async () => {
    const { member, of } = await aClinic(store());
    const token = aToken(of);
    const session = aSession({ member: member.id });
    await store().transaction(async (tx) => {
      await tx.addToken(token);
      await tx.addSession(session);
      await expect(tx.addToken(aToken({ ...of, tokenHash: token.tokenHash }))).rejects.toMatchObject(CONFLICT);
      await expect(tx.addSession(aSession({ member: member.id, tokenHash: session.tokenHash }))).rejects.toMatchObject(
        CONFLICT,
      );
    });
  });

  test("a session is found by its token's hash and with its member's others, changes and ends", async () => {
    const { member } = await aClinic(store());
    const session = aSession({ member: member.id });
    const other = aSession({ member: member.id });
    await store().transaction(async (tx) => {
      await tx.addSession(session);
      await tx.addSession(other);
      await tx.updateSession(session.id, { usedAt: 1500 });
      await tx.updateSession(session.id, { lockedAt: 1600, provenAt: 1400 });
    });
    const find = (hash: Uint8Array) => store().read((view) => view.findSession(hash));
    const changed = { ...session, usedAt: 1500, lockedAt: 1600, provenAt: 1400 };
    expect(await find(session.tokenHash)).toEqual(changed);
    expect(await store().read((view) => view.sessionsOf(member.id))).toEqual([changed, other]);
    expect(await store().read((view) => view.sessionsOf(unknownId("member")))).toEqual([]);
    expect(await find(other.tokenHash)).toEqual(other);
    expect(await find(session.tokenHash.subarray(0, 31))).toBeNull();
    await store().transaction((tx) => tx.endSession(session.id));
    expect(await find(session.tokenHash)).toBeNull();
    expect(await find(other.tokenHash)).toEqual(other);
    await store().transaction((tx) => tx.forgetExpired(other.expiresAt - 1));
    expect(await find(other.tokenHash)).toEqual(other);
    await store().transaction((tx) => tx.forgetExpired(other.expiresAt));
    expect(await find(other.tokenHash)).toBeNull();
  });

  test("ending or changing a session or token that is gone changes nothing", async () => {
    const { member, of } = await aClinic(store());
    const session = aSession({ member: member.id });
    const token = aToken(of);
    await store().transaction(async (tx) => {
      await tx.addSession(session);
      await tx.addToken(token);
      await tx.endSession(unknownId("session"));
      await tx.updateSession(unknownId("session"), { usedAt: 5 });
      await tx.touchToken(unknownId("token"), 5);
      await tx.revokeToken(unknownId("token"), 5);
    });
    expect(await store().read((view) => view.findSession(session.tokenHash))).toEqual(session);
    expect(await store().read((view) => view.findToken(token.tokenHash))).toEqual(token);
  });

  test("tokens of a member come oldest first, without revoked ones and without other people's", async () => {
    const { organisation, of } = await aClinic(store());
    const colleague = aMember({ organisation: organisation.id });
    const late = aToken({ ...of, createdAt: 3000 });
    const early = aToken({ ...of, createdAt: 1000 });
    const alsoEarly = aToken({ ...of, createdAt: 1000 });
    const revoked = aToken({ ...of, createdAt: 2000 });
    await store().transaction(async (tx) => {
      await tx.addMember(colleague);
      for (const token of [late, early, alsoEarly, revoked]) await tx.addToken(token);
      await tx.addToken(aToken({ ...of, member: colleague.id }));
      await tx.revokeToken(revoked.id, 2500);
    });
    const tokens = await store().read((view) => view.tokensOf(of.member));
    expect(tokens).toEqual([early, alsoEarly, late]);
  });

  test("a revoked token is still found, and keeps the time of its first revocation", async () => {
    const { of } = await aClinic(store());
    const token = aToken(of);
    await store().transaction(async (tx) => {
      await tx.addToken(token);
      await tx.touchToken(token.id, 1200);
      await tx.revokeToken(token.id, 1300);
      await tx.revokeToken(token.id, 1400);
    });
    const found = await store().read((view) => view.findToken(token.tokenHash));
    expect(found).toEqual({ ...token, usedAt: 1200, revokedAt: 1300 });
  });
}
