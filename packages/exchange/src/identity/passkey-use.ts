/**
 * A member's passkey is used: to sign in, or to show who is there. The signature is checked before the transaction, which waits for
 * nothing outside; the transaction spends what was signed and holds the counter.
 */
import { type Bytes, equalBytes, type FactorId, type MemberId, type Sha256, utf8Bytes } from "@safeconduct/foundation";
import { decodePasskey } from "../factors/passkey-credential.ts";
import type { PasskeyAssertion, Passkeys } from "../factors/ports.ts";
import type { Entry } from "../ledger/entry.ts";
import type { MemberPasskeyRecord, MemberRecord } from "../records.ts";
import type { Store, Transaction } from "../store.ts";
import { type ChallengeHolder, heldChallenge, spendSignInChallenge } from "./sign-in-challenge.ts";

/**
 * What a device keeps with a member's passkey, 32 bytes that name nobody. Another one than a recipient's of the same address: on one
 * device the newer would replace the older.
 */
export const userHandleOf = (sha256: Sha256, member: MemberId): Bytes =>
  sha256(utf8Bytes(`safeconduct/member-passkey\n${member}`));

/** Whose passkey it has to be: of this member, or of whom the device names where nobody is known yet. */
type Owner = { readonly member: MemberId } | { readonly userHandle: Bytes };

export interface CheckedAssertion {
  /** What there was to be answered. */
  readonly challenge: Bytes | null;
  /** Which passkey has signed it; null where none has. */
  readonly shown: { readonly passkey: FactorId; readonly credentialId: Bytes; readonly counter: number } | null;
}

/** `owner`: WebAuthn Level 3 §7.2, step 6. */
export async function checkAssertion(
  { store, passkeys, sha256, now }: { store: Store; passkeys: Passkeys; sha256: Sha256; now: number },
  { of, assertion, owner }: { of: ChallengeHolder; assertion: PasskeyAssertion; owner: Owner },
): Promise<CheckedAssertion> {
  const { challenge, passkey } = await store.read(async (view) => ({
    challenge: await heldChallenge(view, { of, now, sha256 }),
    passkey: await view.findPasskey(assertion.credentialId),
  }));
  if (challenge === null || passkey === null || !isOwner(sha256, passkey, owner)) return { challenge, shown: null };
  const accepted = await passkeys.asserted({ challenge, credential: decodePasskey(passkey.credential), assertion });
  if (accepted === null) return { challenge, shown: null };
  const { id, credentialId } = passkey;
  return { challenge, shown: { passkey: id, credentialId, counter: accepted.counter } };
}

function isOwner(sha256: Sha256, { member }: MemberPasskeyRecord, owner: Owner): boolean {
  return "member" in owner ? member === owner.member : equalBytes(owner.userHandle, userHandleOf(sha256, member));
}

/** `not-asked`: nothing was there to be answered. `counter-back`: a copy may be about (WebAuthn Level 3 §6.1.1). */
export type PasskeyUse =
  | { readonly outcome: "used"; readonly passkey: MemberPasskeyRecord; readonly member: MemberRecord }
  | { readonly outcome: "not-asked" | "refused" }
  | { readonly outcome: "counter-back"; readonly entry: Entry };

/** Whether what was checked still counts. The question is spent either way. */
export async function usePasskey(
  tx: Transaction,
  {
    of,
    checked: { challenge, shown },
    now,
    sha256,
  }: { of: ChallengeHolder; checked: CheckedAssertion; now: number; sha256: Sha256 },
): Promise<PasskeyUse> {
  if (!(await spendSignInChallenge(tx, { of, now, challenge, sha256 }))) return { outcome: "not-asked" };
  const passkey = shown && (await tx.findPasskey(shown.credentialId));
  const member = passkey && (await tx.findMember(passkey.member));
  // Removed, and added again perhaps, while the signature was looked at.
  if (!passkey || !member || passkey.id !== shown?.passkey || member.removedAt !== null) return { outcome: "refused" };
  // Devices that count never give a number twice. Both zero: it does not count.
  if (shown.counter <= passkey.counter && (shown.counter > 0 || passkey.counter > 0))
    return { outcome: "counter-back", entry: counterBack(passkey, member) };
  await tx.updatePasskey(passkey.id, { counter: shown.counter, usedAt: now });
  return { outcome: "used", passkey, member };
}

/** Not in the member's name: perhaps it is somebody else who has signed. */
const counterBack = ({ id }: MemberPasskeyRecord, { id: member, organisation }: MemberRecord): Entry => ({
  type: "passkey/counter-back",
  actor: { kind: "system" },
  organisation,
  detail: { passkey: id, member },
});
