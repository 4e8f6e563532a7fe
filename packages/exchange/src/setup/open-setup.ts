/** At each start: the instance's birth is recorded once, and a fresh one-time set-up token is made while there is no organisation. */
import { base64UrlText, type Bytes, type Random, type Sha256 } from "@safeconduct/foundation";
import { BEARER_BYTES } from "../bearer.ts";
import type { Perform } from "../ledger/performer.ts";

/** Text of the set-up token, or null once set-up is done. An earlier token stops working. */
export async function openSetup(
  { perform, random, sha256 }: { perform: Perform; random: Random; sha256: Sha256 },
  { keyServicePublicKey }: { keyServicePublicKey: Bytes },
): Promise<string | null> {
  return perform(async (tx, now) => {
    const instance = await tx.instance();
    if ((await tx.firstOrganisation()) !== null) return { entries: [], value: null };
    const token = random.bytes(BEARER_BYTES);
    const born = instance.createdAt > 0;
    await tx.saveInstance({ ...instance, createdAt: born ? instance.createdAt : now, setupTokenHash: sha256(token) });
    const birth = {
      type: "instance/created",
      actor: { kind: "system" },
      organisation: null,
      payloadHash: sha256(keyServicePublicKey),
    } as const;
    return { entries: born ? [] : [birth], value: base64UrlText(token) };
  });
}
