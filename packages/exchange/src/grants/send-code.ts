/** A recipient asks for a code. It goes to the address of the grant and nowhere else. */
import type { Bytes, GrantId, Random, Sha256 } from "@safeconduct/foundation";
import type { Perform } from "../ledger/performer.ts";
import type { Mail } from "../mail/ports.ts";
import { CODE_LIFE_MS, CODE_RESEND_MS, codeHash, drawCode, noCode, secondsUntilNextCode, withNewCode } from "./code.ts";
import { grantProblem } from "./errors.ts";
import { addressHint, liveGrant, requireBegun } from "./live-grant.ts";

export interface SentCode {
  readonly hint: string;
  readonly expiresInSeconds: number;
  readonly nextInSeconds: number;
}

/** Problems: `grant/unavailable`, `grant/not-yet`, `grant/code-wait`, `mail/undelivered`. */
export async function sendCode(
  {
    perform,
    mail,
    random,
    sha256,
    codeKey,
  }: { perform: Perform; mail: Mail; random: Random; sha256: Sha256; codeKey: Bytes },
  id: GrantId,
): Promise<SentCode> {
  const { address, code, organisation } = await perform(async (tx, now) => {
    const { grant, transfer } = await liveGrant(tx, id, now);
    requireBegun(grant, now);
    const held = (await tx.findCode(id)) ?? noCode(grant, random);
    const wait = secondsUntilNextCode(held, now);
    if (wait > 0) throw grantProblem("grant/code-wait", { retryAfterSeconds: wait });
    const drawn = drawCode(random);
    await tx.saveCode(
      withNewCode(held, { hash: codeHash(sha256, { key: codeKey, salt: held.salt, code: drawn }), now }),
    );
    const entry = {
      type: "grant/code-sent",
      actor: { kind: "recipient", id },
      organisation: grant.organisation,
      transfer,
      grant: id,
    } as const;
    const value = {
      address: grant.address,
      code: drawn,
      organisation: (await tx.organisation(grant.organisation))?.name ?? "",
    };
    return { entries: [entry], value };
  });
  // Only after the entry is durable. The code itself is kept nowhere but in this message.
  await mail.send({
    to: address,
    subject: `Your code for files from ${organisation}`,
    text: [
      `${organisation} has sent you files through Safeconduct.`,
      "",
      `Your code: ${code}`,
      "",
      "Enter it on the page that you opened. It works once, for 10 minutes.",
      "If you did not open a link, ignore this message. Nobody will ever ask you for this code by phone.",
    ].join("\n"),
  });
  return { hint: addressHint(address), expiresInSeconds: CODE_LIFE_MS / 1000, nextInSeconds: CODE_RESEND_MS / 1000 };
}
