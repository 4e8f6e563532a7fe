/** Part of the store suite: grants, mailed codes and confirmed recipients. */
import { randomBytes } from "node:crypto";
import type { GrantRecord } from "@safeconduct/exchange";
import { copyBytes } from "@safeconduct/foundation";
import { expect, test } from "vitest";
import { aClinic, aCode, aFactor, aVerification, unknownId } from "./store-records.ts";
import type { StoreOfTest } from "./store-of-test.ts";

const CONFLICT = { code: "store/conflict" };
const bytes = (length: number) => copyBytes(randomBytes(length));

export function storeGrantsSuite(store: StoreOfTest): void {
  const find = (grant: GrantRecord) => store().read((view) => view.findGrant(grant.id));
  const withTransfer = async () => {
    const clinic = await aClinic(store());
    const transfer = clinic.transfer();
    await store().transaction((tx) => tx.addTransfer(transfer));
    return { ...clinic, transfer, grant: (fields: Partial<GrantRecord> = {}) => clinic.grant(transfer, fields) };
  };

  test("what is not there is null or empty", async () => {
    await store().read(async (view) => {
      expect(await view.findGrant(unknownId("grant"))).toBeNull();
      expect(await view.grantsOf(unknownId("transfer"))).toEqual([]);
      expect(await view.findCode(unknownId("grant"))).toBeNull();
      expect(await view.findVerification(randomBytes(32))).toBeNull();
    });
  });

  test("a grant comes back as it was added, with and without its optional fields", async () => {
    const { grant } = await withTransfer();
    const bare = grant();
    const full = grant({ ...ALL_SET, kind: "sender", address: "" });
    await store().transaction(async (tx) => {
      await tx.addGrant(bare);
      await tx.addGrant(full);
      await expect(tx.addGrant(grant({ id: bare.id }))).rejects.toMatchObject(CONFLICT);
    });
    expect(await find(bare)).toEqual(bare);
    expect(await find(full)).toEqual(full);
  });

  test.each(Object.entries(ALL_SET))(
    "a change of %s alone goes in and back out and leaves the rest",
    async (field, value) => {
      const { grant } = await withTransfer();
      const [changed, other] = [grant(), grant()];
      await store().transaction(async (tx) => {
        await tx.addGrant(changed);
        await tx.addGrant(other);
        await tx.updateGrant(changed.id, { [field]: value });
      });
      expect(await find(changed)).toEqual({ ...changed, [field]: value });
      await store().transaction((tx) => tx.updateGrant(changed.id, { [field]: changed[field as keyof GrantRecord] }));
      expect(await find(changed)).toEqual(changed);
      expect(await find(other)).toEqual(other);
    },
  );

  test("a device's key is one row of its grant, found by its hash and counted", async () => {
    const { grant } = await withTransfer();
    const [mine, other] = [grant(), grant()];
    const key = { grant: mine.id, keyHash: bytes(32), at: 1000 };
    await store().transaction(async (tx) => {
      for (const each of [mine, other]) await tx.addGrant(each);
      await tx.addReleaseKey(key);
      await tx.addReleaseKey({ ...key, keyHash: bytes(32) });
      await tx.addReleaseKey({ ...key, grant: other.id });
      await expect(tx.addReleaseKey({ ...key, at: 2000 })).rejects.toMatchObject(CONFLICT);
    });
    await store().read(async (view) => {
      expect(await view.findReleaseKey(mine.id, key.keyHash)).toEqual(key);
      expect(await view.findReleaseKey(mine.id, bytes(32))).toBeNull();
      expect(await view.findReleaseKey(unknownId("grant"), key.keyHash)).toBeNull();
      expect(await view.releaseKeyCount(mine.id)).toBe(2);
      expect(await view.releaseKeyCount(unknownId("grant"))).toBe(0);
    });
  });

  test("grants of a transfer come in the order they were added, the sender's own first", async () => {
    const clinic = await aClinic(store());
    const [transfer, other] = [clinic.transfer(), clinic.transfer()];
    const first = clinic.grant(transfer, { createdAt: 3000 });
    const sender = clinic.grant(transfer, { kind: "sender", createdAt: 2000 });
    const second = clinic.grant(transfer, { createdAt: 1000 });
    await store().transaction(async (tx) => {
      await tx.addTransfer(transfer);
      await tx.addTransfer(other);
      for (const grant of [first, sender, second, clinic.grant(other)]) await tx.addGrant(grant);
    });
    expect(await store().read((view) => view.grantsOf(transfer.id))).toEqual([sender, first, second]);
  });

  test("the code of a grant is replaced as a whole", async () => {
    const { grant } = await withTransfer();
    const [one, other] = [grant(), grant()];
    const sent = aCode(one.id);
    const used = aCode(one.id, {
      codeHash: null,
      failures: 4,
      lockedUntil: 9000,
      sends: 3,
      sendWindowAt: 1500,
      sentAt: 1600,
    });
    const untouched = aCode(other.id);
    await store().transaction(async (tx) => {
      await tx.addGrant(one);
      await tx.addGrant(other);
      await tx.saveCode(untouched);
    });
    for (const code of [sent, used, sent]) {
      await store().transaction((tx) => tx.saveCode(code));
      expect(await store().read((view) => view.findCode(one.id))).toEqual(code);
    }
    expect(await store().read((view) => view.findCode(other.id))).toEqual(untouched);
  });

  test("a verification remembers when its second factor was passed, and is found by its id", async () => {
    const { grant } = await withTransfer();
    const one = grant();
    const [passed, other] = [aVerification(one.id), aVerification(one.id)];
    await store().transaction(async (tx) => {
      await tx.addGrant(one);
      await tx.addVerification(passed);
      await tx.addVerification(other);
      await tx.passFactor(passed.id, 1500);
    });
    await store().read(async (view) => {
      expect(await view.findVerificationById(passed.id)).toEqual({ ...passed, factorPassedAt: 1500 });
      expect(await view.findVerification(passed.tokenHash)).toEqual({ ...passed, factorPassedAt: 1500 });
      expect(await view.findVerificationById(other.id)).toEqual(other);
      expect(await view.findVerificationById(unknownId("session"))).toBeNull();
    });
    await expect(store().transaction((tx) => tx.passFactor(unknownId("session"), 1))).rejects.toThrow(
      "no verification",
    );
  });

  test("a verification keeps one challenge, until it is forgotten", async () => {
    const { grant } = await withTransfer();
    const one = grant();
    const [asked, other] = [aVerification(one.id), aVerification(one.id)];
    await store().transaction(async (tx) => {
      await tx.addGrant(one);
      for (const verification of [asked, other]) await tx.addVerification(verification);
    });
    const found = (id: typeof asked.id) => store().read((view) => view.findVerificationById(id));
    for (const [challenge, challengeExpiresAt] of [
      [new Uint8Array(32).fill(1), 1500],
      [new Uint8Array(32).fill(2), 1600],
      [null, 0],
    ] as const) {
      await store().transaction((tx) => tx.setChallenge(asked.id, challenge, challengeExpiresAt));
      expect(await found(asked.id)).toEqual({ ...asked, challenge, challengeExpiresAt });
    }
    expect(await found(other.id)).toEqual(other);
    await expect(store().transaction((tx) => tx.setChallenge(unknownId("session"), null, 0))).rejects.toThrow(
      "no verification",
    );
  });

  test("factors are found by organisation and digest, change alone, and are forgotten", async () => {
    const organisation = (await aClinic(store())).organisation.id;
    const one = aFactor({ organisation });
    const { addressDigest } = one;
    const two = aFactor({ organisation, addressDigest, kind: "passkey", confirmedAt: 1100 });
    const other = aFactor({ organisation });
    await store().transaction(async (tx) => {
      for (const factor of [one, two, other]) await tx.addFactor(factor);
      await tx.updateFactor(two.id, { counter: 7, failures: 1, lockedUntil: 9, confirmedAt: 1200 });
    });
    const changed = { ...two, counter: 7, failures: 1, lockedUntil: 9, confirmedAt: 1200 };
    const found = () => store().read((view) => view.findFactors(organisation, addressDigest));
    expect(await found()).toEqual([one, changed]);
    expect(await store().read((view) => view.findFactors(unknownId("organisation"), addressDigest))).toEqual([]);
    await store().transaction(async (tx) => {
      await tx.deleteFactor(one.id);
      await tx.deleteFactor(one.id);
    });
    expect(await found()).toEqual([changed]);
    await expect(store().transaction((tx) => tx.updateFactor(one.id, { failures: 1 }))).rejects.toThrow("no factor");
    await expect(store().transaction((tx) => tx.addFactor(two))).rejects.toMatchObject(CONFLICT);
    await expect(
      store().transaction((tx) => tx.addFactor(aFactor({ organisation: unknownId("organisation") }))),
    ).rejects.toThrow(/exist|constraint|foreign key/i);
  });

  test("a verification is found by its token's hash until the verifications of its grant end", async () => {
    const { grant } = await withTransfer();
    const [one, other] = [grant(), grant()];
    const verifications = [aVerification(one.id), aVerification(one.id)];
    const kept = aVerification(other.id);
    await store().transaction(async (tx) => {
      await tx.addGrant(one);
      await tx.addGrant(other);
      for (const verification of [...verifications, kept]) await tx.addVerification(verification);
      await expect(tx.addVerification(aVerification(one.id, { id: kept.id }))).rejects.toMatchObject(CONFLICT);
      await expect(tx.addVerification(aVerification(one.id, { tokenHash: kept.tokenHash }))).rejects.toMatchObject(
        CONFLICT,
      );
    });
    const found = (hash: Uint8Array) => store().read((view) => view.findVerification(hash));
    for (const verification of verifications) expect(await found(verification.tokenHash)).toEqual(verification);
    await store().transaction((tx) => tx.endVerifications(one.id));
    await store().transaction((tx) => tx.endVerifications(one.id));
    for (const verification of verifications) expect(await found(verification.tokenHash)).toBeNull();
    expect(await found(kept.tokenHash)).toEqual(kept);
    await store().transaction((tx) => tx.forgetExpired(kept.expiresAt - 1));
    expect(await found(kept.tokenHash)).toEqual(kept);
    await store().transaction((tx) => tx.forgetExpired(kept.expiresAt));
    expect(await found(kept.tokenHash)).toBeNull();
  });
}

/** Each field that can change, away from what `aGrant` gives. */
const ALL_SET = {
  state: "capped",
  name: "Dr. Ruiz",
  recipientOrganisation: "St. Mary's Hospital",
  language: "es",
  address: "ruiz@hospital.example",
  terms: bytes(10),
  termsHash: bytes(32),
  slot: bytes(61),
  sealedLinkSecret: bytes(1169),
  notBefore: 1,
  notAfter: 9_007_199_254_740_991,
  endsAt: 9_007_199_254_740_990,
  releaseCap: 3,
  releases: 2,
  confirmedAt: 1100,
  firstReleasedAt: 1200,
  receiptAt: 1300,
  termsAcceptedAt: 1310,
  deletionAttestedAt: 1320,
  deletionCodes: 2,
  problemKind: "wrong-patient",
  problemReportedAt: 1330,
  problemReports: 4,
  problemSettledAt: 1340,
  codeUndeliveredAt: 1350,
  endedAt: 1400,
  destroyDueAt: 1500,
  destroyedAt: 1600,
} satisfies Partial<GrantRecord>;
