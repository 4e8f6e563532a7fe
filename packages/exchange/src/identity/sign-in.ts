/** A member signs in with address, password and authenticator code; both outcomes are recorded. */
import type { Random, Sha256 } from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import type { Perform } from "../ledger/performer.ts";
import type { MemberRecord, OrganisationRecord } from "../records.ts";
import type { OpenedFrom } from "./browser-name.ts";
import { signInProblem } from "./errors.ts";
import type { Identity } from "./ports.ts";
import { openSession } from "./sessions.ts";

export interface SignedIn {
  readonly member: MemberRecord;
  readonly organisation: OrganisationRecord;
  readonly session: string;
}

/** Problem `sign-in/refused`, whatever was wrong. */
export async function signIn(
  { perform, identity, random, sha256 }: { perform: Perform; identity: Identity; random: Random; sha256: Sha256 },
  { from, ...credentials }: { address: string; password: string; code: string; from: OpenedFrom },
): Promise<SignedIn> {
  const signedIn = await identity.signIn(credentials);
  return perform(async (tx, now) => {
    const member = signedIn && (await tx.findMember(signedIn.member));
    const organisation = member && (await tx.organisation(member.organisation));
    if (!member || member.removedAt !== null || !organisation) {
      const home = await tx.firstOrganisation();
      const refusal = signInProblem("sign-in/refused");
      return {
        entries: [
          {
            type: "member/sign-in-refused",
            actor: { kind: "system" },
            organisation: home?.id ?? null,
            refused: refusal.code,
          },
        ],
        refusal,
      };
    }
    const session = await openSession(tx, { member: member.id, now, from, random, sha256 });
    return {
      entries: [
        { type: "member/signed-in", actor: { kind: "member", id: member.id }, organisation: member.organisation },
      ],
      value: { member, organisation, session },
    };
  });
}

/** Ends the session of the caller. An API token is left alone. */
export async function signOut({ perform }: { perform: Perform }, caller: MemberCaller): Promise<void> {
  const { by, member, organisation } = caller;
  if (!("session" in by)) return;
  await perform(async (tx) => {
    await tx.endSession(by.session);
    return {
      entries: [{ type: "member/signed-out", actor: { kind: "member", id: member }, organisation }],
      value: undefined,
    };
  });
}
