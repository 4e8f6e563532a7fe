/**
 * "Was any link used after its deadline?" The deadline is not taken from a column that somebody may have changed: it is read out
 * of the frozen terms, and the entry's own leaf has the hash of those.
 */
import { decodeTerms, termsHash } from "@safeconduct/envelope";
import { equalBytes, MalformedBinary, type Sha256 } from "@safeconduct/foundation";
import { decodeLeaf } from "@safeconduct/ledger";
import type { PlacedEvent, View } from "../store.ts";

/** `unproven`: the terms that the entry was made under are not there, so nobody can tell. */
export type Timeliness = "in-time" | "late" | "unproven";

/** `event` is a use of a link. A use counts as late from the first instant at which the terms allow none. */
export async function timelinessOf(
  { view, sha256 }: { view: View; sha256: Sha256 },
  event: PlacedEvent,
): Promise<Timeliness> {
  const grant = event.grant === null ? null : await view.findGrant(event.grant);
  if (grant === null) return "unproven";
  try {
    const isSame = equalBytes(decodeLeaf(event.leaf).termsHash, termsHash(sha256, grant.terms));
    if (!isSame) return "unproven";
    return event.at >= decodeTerms(grant.terms).notAfter ? "late" : "in-time";
  } catch (error) {
    if (error instanceof MalformedBinary) return "unproven";
    throw error;
  }
}
