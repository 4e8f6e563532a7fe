/** A recipient asks for a code. It goes to the address of the grant and nowhere else, by the outbox. */
import type { Bytes, GrantId, Random, Sha256 } from "@safeconduct/foundation";
import type { Perform } from "../ledger/performer.ts";
import type { OutboxDoor } from "../outbox/ports.ts";
import { CODE_LIFE_MS, CODE_RESEND_MS, codeHash, codeOf, noCode, secondsUntilNextCode, withNewCode } from "./code.ts";
import { codeMailJob } from "./code-mail.ts";
import { grantProblem } from "./errors.ts";
import { addressHint, liveGrant, requireBegun } from "./live-grant.ts";

export interface SentCode {
  readonly hint: string;
  readonly expiresInSeconds: number;
  readonly nextInSeconds: number;
}

/**
 * Problems: `grant/unavailable`, `grant/not-yet`, `grant/code-wait`. A mail server that is away is none of the recipient's:
 * the outbox goes on trying while the code lives, and tells the sender when it could not.
 */
export async function sendCode(
  {
    perform,
    outbox,
    random,
    sha256,
    codeKey,
  }: { perform: Perform; outbox: OutboxDoor; random: Random; sha256: Sha256; codeKey: Bytes },
  id: GrantId,
): Promise<SentCode> {
  const { address } = await perform(async (tx, now) => {
    const { grant, transfer } = await liveGrant(tx, id, now);
    requireBegun(grant, now);
    const held = (await tx.findCode(id)) ?? noCode(grant, random);
    const wait = secondsUntilNextCode(held, now);
    if (wait > 0) throw grantProblem("grant/code-wait", { retryAfterSeconds: wait });
    const fresh = withNewCode(held, { now, random }, ({ salt }) => {
      const code = codeOf(sha256, { key: codeKey, salt, grant: id });
      return codeHash(sha256, { key: codeKey, salt, code });
    });
    await tx.saveCode(fresh);
    await tx.saveJob(codeMailJob(fresh, now, random));
    if (grant.codeUndeliveredAt !== null) await tx.updateGrant(id, { codeUndeliveredAt: null });
    const entry = {
      type: "grant/code-sent",
      actor: { kind: "recipient", id },
      organisation: grant.organisation,
      transfer,
      grant: id,
    } as const;
    return { entries: [entry], value: { address: grant.address } };
  });
  await outbox.nudge();
  return { hint: addressHint(address), expiresInSeconds: CODE_LIFE_MS / 1000, nextInSeconds: CODE_RESEND_MS / 1000 };
}
