/** Set-up, last step: the authenticator works, so the organisation, its first member and a token for scripts come to be. */
import type { Language } from "@safeconduct/contract";
import { type Bytes, drawId, equalBytes, type Random, type Sha256 } from "@safeconduct/foundation";
import { drawBearer } from "../bearer.ts";
import type { OpenedFrom } from "../identity/browser-name.ts";
import { openSession } from "../identity/sessions.ts";
import type { Identity } from "../identity/ports.ts";
import type { Perform } from "../ledger/performer.ts";
import { FIRST_MEMBER_ROLES } from "../permission/permission.ts";
import type { MemberRecord, OrganisationRecord } from "../records.ts";
import type { Store } from "../store.ts";
import { setupProblem } from "./errors.ts";

export interface SetUp {
  readonly organisation: OrganisationRecord;
  readonly member: MemberRecord;
  readonly apiToken: string;
  readonly session: string;
}

/** Problems: `setup/not-open`, `setup/not-enrolled`, `setup/wrong-code`. The set-up token works once. */
export async function completeSetup(
  {
    store,
    perform,
    identity,
    random,
    sha256,
  }: { store: Store; perform: Perform; identity: Identity; random: Random; sha256: Sha256 },
  {
    setupToken,
    code,
    language,
    from,
  }: { setupToken: Bytes; code: string; language: Language | null; from: OpenedFrom },
): Promise<SetUp> {
  const tokenHash = sha256(setupToken);
  const open = async (view: Pick<Store, "read">) => {
    const instance = await view.read((reading) => reading.instance());
    if (instance.setupTokenHash === null || !equalBytes(instance.setupTokenHash, tokenHash))
      throw setupProblem("setup/not-open");
    if (instance.pendingSetup === null) throw setupProblem("setup/not-enrolled");
    return instance.pendingSetup;
  };
  const pending = await open(store);
  if (!(await identity.confirmAuthenticator({ member: pending.member, code }))) throw setupProblem("setup/wrong-code");

  return perform(async (tx, now) => {
    const instance = await tx.instance();
    // Two completions may have raced to this point: the token works once.
    if (instance.setupTokenHash === null || !equalBytes(instance.setupTokenHash, tokenHash))
      throw setupProblem("setup/not-open");
    const organisation = { id: pending.organisation, name: pending.organisationName, createdAt: now };
    const member = {
      id: pending.member,
      organisation: organisation.id,
      name: pending.memberName,
      address: pending.memberAddress,
      roles: FIRST_MEMBER_ROLES,
      language,
      createdAt: now,
      seenAt: now,
      removedAt: null,
    };
    await tx.addOrganisation(organisation);
    await tx.addMember(member);
    const apiToken = drawBearer("sct", { random, sha256 });
    const token = drawId("token", random);
    await tx.addToken({
      id: token,
      member: member.id,
      organisation: organisation.id,
      name: "Made at set-up",
      tokenHash: apiToken.hash,
      createdAt: now,
      usedAt: null,
      revokedAt: null,
    });
    const session = await openSession(tx, { member: member.id, now, from, random, sha256 });
    await tx.saveInstance({ ...instance, setupTokenHash: null, pendingSetup: null });
    const by = { actor: { kind: "setup" }, organisation: organisation.id } as const;
    return {
      entries: [
        { ...by, type: "organisation/created" },
        { ...by, type: "member/added", detail: { member: member.id } },
        { ...by, type: "member/signed-in", detail: { member: member.id } },
        { ...by, type: "token/created", detail: { token } },
      ],
      value: { organisation, member, apiToken: apiToken.bearer, session },
    };
  });
}
