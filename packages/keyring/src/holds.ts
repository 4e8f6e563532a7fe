/**
 * Holds, as the key service itself keeps them: while a transfer has one, none of its shares is destroyed, whoever asks.
 * A hold opens nothing: times, caps and suspensions deny release as before.
 */
import type { HoldId, OrganisationId, TransferId } from "@safeconduct/foundation";
import { keysProblem } from "./errors.ts";
import type { NamedShares } from "./id-list.ts";
import { HOLD_LIMIT, type LiveTransfer, type RingDraft } from "./ring.ts";
import type { Change } from "./ring-writer.ts";

export interface NamedHold {
  readonly organisation: OrganisationId;
  readonly transfer: TransferId;
  readonly hold: HoldId;
}

/** Refuses with `keys/unknown`, `keys/shredded`, `keys/too-many-holds`. The same hold again is a success. */
export function placing(named: NamedHold): Change<void> {
  return async (draft) => {
    const { holds } = ownTransfer(draft, named);
    if (holds.includes(named.hold)) return { record: null, answer: undefined };
    if (holds.length >= HOLD_LIMIT) throw keysProblem("keys/too-many-holds");
    return { record: { type: "held", ...only(named) }, answer: undefined };
  };
}

/** Refuses with `keys/unknown`. A hold that is not there, or not any more, is lifted. */
export function lifting(named: NamedHold): Change<void> {
  return async (draft) => {
    const entry = draft.transfer(named.transfer);
    if (entry?.organisation !== named.organisation) throw keysProblem("keys/unknown");
    const stands = entry.state !== "shredded" && entry.holds.includes(named.hold);
    return { record: stands ? { type: "hold-lifted", ...only(named) } : null, answer: undefined };
  };
}

/** Refuses with `keys/held` if anything that is named, or that would go with it, is held. */
export function refuseHeld(draft: RingDraft, { transfers, grants }: NamedShares): void {
  const transfersOfGrants = grants.flatMap((id) => {
    const entry = draft.grant(id);
    return entry === undefined || entry.state === "shredded" ? [] : [entry.transfer];
  });
  for (const id of [...transfers, ...transfersOfGrants]) {
    const entry = draft.transfer(id);
    if (entry !== undefined && entry.state !== "shredded" && entry.holds.length > 0) throw keysProblem("keys/held");
  }
}

function ownTransfer(draft: RingDraft, { organisation, transfer }: NamedHold): LiveTransfer {
  const entry = draft.transfer(transfer);
  if (entry?.organisation !== organisation) throw keysProblem("keys/unknown");
  if (entry.state === "shredded") throw keysProblem("keys/shredded");
  return entry;
}

const only = ({ organisation, transfer, hold }: NamedHold) => ({ organisation, transfer, hold });
