/**
 * The member of a session proves who is there once more, with password and code or with a passkey: a locked session opens, an open
 * one has a fresh proof, which changing how one signs in takes.
 */
import type { Bytes, Random, Sha256 } from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import type { PasskeyAssertion, Passkeys } from "../factors/ports.ts";
import type { Entry } from "../ledger/entry.ts";
import type { Perform } from "../ledger/performer.ts";
import type { SessionRecord } from "../records.ts";
import type { Store, Transaction } from "../store.ts";
import { signInProblem } from "./errors.ts";
import { checkAssertion, usePasskey } from "./passkey-use.ts";
import type { Identity } from "./ports.ts";
import { showSession } from "./session-lock.ts";
import { lockedSince, ownSession } from "./sessions.ts";
import { drawSignInChallenge, SIGN_IN_CHALLENGE_LIFE_MS } from "./sign-in-challenge.ts";

/** How long a proof is fresh: a sign-in, an unlocking, or one that was asked for. */
export const PROOF_LIFE_MS = 5 * 60 * 1000;

/** Problem `sign-in/proof-required`. A proof from the future is none: somebody has set the clock back. */
export function requireFreshProof({ provenAt }: SessionRecord, now: number): void {
  if (now < provenAt || now >= provenAt + PROOF_LIFE_MS) throw signInProblem("sign-in/proof-required");
}

/** Guesses are counted for the account, as at the sign-in. Problems: those of {@link ownSession}, `sign-in/proof-refused`. */
export async function provePassword(
  { store, perform, identity, now: readAt }: { store: Store; perform: Perform; identity: Identity; now: number },
  caller: MemberCaller,
  { password, code }: { password: string; code: string },
): Promise<void> {
  const { member } = await showSession({ store, now: readAt }, caller);
  const proven = await identity.signIn({ address: member.address, password, code });
  return perform(async (tx, now) => {
    const session = await ownSession(tx, caller, now);
    const proof = { session, now, by: "password" } as const;
    return proven?.member === member.id ? accept(tx, caller, proof) : refuse(caller, proof);
  });
}

interface PasskeyDeps {
  readonly store: Store;
  readonly passkeys: Passkeys;
  readonly sha256: Sha256;
  readonly now: number;
}

/** What a passkey of this member is to sign, for this session. Not an entry. Problems: those of {@link ownSession}. */
export function askProofPasskey(
  { store, passkeys, random, sha256, now }: PasskeyDeps & { random: Random },
  caller: MemberCaller,
): Promise<{ challenge: Bytes; rpId: string; expiresInSeconds: number; allowed: readonly Bytes[] }> {
  return store.transaction(async (tx) => {
    const { tokenHash } = await ownSession(tx, caller, now);
    const of = { bearerHash: tokenHash, purpose: "proof" } as const;
    const challenge = await drawSignInChallenge(tx, { of, now, random, sha256 });
    const allowed = (await tx.passkeysOf(caller.member)).map(({ credentialId }) => credentialId);
    return { challenge, rpId: passkeys.rpId(), expiresInSeconds: SIGN_IN_CHALLENGE_LIFE_MS / 1000, allowed };
  });
}

/**
 * Only with a passkey of the member whose session it is. Problems: those of {@link ownSession}, `sign-in/passkey-refused`, which is no
 * entry where nothing was asked: anybody at a locked page could make as many as they like.
 */
export async function provePasskeyOfMember(
  { store, perform, passkeys, sha256, now: readAt }: PasskeyDeps & { perform: Perform },
  caller: MemberCaller,
  assertion: PasskeyAssertion,
): Promise<void> {
  const { tokenHash } = await store.read((view) => ownSession(view, caller, readAt));
  const of = { bearerHash: tokenHash, purpose: "proof" } as const;
  const checked = await checkAssertion({ store, passkeys, sha256, now: readAt }, { of, assertion, owner: caller });
  return perform(async (tx, now) => {
    const session = await ownSession(tx, caller, now);
    const proof = { session, now, by: "passkey" } as const;
    const use = await usePasskey(tx, { of, checked, now, sha256 });
    if (use.outcome === "not-asked") throw signInProblem("sign-in/passkey-refused");
    if (use.outcome === "used") return accept(tx, caller, proof);
    const { entries, refusal } = refuse(caller, proof);
    return { entries: use.outcome === "counter-back" ? [use.entry, ...entries] : entries, refusal };
  });
}

interface Proof {
  readonly session: SessionRecord;
  readonly now: number;
  readonly by: "password" | "passkey";
}

const entryOf = (caller: MemberCaller, { session, now, by }: Proof): Omit<Entry, "type"> => ({
  actor: { kind: "member", id: caller.member },
  organisation: caller.organisation,
  detail: { session: session.id, by, wasLocked: lockedSince(session, now) !== null },
});

async function accept(tx: Transaction, caller: MemberCaller, proof: Proof) {
  const { session, now } = proof;
  await tx.updateSession(session.id, { provenAt: now, usedAt: now, lockedAt: null });
  return { entries: [{ ...entryOf(caller, proof), type: "session/proven" } as const], value: undefined };
}

function refuse(caller: MemberCaller, proof: Proof) {
  const refusal = signInProblem(proof.by === "password" ? "sign-in/proof-refused" : "sign-in/passkey-refused");
  const entries: Entry[] = [{ ...entryOf(caller, proof), type: "session/proof-refused", refused: refusal.code }];
  return { entries, refusal };
}
