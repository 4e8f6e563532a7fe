/** A recipient proves the address with the mailed code and gets a short verification session, bound to this one grant. */
import { type Bytes, drawId, equalBytes, type GrantId, type Random, type Sha256 } from "@safeconduct/foundation";
import { bearerHash, drawBearer } from "../bearer.ts";
import type { RecipientCaller } from "../callers.ts";
import type { Perform } from "../ledger/performer.ts";
import type { Store } from "../store.ts";
import { codeHash, noCode, withFailure } from "./code.ts";
import { grantProblem } from "./errors.ts";
import { liveGrant, requireBegun } from "./live-grant.ts";

export const VERIFICATION_LIFE_MS = 60 * 60 * 1000;

/**
 * The whole address comes along, which the page draws into what it shows; nobody learns it before the code. And the terms: they say which second factor the recipient needs, and with which salt a passcode is hashed.
 * Problems: `grant/unavailable`, `grant/not-yet`, `grant/code-refused` (wrong, old, used or waiting: one answer).
 */
export function confirmAddress(
  { perform, random, sha256, codeKey }: { perform: Perform; random: Random; sha256: Sha256; codeKey: Bytes },
  { grant: id, code }: { grant: GrantId; code: string },
): Promise<{ session: string; expiresAt: number; address: string; terms: Bytes; termsAcceptedAt: number | null }> {
  return perform(async (tx, now) => {
    const { grant, transfer } = await liveGrant(tx, id, now);
    requireBegun(grant, now);
    const { address } = grant;
    const held = (await tx.findCode(id)) ?? noCode(grant, random);
    const refusal = grantProblem("grant/code-refused", { field: "/code" });
    // While the grant waits nothing is tried, counted or recorded: guessing then is free of effect, also on the ledger.
    if (now < held.lockedUntil) throw refusal;
    const by = {
      actor: { kind: "recipient", id },
      organisation: grant.organisation,
      transfer,
      grant: id,
      termsHash: grant.termsHash,
    } as const;
    const matches =
      equalBytes(codeHash(sha256, { key: codeKey, salt: held.salt, code }), held.codeHash ?? new Uint8Array(32)) &&
      held.codeHash !== null &&
      now < held.expiresAt;
    if (!matches) {
      await tx.saveCode(withFailure(held, now));
      return { entries: [{ ...by, type: "grant/confirm-refused", refused: refusal.code }], refusal };
    }
    await tx.saveCode({ ...held, codeHash: null, failures: 0, lockedUntil: 0 });
    const { bearer, hash } = drawBearer("scv", { random, sha256 });
    const session = drawId("session", random);
    const expiresAt = now + VERIFICATION_LIFE_MS;
    await tx.addVerification({
      id: session,
      grant: id,
      tokenHash: hash,
      createdAt: now,
      expiresAt,
      factorPassedAt: null,
      challenge: null,
      challengeExpiresAt: 0,
    });
    await tx.updateGrant(id, {
      confirmedAt: grant.confirmedAt ?? now,
      ...(grant.state === "pending" ? { state: "confirmed" } : {}),
    });
    return {
      entries: [{ ...by, type: "grant/confirmed", detail: { session } }],
      value: { session: bearer, expiresAt, address, terms: grant.terms, termsAcceptedAt: grant.termsAcceptedAt },
    };
  });
}

/** The recipient behind an attacker-controlled bearer, for this grant only, or null. */
export async function recipientOf(
  { store, sha256, now }: { store: Store; sha256: Sha256; now: number },
  { grant, bearer }: { grant: GrantId; bearer: string },
): Promise<RecipientCaller | null> {
  const hash = bearerHash("scv", bearer, sha256);
  const verification = hash && (await store.read((view) => view.findVerification(hash)));
  if (!verification || verification.grant !== grant || now >= verification.expiresAt) return null;
  return { grant, session: verification.id };
}
