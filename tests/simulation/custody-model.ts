/**
 * What the entries of the ledger allow a transfer and its grants to be, learned from the entries alone. The database must
 * agree with it after every step: a change without its entry, an entry without its change and an illegal arrow all show.
 */
import type { GrantRecord, SequencedEvent, TransferRecord } from "@safeconduct/exchange";

type TransferState = TransferRecord["state"] | "none";
type GrantState = GrantRecord["state"] | "none";

const TRANSFER_ARROWS: Readonly<Record<string, { from: readonly TransferState[]; to: TransferState }>> = {
  "transfer/drafted": { from: ["none"], to: "draft" },
  "transfer/sealed": { from: ["draft"], to: "active" },
  "transfer/abandoned": { from: ["draft"], to: "abandoned" },
  "transfer/expired": { from: ["active"], to: "expired" },
  // Also when the last link has ended: who opened at a cap may still read until the destruction.
  "transfer/revoked": { from: ["active", "expired"], to: "revoked" },
  "transfer/destroyed": { from: ["abandoned", "expired", "revoked"], to: "destroyed" },
  "transfer/erased": { from: ["destroyed"], to: "destroyed" },
};

const LIVE: readonly GrantState[] = ["pending", "confirmed", "used"];
/** `to` null: the state stays what it is. */
const GRANT_ARROWS: Readonly<Record<string, { from: readonly GrantState[]; to: GrantState | null }>> = {
  "grant/added": { from: ["none"], to: "pending" },
  "grant/code-sent": { from: LIVE, to: null },
  "grant/code-undelivered": { from: LIVE, to: null },
  "grant/confirm-refused": { from: LIVE, to: null },
  "grant/confirmed": { from: LIVE, to: null },
  "grant/factor-passed": { from: ["confirmed", "used", "capped"], to: null },
  "grant/factor-refused": { from: ["confirmed", "used", "capped"], to: null },
  "grant/terms-accepted": { from: ["confirmed", "used", "capped"], to: null },
  "grant/problem-reported": { from: ["confirmed", "used", "capped"], to: null },
  "grant/problem-settled": { from: ["confirmed", "used", "capped", "expired", "revoked", "closed"], to: null },
  "grant/deletion-attested": { from: ["used", "capped"], to: null },
  "grant/locked": { from: ["confirmed", "used", "capped"], to: null },
  "grant/released": { from: ["confirmed", "used", "capped"], to: null },
  // To the sender, whose own grant comes with the draft and has no entry.
  "grant/released-to-member": { from: ["none"], to: null },
  "grant/release-refused": { from: [...LIVE, "capped", "revoked", "expired", "closed"], to: null },
  "grant/receipt": { from: ["confirmed", "used", "capped"], to: null },
  "grant/expired": { from: LIVE, to: "expired" },
  "grant/revoked": { from: LIVE, to: "revoked" },
  "grant/capped": { from: LIVE, to: "capped" },
  "grant/closed": { from: ["used"], to: "closed" },
  "grant/destroyed": { from: ["expired", "revoked", "capped", "closed"], to: null },
};
const ONCE: ReadonlySet<string> = new Set([
  "grant/receipt",
  "grant/destroyed",
  "grant/locked",
  "grant/terms-accepted",
  "transfer/erased",
]);

export class CustodyModel {
  readonly transfers = new Map<string, TransferState>();
  readonly grants = new Map<string, { state: GrantState; transfer: string; destroyed: boolean }>();
  private readonly seen = new Set<string>();

  /** Takes the next entry. Throws where no arrow allows it, or where it came before. */
  take({ id, type, transfer, grant }: SequencedEvent): void {
    if (this.seen.has(id)) throw new Error(`the entry ${type} stands twice`);
    this.seen.add(id);
    const arrow = TRANSFER_ARROWS[type];
    if (arrow !== undefined && transfer !== null) {
      const state = this.transfers.get(transfer) ?? "none";
      if (!arrow.from.includes(state)) throw new Error(`${type} in a transfer that is ${state}`);
      if (ONCE.has(type)) this.takeOnce(`${transfer} ${type}`);
      this.transfers.set(transfer, arrow.to);
    } else if (grant !== null && transfer !== null) this.takeOfGrant({ type, transfer, grant });
  }

  private takeOfGrant({ type, transfer, grant }: { type: string; transfer: string; grant: string }): void {
    const arrow = GRANT_ARROWS[type];
    if (arrow === undefined) throw new Error(`${type} is no entry of a grant`);
    const held = this.grants.get(grant) ?? { state: "none" as const, transfer, destroyed: false };
    if (!arrow.from.includes(held.state)) throw new Error(`${type} in a grant that is ${held.state}`);
    if (ONCE.has(type)) this.takeOnce(`${grant} ${type}`);
    this.grants.set(grant, {
      transfer,
      state: nextState(type, held.state, arrow.to),
      destroyed: held.destroyed || type === "grant/destroyed",
    });
  }

  private takeOnce(fact: string): void {
    if (this.seen.has(fact)) throw new Error(`twice: ${fact}`);
    this.seen.add(fact);
  }

  /** Throws unless the database says what the entries say. */
  compare(transfer: TransferRecord, grants: readonly GrantRecord[]): void {
    const expected = this.transfers.get(transfer.id) ?? "none";
    if (transfer.state !== expected) throw new Error(`a transfer is ${transfer.state}, its entries say ${expected}`);
    const isDestroyed = expected === "destroyed";
    if ((transfer.destroyedAt !== null) !== isDestroyed) throw new Error("destroyed without its moment");
    for (const grant of grants.filter(({ kind }) => kind === "recipient")) {
      const held = this.grants.get(grant.id);
      if (held?.state !== grant.state) throw new Error(`a grant is ${grant.state}, its entries say ${held?.state}`);
      if ((grant.destroyedAt !== null) !== (held.destroyed || isDestroyed))
        throw new Error("a grant's share is elsewhere");
      if (grant.releaseCap > 0 && grant.releases > grant.releaseCap) throw new Error("more releases than the cap");
      const isOpen = LIVE.includes(grant.state);
      if (isOpen && transfer.state !== "active")
        throw new Error(`a live grant in a transfer that is ${transfer.state}`);
    }
    const recipients = grants.filter(({ kind }) => kind === "recipient");
    if (transfer.state === "active" && !recipients.some(({ state }) => LIVE.includes(state)))
      throw new Error("a transfer outlives its last grant");
  }
}

function nextState(type: string, state: GrantState, to: GrantState | null): GrantState {
  if (to !== null) return to;
  if (type === "grant/confirmed" && state === "pending") return "confirmed";
  if (type === "grant/released" && state === "confirmed") return "used";
  return state;
}
