/**
 * A recipient says after the end of their link that the copies are deleted. The link opens nothing any more, so no session begins: the
 * mailed code is the proof of this one word. A second factor is not asked for: authenticators and passkeys belong to an address, but a
 * passcode was said once, and who deleted everything has deleted that too. The entry says with which proof it was given.
 */
import { type Bytes, equalBytes, type GrantId, type Sha256 } from "@safeconduct/foundation";
import type { Perform } from "../ledger/performer.ts";
import { codeHash, withFailure } from "./code.ts";
import { findEndedGrant, isSameAddress } from "./ended-grant.ts";
import { grantProblem } from "./errors.ts";

interface Deps {
  readonly perform: Perform;
  readonly sha256: Sha256;
  readonly codeKey: Bytes;
}

/**
 * Problem `grant/code-refused` for whatever is wrong: link, address or code. Only while a code lives is
 * a wrong one counted and recorded: what comes besides leaves no trace. A repeat with a fresh code changes nothing.
 */
export function confirmDeletion(
  { perform, sha256, codeKey }: Deps,
  { grant: id, address, code }: { grant: GrantId; address: string; code: string },
): Promise<void> {
  return perform(async (tx, now) => {
    const refusal = grantProblem("grant/code-refused", { field: "/code" });
    const found = await findEndedGrant(tx, id, now);
    const held = await tx.findCode(id);
    const refused = { entries: [], refusal };
    if (found === null || held === null || held.codeHash === null) return refused;
    const { grant, transfer } = found;
    const isWaiting = now >= held.lockedUntil && now < held.expiresAt;
    if (!isWaiting || !isSameAddress(grant.address, address)) return refused;
    const by = {
      actor: { kind: "recipient", id },
      organisation: grant.organisation,
      transfer,
      grant: id,
      termsHash: grant.termsHash,
    } as const;
    const hash = codeHash(sha256, { key: codeKey, salt: held.salt, code, use: "deletion" });
    if (!equalBytes(hash, held.codeHash)) {
      await tx.saveCode(withFailure(held, now));
      return { entries: [{ ...by, type: "grant/confirm-refused", refused: refusal.code }], refusal };
    }
    await tx.saveCode({ ...held, codeHash: null, failures: 0, lockedUntil: 0 });
    if (grant.deletionAttestedAt !== null) return { entries: [], value: undefined };
    await tx.updateGrant(id, { deletionAttestedAt: now });
    return {
      entries: [{ ...by, type: "grant/deletion-attested", detail: { proof: "mailed-code", afterEnd: true } }],
      value: undefined,
    };
  });
}
