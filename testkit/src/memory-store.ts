/**
 * The `Store` port in memory, for tests of use cases. It passes the same acceptance suite as the databases:
 * one writer at a time on a copy that replaces the original at the end, snapshots for readers, conflicts, references
 * that must exist, and values that only come and go as copies. One port, so one thing.
 */
import type {
  CodeRecord,
  DeviceRecord,
  DeviceRequestRecord,
  EventRecord,
  EventWalk,
  FactorRecord,
  GrantRecord,
  HoldRecord,
  InstanceRecord,
  InvitationRecord,
  JobRecord,
  MemberKeyWrapRecord,
  MemberPasskeyRecord,
  MemberRecord,
  OrganisationRecord,
  PasskeyChallengeRecord,
  RecoveryKeyRecord,
  RecoveryRecord,
  ReleaseKeyRecord,
  SessionRecord,
  StatementRecord,
  Store,
  StoredPart,
  TokenRecord,
  Transaction,
  TransferRecord,
  VerificationRecord,
  View,
} from "@safeconduct/exchange";
import { grantCause, isFactorLocked, transferCause } from "@safeconduct/exchange";
import { copyBytes, equalBytes, hexText, Problem } from "@safeconduct/foundation";

interface Tables {
  instance: InstanceRecord;
  readonly organisations: Map<string, OrganisationRecord>;
  readonly members: Map<string, MemberRecord>;
  readonly invitations: Map<string, InvitationRecord>;
  readonly sessions: Map<string, SessionRecord>;
  readonly passkeys: Map<string, MemberPasskeyRecord>;
  /** By holder, in hexadecimal. */
  readonly challenges: Map<string, PasskeyChallengeRecord>;
  readonly tokens: Map<string, TokenRecord>;
  readonly devices: Map<string, DeviceRecord>;
  /** By member, position; by member, generation, holder. */
  readonly statements: Map<string, StatementRecord>;
  readonly memberKeyWraps: Map<string, MemberKeyWrapRecord>;
  readonly deviceRequests: Map<string, DeviceRequestRecord>;
  /** By organisation and generation. */
  readonly recoveryKeys: Map<string, RecoveryKeyRecord>;
  readonly recoveries: Map<string, RecoveryRecord>;
  readonly transfers: Map<string, TransferRecord>;
  /** By transfer, then by part number. */
  readonly parts: Map<string, ReadonlyMap<number, StoredPart>>;
  readonly grants: Map<string, GrantRecord>;
  /** By grant and key hash. */
  readonly releaseKeys: Map<string, ReleaseKeyRecord>;
  readonly holds: Map<string, HoldRecord>;
  readonly codes: Map<string, CodeRecord>;
  readonly verifications: Map<string, VerificationRecord>;
  readonly factors: Map<string, FactorRecord>;
  readonly jobs: Map<string, JobRecord>;
  readonly events: Map<string, EventRecord & { readonly number: number }>;
  /** Ids of events; the place is the ledger index. */
  readonly sequence: string[];
}

export function memoryStore(): Store {
  let current = emptyTables();
  let turn: Promise<unknown> = Promise.resolve();
  let isClosed = false;
  const refuseClosed = () => {
    if (isClosed) throw new Error("the store is closed");
  };
  return {
    async transaction(work) {
      refuseClosed();
      const mine = turn.then(async () => {
        const draft = copyTables(current);
        let isOpen = true;
        try {
          const result = await work(guarded(transactionOn(draft), () => isOpen));
          current = draft;
          return result;
        } finally {
          isOpen = false;
        }
      });
      turn = mine.catch(() => {});
      return mine;
    },
    async read(work) {
      refuseClosed();
      let isOpen = true;
      try {
        return await work(guarded(viewOn(copyTables(current)), () => isOpen));
      } finally {
        isOpen = false;
      }
    },
    async scrub() {
      refuseClosed();
    },
    async close() {
      isClosed = true;
      await turn;
    },
  };
}

/** What a database does too: nothing works after the transaction has ended. */
function guarded<T extends object>(target: T, isOpen: () => boolean): T {
  return new Proxy(target, {
    get(methods, name, receiver) {
      if (!isOpen()) throw new Error("the transaction has ended");
      return Reflect.get(methods, name, receiver) as unknown;
    },
  });
}

function emptyTables(): Tables {
  return {
    instance: { setupTokenHash: null, pendingSetup: null, createdAt: 0, keyLogCheckpoint: null },
    organisations: new Map(),
    members: new Map(),
    invitations: new Map(),
    sessions: new Map(),
    passkeys: new Map(),
    challenges: new Map(),
    tokens: new Map(),
    devices: new Map(),
    statements: new Map(),
    memberKeyWraps: new Map(),
    deviceRequests: new Map(),
    recoveryKeys: new Map(),
    recoveries: new Map(),
    transfers: new Map(),
    parts: new Map(),
    grants: new Map(),
    releaseKeys: new Map(),
    holds: new Map(),
    codes: new Map(),
    verifications: new Map(),
    factors: new Map(),
    jobs: new Map(),
    events: new Map(),
    sequence: [],
  };
}

/** Records are never changed in place, so copying the maps is enough. */
function copyTables(from: Tables): Tables {
  return {
    instance: from.instance,
    organisations: new Map(from.organisations),
    members: new Map(from.members),
    invitations: new Map(from.invitations),
    sessions: new Map(from.sessions),
    passkeys: new Map(from.passkeys),
    challenges: new Map(from.challenges),
    tokens: new Map(from.tokens),
    devices: new Map(from.devices),
    statements: new Map(from.statements),
    memberKeyWraps: new Map(from.memberKeyWraps),
    deviceRequests: new Map(from.deviceRequests),
    recoveryKeys: new Map(from.recoveryKeys),
    recoveries: new Map(from.recoveries),
    transfers: new Map(from.transfers),
    parts: new Map(from.parts),
    grants: new Map(from.grants),
    releaseKeys: new Map(from.releaseKeys),
    holds: new Map(from.holds),
    codes: new Map(from.codes),
    verifications: new Map(from.verifications),
    factors: new Map(from.factors),
    jobs: new Map(from.jobs),
    events: new Map(from.events),
    sequence: [...from.sequence],
  };
}

function viewOn(tables: Tables): View {
  const grants = () => [...tables.grants.values()];
  const transfers = () => [...tables.transfers.values()];
  const live = () => grants().filter((grant) => grant.kind === "recipient" && LIVE.has(grant.state));
  const isHeld = (transfer: string) =>
    [...tables.holds.values()].some((hold) => hold.transfer === transfer && hold.liftedAt === null);
  /** Strictly older than `after`; nothing where that is not there. */
  const newestFirst = (of: { organisation: string; member: string | undefined }, after: string | null) => {
    const all = transfers()
      .filter(({ organisation, member }) => organisation === of.organisation && (of.member ?? member) === member)
      .reverse()
      .sort((a, b) => b.createdAt - a.createdAt);
    const place = all.findIndex((transfer) => transfer.id === after);
    return after !== null && place === -1 ? [] : all.slice(place + 1);
  };
  const isTroubled = ({ id }: TransferRecord) =>
    isHeld(id) ||
    live().some(
      (grant) =>
        grant.transfer === id &&
        (grant.suspendedAt !== null ||
          grant.codeUndeliveredAt !== null ||
          (grant.problemKind !== null && grant.problemSettledAt === null) ||
          isFactorLocked(grant)),
    );
  const toDestroy = (now: number) =>
    grants().filter((grant) => {
      const transfer = tables.transfers.get(grant.transfer);
      const goesOn = transfer?.destroyedAt === null && (transfer.destroyDueAt === null || transfer.destroyDueAt > now);
      return ENDED.has(grant.state) && grant.destroyedAt === null && goesOn && !isHeld(grant.transfer);
    });
  const transfersLeft = () => transfers().filter(({ id, destroyedAt }) => destroyedAt === null && !isHeld(id));
  return {
    instance: async () => copyRecord(tables.instance),
    organisation: async (id) => copied(tables.organisations.get(id)),
    firstOrganisation: async () => copied([...tables.organisations.values()][0]),
    findMember: async (id) => copied(tables.members.get(id)),
    findSession: async (tokenHash) => copied(byTokenHash(tables.sessions, tokenHash)),
    sessionsOf: async (member) => ofMember(tables.sessions, member),
    passkeysOf: async (member) => ofMember(tables.passkeys, member),
    findPasskey: async (credentialId) =>
      copied([...tables.passkeys.values()].find((each) => equalBytes(each.credentialId, credentialId))),
    findChallenge: async (holder) => copied(tables.challenges.get(hexText(holder))),
    findToken: async (tokenHash) => copied(byTokenHash(tables.tokens, tokenHash)),
    tokensOf: async (member) =>
      [...tables.tokens.values()]
        .filter((token) => token.member === member && token.revokedAt === null)
        .sort((a, b) => a.createdAt - b.createdAt)
        .map(copyRecord),
    findDevice: async (id) => copied(tables.devices.get(id)),
    deviceCount: async (member) => [...tables.devices.values()].filter((device) => device.member === member).length,
    devicesOf: async (member) => ofMember(tables.devices, member),
    statementsOf: async (member) => ofMember(tables.statements, member).sort((a, b) => a.position - b.position),
    memberKeyWrapsOf: async (member) =>
      ofMember(tables.memberKeyWraps, member).sort((a, b) => a.generation - b.generation),
    deviceRequestsOf: async (member) => ofMember(tables.deviceRequests, member),
    recoveryKeyOf: async (organisation) =>
      copied(
        [...tables.recoveryKeys.values()]
          .filter((key) => key.organisation === organisation)
          .sort((a, b) => b.generation - a.generation)[0],
      ),
    findRecovery: async (id) => copied(tables.recoveries.get(id)),
    recoveriesOf: async (organisation) =>
      [...tables.recoveries.values()].filter((each) => each.organisation === organisation).map(copyRecord),
    membersAfter: async (after, limit) =>
      [...tables.members.values()]
        .filter(({ id }) => after === null || id > after)
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit)
        .map(copyRecord),
    memberCount: async (organisation) =>
      [...tables.members.values()].filter((member) => member.organisation === organisation && member.removedAt === null)
        .length,
    membersOf: async (organisation) =>
      [...tables.members.values()].filter((member) => member.organisation === organisation).map(copyRecord),
    findInvitation: async (id) => copied(tables.invitations.get(id)),
    findInvitationByToken: async (tokenHash) => copied(byTokenHash(tables.invitations, tokenHash)),
    invitationsOf: async (organisation) =>
      [...tables.invitations.values()].filter((each) => each.organisation === organisation).map(copyRecord),
    findTransfer: async (id) => copied(tables.transfers.get(id)),
    transfersOf: async (organisation, { limit, after, member }) =>
      newestFirst({ organisation, member }, after).slice(0, limit).map(copyRecord),
    transferOutlines: async (organisation, { limit, after, before, member, troubled }) =>
      newestFirst({ organisation, member }, after)
        .filter((transfer) => (before === null || transfer.createdAt < before) && (!troubled || isTroubled(transfer)))
        .slice(0, limit)
        .map(({ id, member, state, createdAt }) => ({ id, member, state, createdAt })),
    recipientOutlines: async (of) => {
      const wanted = new Set(of);
      return grants()
        .filter((grant) => grant.kind === "recipient" && wanted.has(grant.transfer))
        .map(({ transfer, address, name, recipientOrganisation, state }) => ({
          transfer,
          address,
          name,
          recipientOrganisation,
          state,
        }));
    },
    troubledCount: async (organisation, { limit, member }) =>
      newestFirst({ organisation, member }, null).filter(isTroubled).slice(0, limit).length,
    keptBytes: async (organisation) =>
      transfers()
        .filter((transfer) => transfer.organisation === organisation && transfer.destroyedAt === null)
        .reduce((sum, { blobLengthBytes }) => sum + blobLengthBytes, 0),
    transfersAfter: async (after, limit) =>
      transfers()
        .filter(({ id }) => after === null || id > after)
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit)
        .map(copyRecord),
    partsOf: async (transfer) =>
      [...(tables.parts.get(transfer)?.values() ?? [])].sort((a, b) => a.number - b.number).map(copyRecord),
    heldTotals: async (transfer, besides) => {
      const held = [...(tables.parts.get(transfer)?.values() ?? [])].filter(({ number }) => number !== besides);
      return { count: held.length, sizeBytes: held.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
    },
    findGrant: async (id) => copied(tables.grants.get(id)),
    grantsOf: async (transfer) =>
      grants()
        .filter((grant) => grant.transfer === transfer)
        .sort((a, b) => GRANT_ORDER.indexOf(a.kind) - GRANT_ORDER.indexOf(b.kind))
        .map(copyRecord),
    findReleaseKey: async (grant, keyHash) => copied(tables.releaseKeys.get(`${grant} ${hexText(keyHash)}`)),
    releaseKeyCount: async (grant) => [...tables.releaseKeys.values()].filter((key) => key.grant === grant).length,
    findCode: async (grant) => copied(tables.codes.get(grant)),
    findVerificationById: async (id) => copied(tables.verifications.get(id)),
    findVerification: async (tokenHash) => copied(byTokenHash(tables.verifications, tokenHash)),
    holdsOf: async (transfer) =>
      [...tables.holds.values()].filter((hold) => hold.transfer === transfer).map(copyRecord),
    holdsToTell: async (limit) =>
      [...tables.holds.values()]
        .filter(({ toldAt, liftedAt }) => toldAt === null && liftedAt === null)
        .slice(0, limit)
        .map(copyRecord),
    findFactors: async (organisation, addressDigest) =>
      [...tables.factors.values()]
        .filter((factor) => factor.organisation === organisation && equalBytes(factor.addressDigest, addressDigest))
        .map(copyRecord),
    grantsPastEnd: async (now, limit) => due(live(), (grant) => grant.endsAt, now, limit),
    grantsToDestroy: async (now, limit, cause) =>
      due(
        toDestroy(now).filter((grant) => grantCause(grant) === cause),
        (grant) => grant.destroyDueAt,
        now,
        limit,
      ),
    transfersToDestroy: async (now, limit, cause) =>
      due(
        transfersLeft().filter((transfer) => transferCause(transfer) === cause),
        (transfer) => transfer.destroyDueAt,
        now,
        limit,
      ),
    draftsOlderThan: async (before, limit) =>
      due(
        transfers().filter((transfer) => transfer.state === "draft"),
        (draft) => draft.createdAt,
        before - 1,
        limit,
      ),
    findJob: async (id) => copied(tables.jobs.get(id)),
    jobsDue: async (now, limit) => due([...tables.jobs.values()], (job) => job.dueAt, now, limit),
    eventsOf: async (transfer) =>
      sequencedEvents(tables)
        .filter((event) => event.transfer === transfer)
        .map(withoutNumber),
    leavesFrom: async (from, limit) => sequencedEvents(tables, from, limit).map(withoutNumber),
    walkEvents: async (walk, { before, since, limit }) =>
      sequencedEvents(tables)
        .filter((event) => isAlong(tables, event, walk))
        .filter(({ at, number }) => at < before.at || (at === before.at && number < before.number))
        .filter(({ at }) => at >= since)
        .sort((a, b) => b.at - a.at || b.number - a.number)
        .slice(0, limit),
    openGrants: async (organisation, { now, skip, limit }) =>
      live()
        .filter((grant) => grant.organisation === organisation && grant.endsAt > now)
        .sort((a, b) => a.endsAt - b.endsAt)
        .slice(skip, skip + limit)
        .map(copyRecord),
    findMemberByAddress: async (organisation, address) =>
      copied(
        [...tables.members.values()].find(
          (member) => member.organisation === organisation && member.address.toLowerCase() === address.toLowerCase(),
        ),
      ),
    waitingEvents: async (limit) => waitingEvents(tables, limit).map(copyRecord).map(withoutNumber),
    sequencedCount: async () => tables.sequence.length,
  };
}

function transactionOn(tables: Tables): Transaction {
  return {
    ...viewOn(tables),
    async saveInstance(record) {
      tables.instance = copyRecord(record);
    },
    async addOrganisation(record) {
      add(tables.organisations, record);
    },
    async addMember(record) {
      mustExist(tables.organisations, record.organisation);
      add(tables.members, record);
    },
    async updateMember(id, fields) {
      if (!tables.members.has(id)) throw new Error("no member to update");
      change(tables.members, id, fields);
    },
    async addInvitation(record) {
      mustExist(tables.organisations, record.organisation);
      mustExist(tables.members, record.invitedBy);
      if ([...tables.invitations.values()].some(({ member }) => member === record.member)) throw conflict();
      addWithToken(tables.invitations, record);
    },
    async updateInvitation(id, fields) {
      if (!tables.invitations.has(id)) throw new Error("no invitation to update");
      change(tables.invitations, id, fields);
    },
    async deleteInvitation(id) {
      tables.invitations.delete(id);
    },
    async addSession(record) {
      mustExist(tables.members, record.member);
      addWithToken(tables.sessions, record);
    },
    async updateSession(id, fields) {
      change(tables.sessions, id, fields);
    },
    async endSession(id) {
      tables.sessions.delete(id);
    },
    async endSessionsOf(member) {
      for (const { id } of ofMember(tables.sessions, member)) tables.sessions.delete(id);
    },
    async addPasskey(record) {
      mustExist(tables.members, record.member);
      if ([...tables.passkeys.values()].some((each) => equalBytes(each.credentialId, record.credentialId)))
        throw conflict();
      add(tables.passkeys, record);
    },
    async updatePasskey(id, fields) {
      if (!tables.passkeys.has(id)) throw new Error("no passkey to update");
      change(tables.passkeys, id, fields);
    },
    async deletePasskey(id) {
      tables.passkeys.delete(id);
    },
    async saveChallenge(record) {
      refuseUnstorable(record);
      tables.challenges.set(hexText(record.holder), copyRecord(record));
    },
    async deleteChallenge(holder) {
      tables.challenges.delete(hexText(holder));
    },
    async addToken(record) {
      mustExist(tables.members, record.member);
      mustExist(tables.organisations, record.organisation);
      addWithToken(tables.tokens, record);
    },
    async touchToken(id, usedAt) {
      change(tables.tokens, id, { usedAt });
    },
    async revokeToken(id, revokedAt) {
      if (tables.tokens.get(id)?.revokedAt === null) change(tables.tokens, id, { revokedAt });
    },
    async addDevice(record) {
      mustExist(tables.members, record.member);
      mustExist(tables.organisations, record.organisation);
      add(tables.devices, record);
    },
    async removeDevice(id, removedAt) {
      change(tables.devices, id, { removedAt, sealedKeys: null });
      for (const [key, wrap] of tables.memberKeyWraps) if (wrap.holder === id) tables.memberKeyWraps.delete(key);
    },
    async addStatement(record) {
      mustExist(tables.members, record.member);
      addUnder(tables.statements, `${record.member} ${record.position}`, record);
    },
    async addMemberKeyWrap(record) {
      mustExist(tables.devices, record.holder);
      addUnder(tables.memberKeyWraps, `${record.member} ${record.generation} ${record.holder}`, record);
    },
    async forgetMemberChain(member) {
      for (const table of [tables.statements, tables.memberKeyWraps] as Map<string, { member: string }>[])
        for (const [key, record] of table) if (record.member === member) table.delete(key);
    },
    async addDeviceRequest(record) {
      mustExist(tables.members, record.member);
      add(tables.deviceRequests, record);
    },
    async approveDeviceRequest(id, approval) {
      change(tables.deviceRequests, id, { approval });
    },
    async forgetDeviceRequests(before) {
      for (const { id, createdAt } of tables.deviceRequests.values())
        if (createdAt < before) tables.deviceRequests.delete(id);
    },
    async addRecoveryKey(record) {
      mustExist(tables.organisations, record.organisation);
      mustExist(tables.devices, record.device);
      addUnder(tables.recoveryKeys, `${record.organisation} ${record.generation}`, record);
    },
    async addRecovery(record) {
      mustExist(tables.organisations, record.organisation);
      mustExist(tables.transfers, record.transfer);
      mustExist(tables.devices, record.device);
      add(tables.recoveries, record);
    },
    async updateRecovery(id, fields) {
      change(tables.recoveries, id, fields);
    },
    async forgetRecoveries(before) {
      for (const { id, createdAt } of tables.recoveries.values()) if (createdAt < before) tables.recoveries.delete(id);
    },
    async addTransfer(record) {
      refuseLostTransfer(tables, record);
      add(tables.transfers, record);
    },
    async updateTransfer(id, fields) {
      if (!tables.transfers.has(id)) throw new Error("no transfer to update");
      change(tables.transfers, id, fields);
    },
    async savePart(transfer, part) {
      mustExist(tables.transfers, transfer);
      refuseUnstorable(part);
      const parts = new Map(tables.parts.get(transfer));
      tables.parts.set(transfer, parts.set(part.number, copyRecord(part)));
    },
    async deleteParts(transfer) {
      tables.parts.delete(transfer);
    },
    async addGrant(record) {
      mustExist(tables.transfers, record.transfer);
      mustExist(tables.organisations, record.organisation);
      add(tables.grants, record);
    },
    async updateGrant(id, fields) {
      if (!tables.grants.has(id)) throw new Error("no grant to update");
      change(tables.grants, id, fields);
    },
    async addReleaseKey(record) {
      mustExist(tables.grants, record.grant);
      refuseUnstorable(record);
      const name = `${record.grant} ${hexText(record.keyHash)}`;
      if (tables.releaseKeys.has(name)) throw conflict();
      tables.releaseKeys.set(name, copyRecord(record));
    },
    async addHold(record) {
      mustExist(tables.transfers, record.transfer);
      mustExist(tables.organisations, record.organisation);
      mustExist(tables.members, record.member);
      add(tables.holds, record);
    },
    async updateHold(id, fields) {
      if (!tables.holds.has(id)) throw new Error("no hold to update");
      change(tables.holds, id, fields);
    },
    async saveCode(record) {
      mustExist(tables.grants, record.grant);
      refuseUnstorable(record);
      tables.codes.set(record.grant, copyRecord(record));
    },
    async addVerification(record) {
      mustExist(tables.grants, record.grant);
      addWithToken(tables.verifications, record);
    },
    async passFactor(id, at) {
      if (!tables.verifications.has(id)) throw new Error("no verification to update");
      change(tables.verifications, id, { factorPassedAt: at });
    },
    async setChallenge(id, challenge, challengeExpiresAt) {
      if (!tables.verifications.has(id)) throw new Error("no verification to update");
      change(tables.verifications, id, { challenge, challengeExpiresAt });
    },
    async addFactor(record) {
      mustExist(tables.organisations, record.organisation);
      add(tables.factors, record);
    },
    async updateFactor(id, fields) {
      if (!tables.factors.has(id)) throw new Error("no factor to update");
      change(tables.factors, id, fields);
    },
    async deleteFactor(id) {
      tables.factors.delete(id);
    },
    async endVerifications(grant) {
      for (const verification of tables.verifications.values()) {
        if (verification.grant === grant) tables.verifications.delete(verification.id);
      }
    },
    async forgetExpired(now) {
      for (const { id, expiresAt } of tables.verifications.values())
        if (expiresAt <= now) tables.verifications.delete(id);
      for (const { id, expiresAt } of tables.sessions.values()) if (expiresAt <= now) tables.sessions.delete(id);
      for (const [holder, { expiresAt }] of tables.challenges) if (expiresAt <= now) tables.challenges.delete(holder);
    },
    async saveJob(record) {
      refuseUnstorable(record);
      for (const { id, key } of tables.jobs.values()) if (key === record.key) tables.jobs.delete(id);
      tables.jobs.set(record.id, copyRecord(record));
    },
    async updateJob(id, fields) {
      change(tables.jobs, id, fields);
    },
    async deleteJob(id) {
      tables.jobs.delete(id);
    },
    async freeJobs(owner, now) {
      for (const job of tables.jobs.values())
        if (job.owner === owner) change(tables.jobs, job.id, { owner: null, dueAt: now });
    },
    async addEvent(record) {
      const number = tables.events.size + 1;
      add(tables.events, { ...record, number });
      return number;
    },
    async eraseEvents(transfer) {
      const readable = [...tables.events.values()].filter(
        (event) => event.transfer === transfer && event.salt !== null,
      );
      for (const { id } of readable) change(tables.events, id, { body: null, salt: null, member: null, outcome: null });
      return readable.length;
    },
    async sequenceEvents(limit) {
      const next = tables.sequence.length;
      const waiting = waitingEvents(tables, limit);
      tables.sequence.push(...waiting.map((event) => event.id));
      return sequencedEvents(tables, next, waiting.length);
    },
  };
}

const GRANT_ORDER: readonly GrantRecord["kind"][] = ["sender", "recovery", "recipient"];
const LIVE: ReadonlySet<GrantRecord["state"]> = new Set(["pending", "confirmed", "used"]);
const ENDED: ReadonlySet<GrantRecord["state"]> = new Set(["expired", "revoked", "capped", "closed"]);

function sequencedEvents(tables: Tables, from = 0, limit = tables.sequence.length) {
  return tables.sequence.slice(from, from + limit).flatMap((id, at) => {
    const event = tables.events.get(id);
    return event === undefined ? [] : [{ ...copyRecord(event), index: from + at }];
  });
}

function isAlong({ grants }: Tables, event: EventRecord, walk: EventWalk): boolean {
  if (walk.along === "address" || walk.along === "recipient-organisation") {
    const grant = event.grant === null ? undefined : grants.get(event.grant);
    if (grant?.kind !== "recipient" || grant.organisation !== walk.organisation) return false;
    return walk.along === "address"
      ? grant.address.toLowerCase() === walk.address.toLowerCase()
      : grant.recipientOrganisation?.toLowerCase() === walk.name.toLowerCase();
  }
  if (event.organisation !== walk.organisation) return false;
  if (walk.along === "refused") return event.outcome !== null && event.outcome !== "done";
  if (walk.along === "type") return event.type === walk.type;
  return walk.along === "member" ? event.member === walk.member : true;
}

function waitingEvents({ events, sequence }: Tables, limit: number) {
  const sequenced = new Set(sequence);
  return [...events.values()].filter((event) => !sequenced.has(event.id)).slice(0, limit);
}

function withoutNumber<T extends { readonly number: number }>(event: T): Omit<T, "number"> {
  const { number: _number, ...rest } = event;
  return rest;
}

function due<T extends object>(
  records: readonly T[],
  momentOf: (record: T) => number | null,
  now: number,
  limit: number,
): T[] {
  return records
    .map((record) => ({ record, moment: momentOf(record) ?? Number.POSITIVE_INFINITY }))
    .filter(({ moment }) => moment <= now)
    .sort((a, b) => a.moment - b.moment)
    .slice(0, limit)
    .map(({ record }) => copyRecord(record));
}

const copied = <T extends object>(found: T | undefined): T | null => (found === undefined ? null : copyRecord(found));

/** Its bytes get buffers of their own, as a database gives them; `structuredClone` would copy a whole shared buffer. */
function copyRecord<T extends object>(record: T): T {
  const fields = Object.entries(record).map(([name, value]: [string, unknown]) => [
    name,
    value instanceof Uint8Array ? copyBytes(value) : typeof value === "object" ? structuredClone(value) : value,
  ]);
  return Object.fromEntries(fields) as T;
}

function byTokenHash<T extends { readonly tokenHash: Uint8Array }>(table: Map<string, T>, tokenHash: Uint8Array) {
  return [...table.values()].find((record) => equalBytes(record.tokenHash, tokenHash));
}

function add<T extends { readonly id: string }>(table: Map<string, T>, record: T): void {
  refuseUnstorable(record);
  if (table.has(record.id)) throw conflict();
  table.set(record.id, copyRecord(record));
}

function addUnder<T extends object>(table: Map<string, T>, key: string, record: T): void {
  refuseUnstorable(record);
  if (table.has(key)) throw conflict();
  table.set(key, copyRecord(record));
}

const ofMember = <T extends { readonly member: string }>(table: ReadonlyMap<string, T>, member: string): T[] =>
  [...table.values()].filter((record) => record.member === member).map(copyRecord);

function addWithToken<T extends { readonly id: string; readonly tokenHash: Uint8Array }>(
  table: Map<string, T>,
  record: T,
): void {
  if (byTokenHash(table, record.tokenHash) !== undefined) throw conflict();
  add(table, record);
}

function change<T extends object>(table: Map<string, T>, id: string, fields: Partial<T>): void {
  refuseUnstorable(fields);
  const record = table.get(id);
  if (record !== undefined) table.set(id, { ...record, ...copyRecord(fields) });
}

function mustExist(table: ReadonlyMap<string, unknown>, id: string): void {
  if (!table.has(id)) throw new Error("a record refers to one that does not exist");
}

function refuseLostTransfer(tables: Tables, record: TransferRecord): void {
  mustExist(tables.organisations, record.organisation);
  mustExist(tables.members, record.member);
  mustExist(tables.devices, record.device);
}

/** What PostgreSQL or SQLite would refuse or change in silence. */
function refuseUnstorable(record: object): void {
  for (const value of Object.values(record)) {
    if (typeof value === "string" && (value.includes("\0") || !value.isWellFormed())) throw new RangeError("text");
    if (typeof value === "number" && !Number.isSafeInteger(value)) throw new RangeError("number");
  }
}

const conflict = () => new Problem("store/conflict", "Something with this identifier exists already.");
