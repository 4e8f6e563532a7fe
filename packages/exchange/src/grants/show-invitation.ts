/** What a link shows before any proof: sender, purpose and end; no file name, no PHI. Changes nothing, so mail scanners may look. */
import type { GrantId } from "@safeconduct/foundation";
import type { Store } from "../store.ts";
import { addressHint, type LiveGrant, liveGrant } from "./live-grant.ts";

export interface Invitation extends LiveGrant {
  readonly organisationName: string;
  readonly senderName: string;
  readonly hint: string;
}

/** Problem `grant/unavailable`. */
export function showInvitation({ store, now }: { store: Store; now: number }, id: GrantId): Promise<Invitation> {
  return store.read(async (view) => {
    const { grant, transfer } = await liveGrant(view, id, now);
    const organisation = await view.organisation(grant.organisation);
    const sender = await view.findMember(transfer.member);
    return {
      grant,
      transfer,
      organisationName: organisation?.name ?? "",
      senderName: sender?.name ?? "",
      hint: addressHint(grant.address),
    };
  });
}
