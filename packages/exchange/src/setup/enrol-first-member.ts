/** Set-up, first step: the organisation and its first member. Answers with the authenticator to add. May be repeated. */
import { type Bytes, drawId, equalBytes, type Random, type Sha256 } from "@safeconduct/foundation";
import type { Identity } from "../identity/ports.ts";
import type { Store } from "../store.ts";
import { setupProblem } from "./errors.ts";

interface FirstMember {
  readonly setupToken: Bytes;
  readonly organisation: { readonly name: string };
  readonly member: { readonly name: string; readonly address: string };
  readonly password: string;
}

/** Problems: `setup/not-open`, and those of {@link Identity.enrol}. Nothing is recorded until set-up is complete. */
export async function enrolFirstMember(
  { store, identity, random, sha256 }: { store: Store; identity: Identity; random: Random; sha256: Sha256 },
  { setupToken, organisation, member, password }: FirstMember,
): Promise<{ otpauthUri: string; secret: string }> {
  const pending = await store.transaction(async (tx) => {
    const instance = await tx.instance();
    if (instance.setupTokenHash === null || !equalBytes(instance.setupTokenHash, sha256(setupToken)))
      throw setupProblem("setup/not-open");
    const pendingSetup = {
      organisation: instance.pendingSetup?.organisation ?? drawId("organisation", random),
      organisationName: organisation.name,
      member: instance.pendingSetup?.member ?? drawId("member", random),
      memberName: member.name,
      memberAddress: member.address,
    };
    await tx.saveInstance({ ...instance, pendingSetup });
    return pendingSetup;
  });
  // Whoever confirmed an authenticator and then crashed or lost it before completion begins again with another.
  await identity.remove(pending.member);
  return identity.enrol({ member: pending.member, name: member.name, address: member.address, password });
}
