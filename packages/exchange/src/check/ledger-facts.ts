/**
 * What of the ledger's entries is needed to judge other records: hashes of signed statements by kind, and the last anchor of
 * the key service's own log. A few bytes for each statement that was ever made.
 */
import { type Bytes, hexText } from "@safeconduct/foundation";
import type { EventType } from "@safeconduct/ledger";
import type { EventRecord } from "../records.ts";

/** Entries whose leaf has the hash of a signed statement that the database keeps as it is. */
const STATEMENTS: ReadonlySet<EventType> = new Set([
  "device/enrolled",
  "device/removed",
  "member/key-set",
  "organisation/recovery-key-set",
]);

export class LedgerFacts {
  /** The newest `keys/anchored` that was not an alarm. */
  lastAnchor: EventRecord | null = null;
  private readonly statements = new Set<string>();

  /** In the order of the ledger. `isRefused`: the event tells of an alarm. */
  take(event: EventRecord, payloadHash: Bytes, { isRefused }: { isRefused: boolean }): void {
    if (event.type === "keys/anchored" && !isRefused) this.lastAnchor = event;
    if (STATEMENTS.has(event.type)) this.statements.add(`${event.type} ${hexText(payloadHash)}`);
  }

  has(type: EventType, payloadHash: Bytes): boolean {
    return this.statements.has(`${type} ${hexText(payloadHash)}`);
  }
}
