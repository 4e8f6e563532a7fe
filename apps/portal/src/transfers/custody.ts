/**
 * The custody line of one recipient: what happened to the package on its way, in order, as the server's record says.
 * Every step is told apart by its words and its shape, never by colour alone.
 */
import type { routes } from "@safeconduct/contract";
import type { z } from "zod";

export type Transfer = z.output<(typeof routes)["transfer"]["answer"]>;
export type Grant = Transfer["grants"][number];
export type TransferState = Transfer["state"];
export type GrantState = Grant["state"];

type StepName = "sealed" | "confirmed" | "released" | "receipt" | "ended" | "destroyed";

export interface CustodyStep {
  readonly name: StepName;
  /** `done`: happened. `now`: happened, and nothing after it has. `waiting`: may still come. `missed`: cannot come any more. */
  readonly state: "done" | "now" | "waiting" | "missed";
  /** When it happened, or null. */
  readonly at: number | null;
  /** When it is due at the latest, for a step that comes by itself. */
  readonly dueAt: number | null;
  /** True when the line from this step to the next one has been walked. */
  readonly joined: boolean;
}

const ENDED_STATES: ReadonlySet<GrantState> = new Set(["expired", "revoked", "capped", "closed"]);

/** When time ends it: a receipt may close it before its terms do. */
export const endsAt = ({ closesAt, notAfter }: Grant): number => closesAt ?? notAfter;

/** True when the grant releases nothing any more. The clock counts as well: the server marks an expiry a moment later. */
export function grantEnded(grant: Grant, now: number): boolean {
  return grant.endedAt !== null || ENDED_STATES.has(grant.state) || now >= endsAt(grant);
}

export function custodySteps(transfer: Transfer, grant: Grant, now: number): readonly CustodyStep[] {
  const ended = grantEnded(grant, now);
  const destroyedAt = grant.destroyedAt ?? transfer.destroyedAt;
  const endedAt = grant.endedAt ?? (now >= endsAt(grant) ? endsAt(grant) : null) ?? destroyedAt;
  const instants: readonly [StepName, number | null][] = [
    ["sealed", transfer.sealedAt],
    ["confirmed", grant.confirmedAt],
    ["released", grant.firstReleasedAt],
    ["receipt", grant.receiptAt],
    ["ended", endedAt],
    ["destroyed", destroyedAt],
  ];
  const last = instants.findLastIndex(([, at]) => at !== null);
  return instants.map(([name, at], index) => {
    const final = name === "ended" || name === "destroyed";
    // A receipt may follow a capped grant's last release, so only what the recipient must be let in for is missed.
    const over = ended && !final && !(name === "receipt" && grant.firstReleasedAt !== null && destroyedAt === null);
    const reached = index === last && name !== "destroyed" ? "now" : "done";
    return {
      name,
      at,
      state: at !== null ? reached : over ? "missed" : "waiting",
      dueAt: at === null && name === "ended" ? endsAt(grant) : null,
      joined: index < last,
    };
  });
}

/** Why a grant ended, or null while it has not. */
export function endReason(grant: Grant, now: number): "expired" | "revoked" | "capped" | "closed" | null {
  const { state } = grant;
  if (state === "revoked" || state === "capped" || state === "expired" || state === "closed") return state;
  if (!grantEnded(grant, now)) return null;
  return grant.closesAt === null ? "expired" : "closed";
}
