/**
 * A member signs in with a passkey alone: something they have, unlocked by something they know or are (NIST SP 800-63B-4 §2.2.1: AAL2).
 * Nobody is named before the signature holds, so the question says nothing about anybody, and every failure is one answer.
 */
import type { Bytes, Random, Sha256 } from "@safeconduct/foundation";
import { bearerHash, drawBearer } from "../bearer.ts";
import type { PasskeyAssertion, Passkeys } from "../factors/ports.ts";
import type { Entry } from "../ledger/entry.ts";
import type { Perform } from "../ledger/performer.ts";
import type { Store } from "../store.ts";
import type { OpenedFrom } from "./browser-name.ts";
import { signInProblem } from "./errors.ts";
import { checkAssertion, usePasskey } from "./passkey-use.ts";
import { openSession } from "./sessions.ts";
import { drawSignInChallenge, SIGN_IN_CHALLENGE_LIFE_MS } from "./sign-in-challenge.ts";
import type { SignedIn } from "./sign-in.ts";

interface Deps {
  readonly store: Store;
  readonly passkeys: Passkeys;
  readonly random: Random;
  readonly sha256: Sha256;
  readonly now: number;
}

/** `bearer` ties the question to the browser that asked; it goes into a cookie. Not an entry: nothing has happened yet. */
export async function askSignInPasskey({
  store,
  passkeys,
  random,
  sha256,
  now,
}: Deps): Promise<{ bearer: string; challenge: Bytes; rpId: string; expiresInSeconds: number }> {
  const { bearer, hash } = drawBearer("scb", { random, sha256 });
  const of = { bearerHash: hash, purpose: "sign-in" } as const;
  const challenge = await store.transaction((tx) => drawSignInChallenge(tx, { of, now, random, sha256 }));
  return { bearer, challenge, rpId: passkeys.rpId(), expiresInSeconds: SIGN_IN_CHALLENGE_LIFE_MS / 1000 };
}

/**
 * `bearer` and `userHandle` are attacker-controlled as well. Problem `sign-in/passkey-refused`, whatever was wrong. What answers no
 * question of this browser is no entry: anybody could make as many as they like.
 */
export async function signInWithPasskey(
  { store, perform, passkeys, random, sha256, now: readAt }: Deps & { perform: Perform },
  given: { bearer: string | null; assertion: PasskeyAssertion; userHandle: Bytes; from: OpenedFrom },
): Promise<SignedIn> {
  const { bearer, assertion, userHandle, from } = given;
  const refusal = signInProblem("sign-in/passkey-refused");
  const hash = bearer === null ? null : bearerHash("scb", bearer, sha256);
  if (hash === null) throw refusal;
  const of = { bearerHash: hash, purpose: "sign-in" } as const;
  const checked = await checkAssertion(
    { store, passkeys, sha256, now: readAt },
    { of, assertion, owner: { userHandle } },
  );
  return perform(async (tx, now) => {
    const use = await usePasskey(tx, { of, checked, now, sha256 });
    if (use.outcome === "not-asked") throw refusal;
    const organisation = use.outcome === "used" ? await tx.organisation(use.member.organisation) : null;
    if (use.outcome !== "used" || organisation === null) {
      const home = await tx.firstOrganisation();
      const refused: Entry = {
        type: "member/sign-in-refused",
        actor: { kind: "system" },
        organisation: home?.id ?? null,
        refused: refusal.code,
      };
      return { entries: use.outcome === "counter-back" ? [use.entry, refused] : [refused], refusal };
    }
    const { member, passkey } = use;
    const session = await openSession(tx, { member: member.id, now, from, random, sha256 });
    const entry = {
      type: "member/signed-in",
      actor: { kind: "member", id: member.id },
      organisation: member.organisation,
      detail: { by: "passkey", passkey: passkey.id },
    } as const;
    return { entries: [entry], value: { member, organisation, session } };
  });
}
