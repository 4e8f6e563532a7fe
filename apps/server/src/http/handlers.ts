/** Each route of the contract, tied to its use case. No decisions here. One table, so one thing: it is read as a whole. */
import { bytesText } from "@safeconduct/contract";
import {
  abandonTransfer,
  acceptConditions,
  addRecipient,
  askPasskey,
  attentionCount,
  beginAuthenticator,
  beginPasskey,
  approveRecovery,
  attestDeletion,
  blobTarget,
  certificateOf,
  changeRoles,
  clearStray,
  completeJoining,
  completeSetup,
  confirmAddress,
  confirmAuthenticator,
  confirmPasskey,
  confirmKeyClock,
  createToken,
  draftTransfer,
  endOtherSessions,
  endSession,
  extendMemberChain,
  eraseTransfer,
  enrolFirstMember,
  enrolInvited,
  grantProblem,
  heldParts,
  inviteMember,
  exportEvents,
  ledgerHealth,
  liftHold,
  listMembers,
  listRecoveries,
  listSessions,
  listTransfers,
  lockSession,
  type MemberCaller,
  membersProblem,
  openLinks,
  openedFrom,
  ownFactors,
  partTargets,
  proveAuthenticator,
  provePasskey,
  provePasscode,
  provePassword,
  recipientFactors,
  recordReceipt,
  recoveryProblem,
  placeHold,
  release,
  releaseRecovery,
  releaseToMember,
  removeMember,
  removeOwnFactor,
  removeRecipientFactor,
  reportProblem,
  requestDevice,
  requestRecovery,
  resendInvitation,
  resumeGrant,
  revokeGrant,
  revokeToken,
  revokeTransfer,
  searchEvents,
  sealTransfer,
  searchTransfers,
  sendCode,
  setRecoveryKey,
  showInvitation,
  showInvited,
  showMemberChain,
  showRecoveryKey,
  showSession,
  showTransfer,
  signIn,
  signInProblem,
  signOut,
  suspendGrant,
  tokenProblem,
  transferProblem,
  withdrawInvitation,
  useSession,
} from "@safeconduct/exchange";
import {
  type GrantId,
  type InvitationId,
  type MemberId,
  parseId,
  type RecoveryId,
  type TransferId,
} from "@safeconduct/foundation";
import type { Instance } from "../instance.ts";
import {
  chainBody,
  invitationBody,
  memberBody,
  memberListBody,
  memberReleaseBody,
  newPasskeyBody,
  ownSessionBody,
  partBody,
  recoveryBody,
  recoveryKeyBody,
  releaseBody,
  sessionBody,
  tokenBody,
  transferBody,
} from "./answers.ts";
import { auditBody, ledgerBody, openLinksBody } from "./audit-answers.ts";
import { clearSessionCookie, setSessionCookie } from "./callers.ts";
import { requestProblem } from "./errors.ts";
import type { Handlers } from "./routing.ts";

type Path = Readonly<Record<string, string>>;

/** A malformed id is an unknown one. */
function transferIn(path: Path): TransferId {
  const id = parseId("transfer", path["transfer"] ?? "");
  if (id === null) throw transferProblem("transfer/unknown");
  return id;
}

function grantIn(path: Path): { transfer: TransferId; grant: GrantId } {
  const transfer = transferIn(path);
  const grant = parseId("grant", path["grant"] ?? "");
  if (grant === null) throw grantProblem("grant/unknown");
  return { transfer, grant };
}

function linkedGrant(path: Path): GrantId {
  const id = parseId("grant", path["grant"] ?? "");
  if (id === null) throw grantProblem("grant/unavailable");
  return id;
}

function recoveryIn(path: Path): RecoveryId {
  const id = parseId("recovery", path["recovery"] ?? "");
  if (id === null) throw recoveryProblem("recovery/unknown");
  return id;
}

function memberIn(path: Path): MemberId {
  const id = parseId("member", path["member"] ?? "");
  if (id === null) throw membersProblem("member/unknown");
  return id;
}

function invitationIn(path: Path): InvitationId {
  const id = parseId("invitation", path["invitation"] ?? "");
  if (id === null) throw membersProblem("invitation/unknown");
  return id;
}

const PAGE_LIMIT = 50;

export function handlers(instance: Instance): Handlers {
  const {
    store,
    perform,
    keys,
    blobs,
    urls,
    outbox,
    mailbox,
    identity,
    ledger,
    destroyNow,
    codeKey,
    factorSecrets,
    passkeys,
    testMails,
    quotaBytes,
  } = instance;
  const { random, sha256, signatures } = instance.crypto;
  const inviting = { perform, outbox, random, sha256, codeKey };
  const transferNow = async (caller: MemberCaller, id: TransferId) =>
    transferBody(await showTransfer({ store }, caller, id));
  /** What was ended is destroyed before the answer wherever that is possible now; otherwise the sweep goes on trying. */
  const afterEnd = async (caller: MemberCaller, id: TransferId) => {
    await destroyNow(id);
    return transferNow(caller, id);
  };

  return {
    instance: async () => {
      const [organisation, record, pinned] = await Promise.all([
        store.read((view) => view.firstOrganisation()),
        store.read((view) => view.instance()),
        keys.publicKeys(),
      ]);
      return {
        evaluation: mailbox !== null,
        setUp: organisation !== null && record.setupTokenHash === null,
        organisation: organisation && { id: organisation.id, name: organisation.name },
        keyService: {
          signingPublicKey: bytesText(pinned.signingPublicKey),
          intake: {
            ...pinned.intake,
            publicKey: bytesText(pinned.intake.publicKey),
            signature: bytesText(pinned.intake.signature),
          },
        },
        ledger: {
          origin: ledger.origin,
          verifierKey: ledger.verifierKey,
          checkpointUrl: `${instance.origin()}/ledger/checkpoint`,
        },
        mailboxUrl: mailbox === null ? null : `${instance.origin()}/mailbox`,
      };
    },
    enrolFirstMember: ({ body }) => enrolFirstMember({ store, identity, random, sha256 }, body),
    completeSetup: async ({ body, reply }) => {
      const from = openedFrom(reply.request.headers["user-agent"]);
      const done = await completeSetup({ store, perform, identity, random, sha256 }, { ...body, from });
      setSessionCookie(reply, done.session);
      return { ...memberBody(done.member, done.organisation), apiToken: done.apiToken };
    },
    signIn: async ({ body, reply }) => {
      const from = openedFrom(reply.request.headers["user-agent"]);
      const { member, organisation, session } = await signIn({ perform, identity, random, sha256 }, { ...body, from });
      setSessionCookie(reply, session);
      return memberBody(member, organisation);
    },
    signOut: async ({ caller, reply }) => {
      await signOut({ perform }, caller);
      clearSessionCookie(reply);
      return undefined;
    },
    currentSession: async ({ caller, now }) => sessionBody(await showSession({ store, now }, caller)),
    useSession: async ({ caller, now }) => {
      await useSession({ store, now }, caller);
      return undefined;
    },
    lockSession: async ({ caller }) => {
      await lockSession({ perform }, caller);
      return undefined;
    },
    provePassword: async ({ caller, body, now }) => {
      await provePassword({ store, perform, identity, now }, caller, body);
      return undefined;
    },
    listSessions: async ({ caller, now }) => ({
      sessions: (await listSessions({ store, now }, caller)).map(ownSessionBody),
    }),
    endOtherSessions: async ({ caller }) => {
      await endOtherSessions({ perform }, caller);
      return undefined;
    },
    endSession: async ({ caller, path }) => {
      const id = parseId("session", path["session"] ?? "");
      if (id === null) throw signInProblem("sign-in/session-unknown");
      await endSession({ perform }, caller, id);
      return undefined;
    },
    me: ({ caller }) =>
      store.read(async (view) => {
        const member = await view.findMember(caller.member);
        const organisation = await view.organisation(caller.organisation);
        if (member === null || organisation === null) throw signInProblem("sign-in/required");
        return memberBody(member, organisation);
      }),
    sendTestMail: ({ caller }) => testMails.send(caller),
    listTokens: async ({ caller }) => ({
      tokens: (await store.read((view) => view.tokensOf(caller.member))).map(tokenBody),
    }),
    createToken: async ({ caller, body }) => {
      const { record, bearer } = await createToken({ perform, random, sha256 }, caller, body);
      return { ...tokenBody(record), token: bearer };
    },
    revokeToken: async ({ caller, path }) => {
      const id = parseId("token", path["token"] ?? "");
      if (id === null) throw tokenProblem("token/unknown");
      await revokeToken({ perform }, caller, id);
      return undefined;
    },
    listMembers: async ({ caller }) => memberListBody(await listMembers({ store }, caller)),
    changeRoles: async ({ caller, path, body }) => {
      await changeRoles({ perform }, caller, { member: memberIn(path), ...body });
      return undefined;
    },
    removeMember: async ({ caller, path }) => {
      await removeMember({ perform, identity }, caller, memberIn(path));
      return undefined;
    },
    inviteMember: async ({ caller, body }) => invitationBody(await inviteMember(inviting, caller, body)),
    resendInvitation: async ({ caller, path }) => {
      await resendInvitation(inviting, caller, invitationIn(path));
      return undefined;
    },
    withdrawInvitation: async ({ caller, path }) => {
      await withdrawInvitation({ perform, identity }, caller, invitationIn(path));
      return undefined;
    },
    invited: async ({ body, now }) => {
      const { invitation, organisation } = await showInvited({ store, sha256, now }, body);
      const { name, address, roles, expiresAt } = invitation;
      return { organisation: organisation.name, name, address, roles: [...roles], expiresAt };
    },
    enrolInvited: ({ body, now }) => enrolInvited({ store, identity, sha256, now }, body),
    completeJoining: async ({ body, reply, now }) => {
      const from = openedFrom(reply.request.headers["user-agent"]);
      const joined = await completeJoining({ store, perform, identity, random, sha256, now }, { ...body, from });
      setSessionCookie(reply, joined.session);
      return memberBody(joined.member, joined.organisation);
    },
    memberChain: async ({ caller, now }) => chainBody(await showMemberChain({ store, now }, caller)),
    extendMemberChain: async ({ caller, body }) => {
      await extendMemberChain({ store, perform, signatures, sha256 }, caller, body);
      return undefined;
    },
    requestDevice: async ({ caller, body }) => {
      await requestDevice({ perform }, caller, body);
      return undefined;
    },
    listTransfers: async ({ caller, query }) => {
      const after = query["after"] === undefined ? null : parseId("transfer", query["after"]);
      const { transfers, next } = await listTransfers({ store }, caller, { limit: PAGE_LIMIT, after });
      return { transfers: transfers.map(transferBody), next };
    },
    searchTransfers: async ({ caller, body }) => {
      const { transfers, ...rest } = await searchTransfers({ store }, caller, body, PAGE_LIMIT);
      return { transfers: transfers.map(transferBody), ...rest };
    },
    attention: async ({ caller }) => ({ transfers: await attentionCount({ store }, caller) }),
    draftTransfer: async ({ caller, body, now }) => {
      const transfer = await draftTransfer({ store, perform, keys, random, sha256, now, quotaBytes }, caller, body);
      return transferNow(caller, transfer.id);
    },
    transfer: ({ caller, path }) => transferNow(caller, transferIn(path)),
    heldParts: async ({ caller, path }) => ({
      parts: (await heldParts({ store }, caller, transferIn(path))).map(partBody),
    }),
    partTargets: async ({ caller, path, body }) => {
      const targets = await partTargets({ store, urls }, caller, { transfer: transferIn(path), parts: body.parts });
      return {
        targets: targets.map((target) => ({ ...target, method: "PUT" as const, headers: { ...target.headers } })),
      };
    },
    sealTransfer: async ({ caller, path, body, now }) => {
      const transfer = await sealTransfer({ store, perform, keys, signatures, sha256, factorSecrets, now }, caller, {
        transfer: transferIn(path),
        ...body,
      });
      // Space, not safety: what is left over now goes with the transfer at the latest.
      await clearStray({ store, blobs }, transfer.id).catch(() => undefined);
      return transferNow(caller, transfer.id);
    },
    abandonTransfer: async ({ caller, path }) => {
      const id = transferIn(path);
      await abandonTransfer({ perform }, caller, id);
      return afterEnd(caller, id);
    },
    revokeTransfer: async ({ caller, path }) => {
      const id = transferIn(path);
      await revokeTransfer({ perform, keys }, caller, id);
      return afterEnd(caller, id);
    },
    revokeGrant: async ({ caller, path }) => {
      const ids = grantIn(path);
      await revokeGrant({ perform, keys }, caller, ids);
      return afterEnd(caller, ids.transfer);
    },
    suspendGrant: async ({ caller, path }) => {
      const ids = grantIn(path);
      await suspendGrant({ perform, keys }, caller, ids);
      return transferNow(caller, ids.transfer);
    },
    resumeGrant: async ({ caller, path }) => {
      const ids = grantIn(path);
      await resumeGrant({ perform, keys }, caller, ids);
      return transferNow(caller, ids.transfer);
    },
    placeHold: async ({ caller, path, body }) => {
      const transfer = transferIn(path);
      await placeHold({ perform, keys, random }, caller, { transfer, reason: body.reason });
      return transferNow(caller, transfer);
    },
    liftHold: async ({ caller, path, body }) => {
      const transfer = transferIn(path);
      await liftHold({ perform, keys }, caller, { transfer, reason: body.reason });
      return afterEnd(caller, transfer);
    },
    eraseTransfer: async ({ caller, path }) => {
      const id = transferIn(path);
      await eraseTransfer({ store, perform }, caller, id);
      return transferNow(caller, id);
    },
    releaseToMember: async ({ caller, path, body }) => {
      const asked = { transfer: transferIn(path), ...body };
      const released = await releaseToMember({ store, perform, keys, random, sha256, signatures }, caller, asked);
      return { ...memberReleaseBody(released), blob: urls.read(released.transfer.id) };
    },
    addRecipient: async ({ caller, path, body, now }) => {
      const transfer = transferIn(path);
      await addRecipient({ store, perform, keys, signatures, sha256, factorSecrets, now }, caller, {
        transfer,
        ...body,
      });
      return body.replaces === null ? transferNow(caller, transfer) : afterEnd(caller, transfer);
    },
    keyClock: async () => ({ ...(await keys.clock()) }),
    confirmKeyClock: async ({ caller, body }) => ({
      missing: await confirmKeyClock({ perform, keys, sha256 }, caller, body),
    }),
    recoveryKey: async ({ caller }) => ({ key: recoveryKeyBody(await showRecoveryKey({ store }, caller)) }),
    setRecoveryKey: async ({ caller, body }) => {
      await setRecoveryKey({ store, perform, signatures, sha256 }, caller, body);
      return undefined;
    },
    listRecoveries: async ({ caller, now }) => ({
      recoveries: (await listRecoveries({ store, now }, caller)).map(recoveryBody),
    }),
    requestRecovery: async ({ caller, path, body }) => {
      const asked = { transfer: transferIn(path), ...body };
      await requestRecovery({ store, perform, signatures, sha256 }, caller, asked);
      return undefined;
    },
    approveRecovery: async ({ caller, path, body }) => {
      const approval = { recovery: recoveryIn(path), ...body };
      await approveRecovery({ store, perform, signatures, sha256 }, caller, approval);
      return undefined;
    },
    releaseRecovery: async ({ caller, path, body }) => {
      const asked = { recovery: recoveryIn(path), ...body };
      const released = await releaseRecovery({ store, perform, keys, random, sha256, signatures }, caller, asked);
      return { ...memberReleaseBody(released), blob: urls.read(released.transfer.id) };
    },
    certificate: ({ caller, path, now }) => certificateOf({ store, ledger, sha256, now }, caller, transferIn(path)),
    searchAudit: async ({ caller, body: { after, ...asked } }) =>
      auditBody(await searchEvents({ store, perform, sha256 }, caller, { asked, after })),
    exportAudit: async ({ caller, body: { format, ...asked }, now }) => ({
      mediaType: format === "csv" ? "text/csv" : "application/json",
      pieces: await exportEvents({ store, perform, ledger, sha256, now }, caller, { asked, format }),
    }),
    openLinks: async ({ caller, body, now }) =>
      openLinksBody(await openLinks({ store, perform, now }, caller, body.skip)),
    ledgerHealth: async () => ledgerBody(await ledgerHealth({ store }), ledger),
    recipientFactors: async ({ caller, body }) => ({
      enrolled: [...(await recipientFactors({ store, factorSecrets }, caller, body))],
    }),
    removeRecipientFactor: async ({ caller, body }) => {
      await removeRecipientFactor({ perform, factorSecrets }, caller, body);
      return undefined;
    },
    invitation: async ({ path, now }) => {
      const { grant, transfer, organisationName, senderName, hint } = await showInvitation(
        { store, now },
        linkedGrant(path),
      );
      return {
        organisation: organisationName,
        sender: senderName,
        purpose: transfer.purpose,
        profile: transfer.profile,
        notBefore: grant.notBefore,
        notAfter: grant.endsAt,
        addressHint: hint,
        evaluation: mailbox !== null,
      };
    },
    sendCode: async ({ path }) => {
      const { hint, ...times } = await sendCode({ perform, outbox, random, sha256, codeKey }, linkedGrant(path));
      return { addressHint: hint, ...times };
    },
    confirm: async ({ path, body }) => {
      const deps = { perform, random, sha256, codeKey };
      const { terms, ...session } = await confirmAddress(deps, { grant: linkedGrant(path), code: body.code });
      return { ...session, terms: bytesText(terms) };
    },
    provePasscode: async ({ caller, body }) => {
      await provePasscode({ perform, sha256 }, caller, body);
      return undefined;
    },
    proveAuthenticator: async ({ caller, body }) => {
      await proveAuthenticator({ perform, factorSecrets }, caller, body);
      return undefined;
    },
    askPasskey: async ({ caller }) => {
      const asked = await askPasskey({ perform, passkeys, random }, caller);
      return { ...asked, challenge: bytesText(asked.challenge) };
    },
    provePasskey: async ({ caller, body, now }) => {
      await provePasskey({ store, perform, factorSecrets, passkeys, now }, caller, body);
      return undefined;
    },
    ownFactors: async ({ caller, now }) => {
      const { enrolled, removable } = await ownFactors({ store, factorSecrets, now }, caller);
      return { enrolled: [...enrolled], removable: [...removable] };
    },
    beginAuthenticator: ({ caller }) => beginAuthenticator({ perform, factorSecrets, random }, caller),
    confirmAuthenticator: async ({ caller, body }) => {
      await confirmAuthenticator({ perform, factorSecrets }, caller, body);
      return undefined;
    },
    beginPasskey: async ({ caller }) =>
      newPasskeyBody(await beginPasskey({ perform, factorSecrets, passkeys, random }, caller)),
    confirmPasskey: async ({ caller, body, now }) => {
      await confirmPasskey({ store, perform, factorSecrets, passkeys, random, now }, caller, body);
      return undefined;
    },
    removeOwnFactor: async ({ caller, body }) => {
      await removeOwnFactor({ perform, factorSecrets }, caller, body);
      return undefined;
    },
    acceptConditions: async ({ caller, body }) => {
      await acceptConditions({ perform }, caller, body);
      return undefined;
    },
    attestDeletion: async ({ caller }) => {
      await attestDeletion({ perform }, caller);
      return undefined;
    },
    reportProblem: async ({ caller, body }) => {
      await reportProblem({ perform, outbox, random }, caller, body);
      return undefined;
    },
    release: async ({ caller, body }) => {
      const released = await release({ perform, keys, random, sha256 }, caller, body.ephemeralPublicKey);
      return { ...releaseBody(released), blob: urls.read(released.transfer.id) };
    },
    blobTarget: ({ caller, now }) => blobTarget({ store, urls, now }, caller),
    receipt: async ({ caller, body }) => {
      await recordReceipt({ perform }, caller, { files: body.files });
      return undefined;
    },
    mailbox: async ({ query }) => {
      if (mailbox === null) throw requestProblem("request/unknown-path");
      return { messages: mailbox.messages(query["to"]).map((message) => ({ ...message })) };
    },
  };
}
