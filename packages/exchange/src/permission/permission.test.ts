/** What each role reaches, written out a second time by hand: a change of the table has to be meant twice. */
import { nodeCrypto } from "@safeconduct/crypto-node";
import { MEMBER_ROLES, type MemberRole, type MemberRoute, routes } from "@safeconduct/contract";
import {
  cheapCrypto,
  type Desk,
  ExchangeScene,
  outcomeOf,
  type SealedTransfer,
  sealedTransfer,
} from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { liftHold } from "../holds/lift-hold.ts";
import { placeHold } from "../holds/place-hold.ts";
import { listRecoveries } from "../recovery/request-recovery.ts";
import { eraseTransfer } from "../retention/erase.ts";
import { draftTransfer } from "../transfers/draft-transfer.ts";
import { revokeGrant, revokeTransfer } from "../transfers/revoke.ts";
import { listTransfers, showTransfer } from "../transfers/show-transfers.ts";
import { resumeGrant, suspendGrant } from "../transfers/suspend-grant.ts";
import { PERMISSIONS, type Reach, reachesOf } from "./permission.ts";

const words = (text: string): readonly string[] => text.trim().split(/\s+/u);
const EVERYBODY =
  words(`signOut me sendTestMail listTokens createToken revokeToken memberChain extendMemberChain requestDevice
  currentSession useSession lockSession provePassword listSessions endSession endOtherSessions
  askProofPasskey provePasskeyOfMember listMemberPasskeys beginMemberPasskey addMemberPasskey removeMemberPasskey
  changePassword chooseLanguage`);
const SENDS = words(
  "draftTransfer heldParts partTargets sealTransfer abandonTransfer addRecipient releaseToMember recipientFactors",
);
const SEES = words("listTransfers searchTransfers attention transfer");
const CLOSES = words(`revokeTransfer revokeGrant suspendGrant resumeGrant settleProblem certificate
  removeRecipientFactor listRecoveries requestRecovery releaseRecovery`);
const OVERSEES = words("placeHold liftHold eraseTransfer approveRecovery searchAudit exportAudit openLinks");
const RUNS = words("recoveryKey keyClock confirmKeyClock ledgerHealth");
const MANAGES = words(`setRecoveryKey listMembers changeRoles removeMember inviteMember resendInvitation
  withdrawInvitation`);

/** Each route that the role may call, and how far. Everything else is refused. */
const REACHES: Readonly<Record<MemberRole, Readonly<Record<string, Reach>>>> = {
  sender: { ...each(EVERYBODY, "own"), ...each([...SENDS, ...SEES, ...CLOSES], "own"), recoveryKey: "organisation" },
  reviewer: { ...each(EVERYBODY, "own"), ...each(SEES, "awaiting-review") },
  "compliance-officer": {
    ...each(EVERYBODY, "own"),
    ...each([...SEES, ...CLOSES, ...OVERSEES, ...RUNS], "organisation"),
  },
  administrator: { ...each(EVERYBODY, "own"), ...each([...RUNS, ...MANAGES], "organisation") },
};

function each(names: readonly string[], reach: Reach): Record<string, Reach> {
  return Object.fromEntries(names.map((name) => [name, reach]));
}

const memberRoutes = Object.entries(routes).flatMap(([name, { auth }]) =>
  auth === "member" ? [name as MemberRoute] : [],
);

describe("the table of permissions", () => {
  test.each(MEMBER_ROLES.flatMap((role) => memberRoutes.map((route) => [role, route] as const)))(
    "gives a %s with %s what was meant",
    (role, route) => {
      const reach = REACHES[role][route];
      expect([...reachesOf(route, [role])]).toEqual(reach === undefined ? [] : [reach]);
    },
  );

  test("has a line for every route of members, and no other", () => {
    expect(Object.keys(PERMISSIONS).sort()).toEqual([...memberRoutes].sort());
  });

  test("gives nothing to a member without a role", () => {
    for (const route of memberRoutes) expect(reachesOf(route, []).size).toBe(0);
  });

  test("gives several roles what each of them has, and no more", () => {
    expect(reachesOf("transfer", ["sender", "compliance-officer"])).toEqual(new Set(["own", "organisation"]));
    expect(reachesOf("placeHold", ["sender", "reviewer", "administrator"]).size).toBe(0);
  });

  test("has no role that may do everything, and none that both manages people and touches transfers", () => {
    for (const role of MEMBER_ROLES)
      expect(memberRoutes.some((route) => reachesOf(route, [role]).size === 0)).toBe(true);
    const aboutTransfers = memberRoutes.filter((route) => routes[route].path.startsWith("/transfers"));
    expect(aboutTransfers.length).toBeGreaterThan(10);
    for (const route of aboutTransfers) expect(reachesOf(route, ["administrator"]).size).toBe(0);
  });

  test("lets nobody but senders open files, and only their own", () => {
    expect(PERMISSIONS.releaseToMember).toEqual({ sender: "own" });
  });
});

describe("a sealed transfer", () => {
  const crypto = cheapCrypto(nodeCrypto());
  let scene: ExchangeScene;
  let sender: Desk;
  let sealed: SealedTransfer;
  beforeEach(async () => {
    scene = await ExchangeScene.open({ crypto });
    sender = await scene.desk(undefined, ["sender"]);
    sealed = await sealedTransfer(scene, sender);
  });
  const colleague = (...roles: MemberRole[]) => scene.desk(sender.organisation, roles);
  const page = { limit: 50, after: null };
  const listed = async ({ caller }: Desk) =>
    (await listTransfers(scene.deps, caller, page)).transfers.map(({ transfer }) => transfer.id);
  const shown = ({ caller }: Desk) => outcomeOf(showTransfer(scene.deps, caller, sealed.id));
  const ids = () => ({ transfer: sealed.id, grant: sealed.grant });

  test("is seen by its sender and compliance officers, and by nobody else", async () => {
    const officer = await colleague("compliance-officer");
    const other = await colleague("sender");
    const reviewer = await colleague("reviewer");
    const administrator = await colleague("administrator");
    expect([await shown(sender), await shown(officer)]).toEqual(["done", "done"]);
    expect([await shown(other), await shown(reviewer)]).toEqual(["transfer/unknown", "transfer/unknown"]);
    expect(await shown(administrator)).toBe("permission/refused");
    expect([await listed(sender), await listed(officer)]).toEqual([[sealed.id], [sealed.id]]);
    expect([await listed(other), await listed(reviewer)]).toEqual([[], []]);
    expect(await outcomeOf(listTransfers(scene.deps, administrator.caller, page))).toBe("permission/refused");
  });

  test("is listed page by page to a sender without what colleagues sent in between", async () => {
    const other = await colleague("sender");
    const theirs = await sealedTransfer(scene, other);
    const second = await sealedTransfer(scene, sender);
    expect(await listed(sender)).toEqual([second.id, sealed.id]);
    const after = await listTransfers(scene.deps, sender.caller, { limit: 50, after: theirs.id });
    expect(after.transfers).toEqual([]);
    const first = await listTransfers(scene.deps, sender.caller, { limit: 1, after: null });
    expect(first.next).toBe(second.id);
  });

  test("is closed by a compliance officer, link by link and as a whole", async () => {
    const { caller } = await colleague("compliance-officer");
    expect(await outcomeOf(suspendGrant(scene.deps, caller, ids()))).toBe("done");
    expect(await outcomeOf(resumeGrant(scene.deps, caller, ids()))).toBe("done");
    expect(await outcomeOf(revokeGrant(scene.deps, caller, ids()))).toBe("done");
    expect(await outcomeOf(revokeTransfer(scene.deps, caller, sealed.id))).toBe("transfer/not-active");
  });

  test("is not held, freed or erased by its sender", async () => {
    const { caller } = sender;
    const { caller: officer } = await colleague("compliance-officer");
    const hold = { transfer: sealed.id, reason: "litigation" } as const;
    expect(await outcomeOf(placeHold(scene.deps, caller, hold))).toBe("permission/refused");
    expect(await outcomeOf(placeHold(scene.deps, officer, hold))).toBe("done");
    expect(await outcomeOf(liftHold(scene.deps, caller, hold))).toBe("permission/refused");
    expect(await outcomeOf(eraseTransfer(scene.deps, caller, sealed.id))).toBe("permission/refused");
  });

  test("is out of reach in the moment in which its sender loses the role or is removed, whatever the request said", async () => {
    const change = (to: Partial<Desk["member"]>) =>
      scene.store.transaction((tx) => tx.updateMember(sender.member.id, to));
    await change({ roles: ["reviewer"] });
    expect(await shown(sender)).toBe("transfer/unknown");
    expect(await outcomeOf(revokeTransfer(scene.deps, sender.caller, sealed.id))).toBe("permission/refused");
    await change({ roles: ["sender"], removedAt: scene.clock.now() });
    expect(await shown(sender)).toBe("sign-in/required");
    expect(await outcomeOf(draftTransfer(scene.deps, sender.caller, sealed.draft))).toBe("sign-in/required");
    expect(await outcomeOf(listRecoveries(scene.deps, sender.caller))).toBe("sign-in/required");
  });
});
