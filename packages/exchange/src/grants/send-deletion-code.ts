/**
 * Somebody before a link that does not open says at which address it came to them, and asks for a code to confirm that their copies
 * are deleted. Who asks learns nothing: the answer is the same for a link that is unknown, open, closed for now, or another's.
 */
import type { Bytes, GrantId, Random, Sha256 } from "@safeconduct/foundation";
import type { Perform } from "../ledger/performer.ts";
import type { OutboxDoor } from "../outbox/ports.ts";
import { CODE_LIFE_MS, CODE_RESEND_MS, codeHash, codeOf, noCode, secondsUntilNextCode, withNewCode } from "./code.ts";
import { codeMailJob } from "./code-mail.ts";
import { findEndedGrant, isSameAddress } from "./ended-grant.ts";
import type { SentCode } from "./send-code.ts";

/**
 * Codes of one link after its end: each is a mail and an entry, and an ended link is never over by itself. Together with five tries
 * for each, guesses stay within the hundred of SP 800-63B-4 §3.2.2.
 */
export const DELETION_CODE_LIMIT = 20;

interface Deps {
  readonly perform: Perform;
  readonly outbox: OutboxDoor;
  readonly random: Random;
  readonly sha256: Sha256;
  readonly codeKey: Bytes;
}

/** A code that was sent a moment ago, and one too many, are not told either: a wait would say that there is such a link. */
export async function sendDeletionCode(
  { perform, outbox, random, sha256, codeKey }: Deps,
  { grant: id, address }: { grant: GrantId; address: string },
): Promise<Omit<SentCode, "hint">> {
  await perform(async (tx, now) => {
    const found = await findEndedGrant(tx, id, now);
    const held = (await tx.findCode(id)) ?? (found && noCode(found.grant, random));
    if (found === null || held === null || !isSameAddress(found.grant.address, address)) return NOTHING;
    const { grant, transfer } = found;
    const isTooMany = grant.deletionCodes >= DELETION_CODE_LIMIT;
    // The first waits for nobody: the code before it may have opened the files a moment ago, and a wait cannot be told here.
    const isTooSoon = grant.deletionCodes > 0 && secondsUntilNextCode(held, now) > 0;
    if (isTooMany || isTooSoon || now < held.lockedUntil) return NOTHING;
    const fresh = withNewCode(held, { now, random }, ({ salt }) => {
      const code = codeOf(sha256, { key: codeKey, salt, grant: id });
      return codeHash(sha256, { key: codeKey, salt, code, use: "deletion" });
    });
    await tx.saveCode(fresh);
    await tx.updateGrant(id, { deletionCodes: grant.deletionCodes + 1 });
    await tx.saveJob(codeMailJob(fresh, now, random, "deletion"));
    const entry = {
      type: "grant/deletion-code-sent",
      actor: { kind: "recipient", id },
      organisation: grant.organisation,
      transfer,
      grant: id,
      termsHash: grant.termsHash,
    } as const;
    return { entries: [entry], value: undefined };
  });
  // Not waited for: how long a mail server takes would tell that there was something to mail. It hears of its failures itself.
  void outbox.nudge();
  return { expiresInSeconds: CODE_LIFE_MS / 1000, nextInSeconds: CODE_RESEND_MS / 1000 };
}

const NOTHING = { entries: [], value: undefined } as const;
