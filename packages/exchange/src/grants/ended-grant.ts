/**
 * The grant behind an attacker-controlled link that has ended, where its recipient has something left to say: files were released
 * and the terms that they accepted ask something about copies. Everything else is null, and nobody outside may tell which it was.
 */
import type { GrantId } from "@safeconduct/foundation";
import type { View } from "../store.ts";
import { isLive } from "../transfers/end-transfer.ts";
import { askedOfRecipient } from "./conditions.ts";
import type { LiveGrant } from "./live-grant.ts";

/** A link that is closed for now has not ended. One whose transfer was erased has no address to ask any more. */
export async function findEndedGrant(view: View, id: GrantId, now: number): Promise<LiveGrant | null> {
  const grant = await view.findGrant(id);
  if (grant === null || grant.kind !== "recipient" || grant.address === "") return null;
  if (isLive(grant) && now < grant.endsAt) return null;
  if (grant.releases === 0 || askedOfRecipient(grant).conditions === null) return null;
  const transfer = await view.findTransfer(grant.transfer);
  return transfer && { grant, transfer };
}

/** Upper and lower case alike: mailboxes that differ in nothing else are as good as unknown, and telephones write a capital first. */
export const isSameAddress = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
