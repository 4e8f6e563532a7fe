/** Every statement that the store runs, explained by SQLite: none reads a whole table that grows. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { EventWalk, Store, Transaction } from "@safeconduct/exchange";
import {
  aClinic,
  aCode,
  aDeviceRequest,
  aChallenge,
  aFactor,
  aPasskey,
  aJob,
  anEvent,
  anInvitation,
  aSession,
  aToken,
  aVerification,
} from "@safeconduct/testkit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openSqlite } from "./open-sqlite.ts";

/** What may be read from one end to the other, and why. */
const ALLOWED_SCANS: readonly RegExp[] = [
  // Stops at the first row of the primary key.
  /^SCAN organisations$/,
  // Holds only events that wait for their index, and is read in its order up to a limit.
  /^SCAN events USING COVERING INDEX events_waiting$/,
  // Holds only holds that the key service was not told of yet.
  /^SCAN holds USING INDEX holds_to_tell$/,
  // The batch that was just made from those.
  /^SCAN (batch|\(subquery-[0-9]+\))$/,
];
/** What may be put in order after it was read, and why. */
const ALLOWED_SORTS: readonly RegExp[] = [
  // The events of one address's newest links, of which there is a limit.
  /lower\((?:address|recipient_organisation)\) = lower\(\?\) and kind = 'recipient'/,
];
const METHOD_COUNT = 112;

let folder = "";
let store: Store;
const prepared = new Set<string>();
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "plans-"));
  store = (await openSqlite({ file: join(folder, "a.db") })).store;
  const { prepare } = DatabaseSync.prototype;
  vi.spyOn(DatabaseSync.prototype, "prepare").mockImplementation(function (this: DatabaseSync, sql: string) {
    prepared.add(sql);
    return prepare.call(this, sql);
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await store.close();
  rmSync(folder, { recursive: true });
});

test("no statement of the store reads a whole table", async () => {
  const called = await useEveryMethod();
  vi.restoreAllMocks();
  // As many as the port has; a method that this test does not call would not be explained.
  expect(called.size).toBe(METHOD_COUNT);
  const explaining = new DatabaseSync(join(folder, "a.db"), { readOnly: true });
  const scans = new Set<string>();
  const walked = new Set<string>();
  const statements = [...prepared].filter((sql) => /^(select|insert|update|delete)/.test(sql));
  for (const sql of statements) {
    for (const step of explaining.prepare(`explain query plan ${sql}`).all()) {
      const detail = String(step["detail"]);
      if (sql.includes(`"events"`)) walked.add(/USING INDEX (\w+)/.exec(detail)?.[1] ?? "");
      if (detail.includes("TEMP B-TREE") && ALLOWED_SORTS.some((allowed) => allowed.test(sql))) continue;
      if (/^SCAN|TEMP B-TREE FOR ORDER BY/.test(detail) && !ALLOWED_SCANS.some((allowed) => allowed.test(detail)))
        scans.add(`${detail}: ${sql}`);
    }
  }
  explaining.close();
  expect(statements.length).toBeGreaterThan(called.size);
  expect([...scans]).toEqual([]);
  // Each way of a search by its own index: one that goes along time alone would read through all events.
  for (const index of ["time", "type", "member"]) expect(walked).toContain(`events_by_${index}`);
  for (const index of ["events_refused", "events_of_grant", "grants_by_address", "grants_by_recipient_organisation"])
    expect(walked).toContain(index);
});

/** Names of the methods that were called. */
async function useEveryMethod(): Promise<ReadonlySet<string>> {
  const clinic = await aClinic(store);
  const transfer = clinic.transfer();
  const grant = clinic.grant(transfer);
  const verification = aVerification(grant.id);
  const session = aSession({ member: clinic.member.id });
  const token = aToken(clinic.of);
  const called = new Set(["addOrganisation", "addMember", "addDevice"]);
  await store.transaction(async (tx) => {
    const use = new Proxy(tx, {
      get(methods, name: keyof Transaction) {
        called.add(name);
        return methods[name];
      },
    });
    await use.saveInstance({ setupTokenHash: null, pendingSetup: null, createdAt: 1, keyLogCheckpoint: null });
    await use.addSession(session);
    await use.updateSession(session.id, { usedAt: 2 });
    await use.addToken(token);
    await use.touchToken(token.id, 2);
    await use.revokeToken(token.id, 3);
    const { id: device } = clinic.device;
    const { member } = clinic.of;
    await use.addStatement({ member, position: 0, statement: new Uint8Array(9), signature: new Uint8Array(64) });
    await use.addMemberKeyWrap({ member, generation: 1, holder: device, sealed: new Uint8Array(9) });
    await use.addDeviceRequest(aDeviceRequest({ member }));
    await use.approveDeviceRequest(device, new Uint8Array(32));
    await use.addTransfer(transfer);
    await use.updateTransfer(transfer.id, { state: "active" });
    await use.savePart(transfer.id, { number: 1, sizeBytes: 1, sha256: new Uint8Array(32) });
    await use.addGrant(grant);
    await use.updateGrant(grant.id, { state: "used" });
    await use.addReleaseKey({ grant: grant.id, keyHash: new Uint8Array(32), at: 1 });
    await use.addRecoveryKey(clinic.recoveryKey());
    const recovery = clinic.recovery(transfer);
    await use.addRecovery(recovery);
    await use.updateRecovery(recovery.id, { approvedAt: 1 });
    await use.recoveryKeyOf(clinic.organisation.id);
    await use.findRecovery(recovery.id);
    await use.recoveriesOf(clinic.organisation.id);
    const invitation = anInvitation({ organisation: clinic.organisation.id, invitedBy: member });
    await use.addInvitation(invitation);
    await use.updateInvitation(invitation.id, { sentAt: 2 });
    await use.findInvitation(invitation.id);
    await use.findInvitationByToken(invitation.tokenHash);
    await use.invitationsOf(clinic.organisation.id);
    await use.deleteInvitation(invitation.id);
    await use.updateMember(member, { roles: ["sender"], seenAt: 1 });
    await use.endSessionsOf(member);
    const passkey = aPasskey({ member });
    await use.addPasskey(passkey);
    await use.updatePasskey(passkey.id, { usedAt: 2 });
    await use.passkeysOf(member);
    await use.findPasskey(passkey.credentialId);
    await use.deletePasskey(passkey.id);
    const challenge = aChallenge();
    await use.saveChallenge(challenge);
    await use.findChallenge(challenge.holder);
    await use.deleteChallenge(challenge.holder);
    await use.membersOf(clinic.organisation.id);
    await use.memberCount(clinic.organisation.id);
    await use.forgetRecoveries(1);
    const hold = clinic.hold(transfer);
    await use.addHold(hold);
    await use.updateHold(hold.id, { toldAt: 1 });
    await use.holdsOf(transfer.id);
    await use.holdsToTell(10);
    await use.saveCode(aCode(grant.id));
    await use.addVerification(verification);
    await use.passFactor(verification.id, 2);
    const factor = aFactor({ organisation: clinic.organisation.id });
    await use.addFactor(factor);
    await use.updateFactor(factor.id, { failures: 1 });
    const job = aJob({ owner: "one" });
    await use.saveJob(job);
    await use.updateJob(job.id, { attempts: 1 });
    await use.freeJobs("one", 1);
    await use.addEvent(anEvent());
    await use.sequenceEvents(10);

    await use.instance();
    await use.organisation(clinic.organisation.id);
    await use.firstOrganisation();
    await use.findMember(clinic.member.id);
    await use.membersAfter(null, 10);
    await use.findSession(session.tokenHash);
    await use.sessionsOf(clinic.member.id);
    await use.findToken(token.tokenHash);
    await use.tokensOf(clinic.member.id);
    await use.findDevice(clinic.device.id);
    await use.deviceCount(clinic.member.id);
    await use.devicesOf(member);
    await use.statementsOf(member);
    await use.memberKeyWrapsOf(member);
    await use.deviceRequestsOf(member);
    await use.findTransfer(transfer.id);
    await use.transfersOf(clinic.organisation.id, { limit: 10, after: null });
    await use.transfersOf(clinic.organisation.id, { limit: 10, after: transfer.id });
    await use.transfersOf(clinic.organisation.id, { limit: 10, after: transfer.id, member });
    for (const troubled of [false, true]) {
      await use.transferOutlines(clinic.organisation.id, { limit: 10, after: null, before: null, troubled });
      await use.transferOutlines(clinic.organisation.id, { limit: 10, after: transfer.id, before: 9, troubled });
    }
    for (const troubled of [false, true])
      await use.transferOutlines(clinic.organisation.id, {
        limit: 10,
        after: transfer.id,
        before: 9,
        member,
        troubled,
      });
    await use.transferOutlines(clinic.organisation.id, { limit: 10, after: null, before: 9, troubled: false });
    await use.recipientOutlines([transfer.id]);
    await use.troubledCount(clinic.organisation.id, { limit: 10 });
    await use.troubledCount(clinic.organisation.id, { limit: 10, member });
    await use.keptBytes(clinic.organisation.id);
    await use.transfersAfter(null, 10);
    await use.partsOf(transfer.id);
    await use.heldTotals(transfer.id, null);
    await use.heldTotals(transfer.id, 3);
    await use.findGrant(grant.id);
    await use.grantsOf(transfer.id);
    await use.findReleaseKey(grant.id, new Uint8Array(32));
    await use.releaseKeyCount(grant.id);
    await use.findCode(grant.id);
    await use.findVerification(new Uint8Array(32));
    await use.findVerificationById(verification.id);
    await use.findFactors(factor.organisation, factor.addressDigest);
    await use.deleteFactor(factor.id);
    await use.grantsPastEnd(1, 10);
    for (const cause of ["order", "time"] as const) {
      await use.grantsToDestroy(1, 10, cause);
      await use.transfersToDestroy(1, 10, cause);
    }
    await use.draftsOlderThan(1, 10);
    await use.findJob(job.id);
    await use.jobsDue(1, 10);
    await use.deleteJob(job.id);
    await use.eventsOf(transfer.id);
    await use.leavesFrom(0, 10);
    await use.waitingEvents(10);
    const { organisation: home } = clinic.of;
    const walks: readonly EventWalk[] = [
      ...[home, null].flatMap((organisation): EventWalk[] => [
        { along: "time", organisation },
        { along: "refused", organisation },
        { along: "type", organisation, type: "grant/released" },
      ]),
      { along: "member", organisation: home, member },
      { along: "address", organisation: home, address: grant.address },
      { along: "recipient-organisation", organisation: home, name: "Northlake Cardiology" },
    ];
    for (const walk of walks) await use.walkEvents(walk, { before: { at: 9, number: 0 }, since: 0, limit: 10 });
    await use.findMemberByAddress(home, clinic.member.address);
    await use.openGrants(home, { now: 1, skip: 0, limit: 10 });
    await use.sequencedCount();

    await use.forgetDeviceRequests(1);
    await use.removeDevice(device, 1);
    await use.forgetMemberChain(member);
    await use.endVerifications(grant.id);
    await use.forgetExpired(1);
    await use.deleteParts(transfer.id);
    await use.endSession(session.id);
  });
  return called;
}
