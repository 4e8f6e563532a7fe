/** API tokens: a script acts as the member who made it. */
import { LIMITS } from "@safeconduct/contract";
import { drawId, type Random, type Sha256, type TokenId } from "@safeconduct/foundation";
import { drawBearer } from "../bearer.ts";
import type { MemberCaller } from "../callers.ts";
import type { Perform } from "../ledger/performer.ts";
import type { TokenRecord } from "../records.ts";
import { tokenProblem } from "./errors.ts";

/** The token itself is in the answer once and nowhere after. Problem `token/too-many`. */
export function createToken(
  { perform, random, sha256 }: { perform: Perform; random: Random; sha256: Sha256 },
  caller: MemberCaller,
  { name }: { name: string },
): Promise<{ record: TokenRecord; bearer: string }> {
  return perform(async (tx, now) => {
    if ((await tx.tokensOf(caller.member)).length >= LIMITS.tokensPerMember) throw tokenProblem("token/too-many");
    const { bearer, hash } = drawBearer("sct", { random, sha256 });
    const record: TokenRecord = {
      id: drawId("token", random),
      member: caller.member,
      organisation: caller.organisation,
      name,
      tokenHash: hash,
      createdAt: now,
      usedAt: null,
      revokedAt: null,
    };
    await tx.addToken(record);
    return { entries: [entry("token/created", caller, record.id)], value: { record, bearer } };
  });
}

/** Problem `token/unknown` for a token that is not the caller's, or is revoked already. */
export function revokeToken({ perform }: { perform: Perform }, caller: MemberCaller, id: TokenId): Promise<void> {
  return perform(async (tx, now) => {
    if (!(await tx.tokensOf(caller.member)).some((token) => token.id === id)) throw tokenProblem("token/unknown");
    await tx.revokeToken(id, now);
    return { entries: [entry("token/revoked", caller, id)], value: undefined };
  });
}

const entry = (type: "token/created" | "token/revoked", caller: MemberCaller, token: TokenId) =>
  ({
    type,
    actor: { kind: "member", id: caller.member },
    organisation: caller.organisation,
    detail: { token },
  }) as const;
