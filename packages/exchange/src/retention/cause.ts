/**
 * Why something is destroyed. What somebody ordered, and what a recipient's receipt has closed, is destroyed whatever the clocks say; where time alone brings it, the key
 * service asks its clocks first.
 */
import type { GrantRecord, TransferRecord } from "../records.ts";
import { DRAFT_LIFE_MS } from "../transfers/limits.ts";

/** Somebody ordered it, or time alone brings it. */
export type DestructionCause = "order" | "time";

export const grantCause = ({ state }: Pick<GrantRecord, "state">): DestructionCause =>
  state === "revoked" || state === "closed" ? "order" : "time";

/**
 * A draft that was abandoned after its whole life was abandoned by time. Who gives one up in the second before the sweep finds it
 * waits for the clocks too. The database's indices say the same (migration 7).
 */
export function transferCause({
  state,
  createdAt,
  endedAt,
}: Pick<TransferRecord, "state" | "createdAt" | "endedAt">): DestructionCause {
  if (state === "abandoned") return (endedAt ?? createdAt) - createdAt <= DRAFT_LIFE_MS ? "order" : "time";
  return state === "revoked" ? "order" : "time";
}
