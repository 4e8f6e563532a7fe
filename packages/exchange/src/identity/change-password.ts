/**
 * A member chooses a new password. The proof comes with the request itself and not from a minute ago: an open page that somebody else
 * sits down at is no reason to hand the account over. Every other session of the member ends; API tokens stay.
 */
import type { Random, Sha256 } from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import type { PasskeyAssertion, Passkeys } from "../factors/ports.ts";
import type { Perform } from "../ledger/performer.ts";
import type { OutboxDoor } from "../outbox/ports.ts";
import type { Store } from "../store.ts";
import { accountMailJob } from "./account-mail.ts";
import { signInProblem } from "./errors.ts";
import { endOtherSessions, endOthers } from "./own-sessions.ts";
import type { Identity } from "./ports.ts";
import { provePassword, provePasskeyOfMember, requireFreshProof } from "./prove-session.ts";
import { showSession } from "./session-lock.ts";
import { ownSession } from "./sessions.ts";

export type GivenProof =
  | { readonly by: "password"; readonly password: string; readonly code: string }
  | ({ readonly by: "passkey" } & PasskeyAssertion);

interface Deps {
  readonly store: Store;
  readonly perform: Perform;
  readonly outbox: OutboxDoor;
  readonly identity: Identity;
  readonly passkeys: Passkeys;
  readonly random: Random;
  readonly sha256: Sha256;
  readonly now: number;
}

/**
 * The rules of the new password come first: they must not cost a code. Entry and end of the other sessions are durable before the
 * password changes, so that no change is without its entry; after a crash in between the entry stands and the old password goes on,
 * until it is changed again. Problems: those of `ownSession`, of `IdentityProblemCode` for a password, `sign-in/proof-refused`,
 * `sign-in/passkey-refused`.
 */
export async function changePassword(
  deps: Deps,
  caller: MemberCaller,
  { password, proof }: { password: string; proof: GivenProof },
): Promise<void> {
  const { store, perform, outbox, identity, random, now: readAt } = deps;
  const { member } = await showSession({ store, now: readAt }, caller);
  const { address, name } = member;
  const prepared = await identity.preparePassword({ member: member.id, address, name, password });
  if (proof.by === "password") await provePassword(deps, caller, proof);
  else await provePasskeyOfMember(deps, caller, proof);
  await perform(async (tx, now) => {
    requireFreshProof(await ownSession(tx, caller, now), now);
    const sessions = await endOthers(tx, caller, now);
    await tx.saveJob(accountMailJob({ member: caller.member, change: "password-changed", at: now }, random));
    const entry = {
      type: "member/password-changed",
      actor: { kind: "member", id: caller.member },
      organisation: caller.organisation,
      detail: { by: proof.by, sessions },
    } as const;
    return { entries: [entry], value: undefined };
  });
  // False: the member was removed in the meantime.
  if (!(await prepared.takeEffect())) throw signInProblem("sign-in/required");
  // Those that were opened with the old password while the entry was written.
  await endOtherSessions({ perform }, caller);
  await outbox.nudge();
}
