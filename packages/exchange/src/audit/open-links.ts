/** "Which links are open now?" Every link of the organisation whose time is not over, the next to end first. */
import type { MemberCaller } from "../callers.ts";
import type { Perform } from "../ledger/performer.ts";
import type { GrantRecord } from "../records.ts";
import type { Store } from "../store.ts";
import { presentReaches } from "../transfers/permitted-transfer.ts";
import { recordSearch } from "./search-events.ts";

export const OPEN_LINKS_PAGE = 100;

/** `next`: how many to skip for the page after; null at the end. Links that end meanwhile move the others up. */
export async function openLinks(
  { store, perform, now }: { store: Store; perform: Perform; now: number },
  caller: MemberCaller,
  skip: number,
): Promise<{ readonly grants: readonly GrantRecord[]; readonly next: number | null }> {
  const found = await store.read(async (view) => {
    await presentReaches(view, caller, "openLinks");
    return view.openGrants(caller.organisation, { now, skip, limit: OPEN_LINKS_PAGE + 1 });
  });
  await recordSearch(perform, caller, { question: "open-links" });
  const grants = found.slice(0, OPEN_LINKS_PAGE);
  return { grants, next: found.length > OPEN_LINKS_PAGE ? skip + OPEN_LINKS_PAGE : null };
}
