/**
 * The ring: every share that can still be released, and a tombstone for every id that never can be again.
 * Entries are immutable; a change is a new entry in a {@link RingDraft}, which becomes the ring only once it is durable.
 *
 * A tombstone is what keeps a relaying server from adding a destroyed share again from a copy of the sealed one.
 */
import {
  type AuthorisationId,
  type Bytes,
  type GrantId,
  type HoldId,
  type OrganisationId,
  type TransferId,
} from "@safeconduct/foundation";

/** Position + 1 is the stored code: append only. */
export const SHARE_STATES = ["active", "suspended", "shredded"] as const;
export type ShareState = (typeof SHARE_STATES)[number];

/** Sealed answers kept for each grant, so that a repeated release gets the same bytes; the oldest go first. */
export const ANSWER_LIMIT = 64;

/** Holds on one transfer at a time: more reasons than anybody has. */
export const HOLD_LIMIT = 16;

/** What the ring remembers of time, so that a clock that is put back opens nothing again (clock-guard.ts). */
export interface ClockRecord {
  /** The latest time that was believed, milliseconds since the Unix epoch; 0 in a ring that never saw a clock. */
  readonly highWaterAt: number;
  /** Where the clock stood when it had jumped ahead; 0 while no such jump is open. */
  readonly jumpedTo: number;
  /** How often two people have set it right. */
  readonly resets: number;
}

export interface Tombstone {
  readonly state: "shredded";
  readonly organisation: OrganisationId;
  /** False if the share had never come in. */
  readonly held: boolean;
  /** First generation of the ring without the share. */
  readonly generation: number;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

export interface LiveTransfer {
  readonly state: "active" | "suspended";
  readonly organisation: OrganisationId;
  /** F, 32 bytes. */
  readonly share: Bytes;
  /** In the order in which they were placed, at most {@link HOLD_LIMIT}. While there is one, nothing of it is shredded. */
  readonly holds: readonly HoldId[];
}

export interface LiveGrant {
  readonly state: "active" | "suspended";
  readonly organisation: OrganisationId;
  readonly transfer: TransferId;
  /** G, 32 bytes. */
  readonly share: Bytes;
  /** The encoded frozen terms. */
  readonly terms: Bytes;
  /** Distinct ephemeral keys that received the shares. */
  readonly releases: number;
  /** In order of release. All of them under a cap; the last {@link ANSWER_LIMIT} where there is none. */
  readonly releasedKeys: readonly ReleasedKey[];
}

export interface ReleasedKey {
  /** 32 bytes: SHA-256 of the ephemeral public key. */
  readonly ephemeralKeyHash: Bytes;
  /** The authorisation that brought it about; it cannot bring about another. */
  readonly authorisation: AuthorisationId;
  /** What was answered; null once {@link ANSWER_LIMIT} later ones were. */
  readonly answer: { readonly sealedShares: Bytes; readonly statement: Bytes } | null;
}

export type TransferEntry = LiveTransfer | Tombstone;
export type GrantEntry = LiveGrant | Tombstone;

/** What the key service has last seen of the main ledger, by which it knows a restored or forked one. */
export interface SeenLedger {
  /** The key under which the ledger signs, in its text form (C2SP signed-note). */
  readonly verifierKey: string;
  /** The signed note, as it was shown; empty before the first. */
  readonly checkpoint: string;
}

/** An HPKE key pair to which shares are sealed on their way in. */
export interface IntakeKeyPair {
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number;
  readonly publicKey: Bytes;
  readonly privateKey: Bytes;
}

/** The end of the key service's own log, as the ring tells it (log-leaf.ts). */
export interface LogEnd {
  /** Place in the log of the first of `leaves`. */
  readonly firstIndex: number;
  /** Those that may not be in the log's tiles yet, and the last one that is. */
  readonly leaves: Bytes[];
}

export class Ring {
  /** In the order in which they were made. */
  intakeKeys: readonly IntakeKeyPair[] = [];
  ledger: SeenLedger | null = null;
  readonly transfers = new Map<TransferId, TransferEntry>();
  readonly grants = new Map<GrantId, GrantEntry>();
  clock: ClockRecord = { highWaterAt: 0, jumpedTo: 0, resets: 0 };
  log: LogEnd = { firstIndex: 0, leaves: [] };
}

/** Changes to a ring that are not durable yet. Reads see them; the ring does not until `commit`. */
export class RingDraft {
  private readonly ring: Ring;
  private readonly changes = new Ring();
  private changedIntakeKeys: readonly IntakeKeyPair[] | null = null;
  private logTrim = 0;

  constructor(ring: Ring) {
    this.ring = ring;
    this.changes.clock = ring.clock;
  }

  get clock(): ClockRecord {
    return this.changes.clock;
  }

  addLogLeaf(leaf: Bytes): void {
    this.changes.log.leaves.push(leaf);
  }

  /** Forgets leaves before that of place `firstIndex`: the log's own tiles have them. */
  trimLog(firstIndex: number): void {
    this.logTrim = Math.max(this.ring.log.firstIndex, firstIndex);
  }

  putClock(clock: ClockRecord): void {
    this.changes.clock = clock;
  }

  intakeKeys(): readonly IntakeKeyPair[] {
    return this.changedIntakeKeys ?? this.ring.intakeKeys;
  }

  putIntakeKeys(keys: readonly IntakeKeyPair[]): void {
    this.changedIntakeKeys = keys;
  }

  ledger(): SeenLedger | null {
    return this.changes.ledger ?? this.ring.ledger;
  }

  putLedger(ledger: SeenLedger): void {
    this.changes.ledger = ledger;
  }

  transfer(id: TransferId): TransferEntry | undefined {
    return this.changes.transfers.get(id) ?? this.ring.transfers.get(id);
  }

  grant(id: GrantId): GrantEntry | undefined {
    return this.changes.grants.get(id) ?? this.ring.grants.get(id);
  }

  putTransfer(id: TransferId, entry: TransferEntry): void {
    this.changes.transfers.set(id, entry);
  }

  putGrant(id: GrantId, entry: GrantEntry): void {
    this.changes.grants.set(id, entry);
  }

  /** Ids of the live grants of any of `transfers`, as the draft has them. */
  liveGrantsOf(transfers: ReadonlySet<TransferId>): readonly GrantId[] {
    const ids: GrantId[] = [];
    const isOne = (entry: GrantEntry) => entry.state !== "shredded" && transfers.has(entry.transfer);
    for (const [id, entry] of this.ring.grants) {
      if (isOne(this.changes.grants.get(id) ?? entry)) ids.push(id);
    }
    for (const [id, entry] of this.changes.grants) {
      if (!this.ring.grants.has(id) && isOne(entry)) ids.push(id);
    }
    return ids;
  }

  /** The ring as it would be. */
  merged(): Ring {
    const merged = new Ring();
    merged.ledger = this.ledger();
    merged.clock = this.changes.clock;
    merged.log = this.log();
    merged.intakeKeys = this.intakeKeys();
    for (const from of [this.ring, this.changes]) {
      for (const [id, entry] of from.transfers) merged.transfers.set(id, entry);
      for (const [id, entry] of from.grants) merged.grants.set(id, entry);
    }
    return merged;
  }

  /** Makes the changes the ring's. Shares that are gone are overwritten in memory, as far as JavaScript lets us. */
  commit(): void {
    this.ring.ledger = this.ledger();
    this.ring.clock = this.changes.clock;
    this.commitLog();
    const intakeKeys = this.intakeKeys();
    for (const key of this.ring.intakeKeys) if (!intakeKeys.includes(key)) key.privateKey.fill(0);
    this.ring.intakeKeys = intakeKeys;
    replaceEntries(this.ring.transfers, this.changes.transfers);
    replaceEntries(this.ring.grants, this.changes.grants);
  }

  private log(): LogEnd {
    const { firstIndex, leaves } = this.ring.log;
    const dropped = Math.max(0, this.logTrim - firstIndex);
    return { firstIndex: firstIndex + dropped, leaves: [...leaves.slice(dropped), ...this.changes.log.leaves] };
  }

  private commitLog(): void {
    if (this.logTrim > this.ring.log.firstIndex) this.ring.log = this.log();
    else this.ring.log.leaves.push(...this.changes.log.leaves);
  }
}

function replaceEntries<Id, Live extends LiveTransfer | LiveGrant>(
  entries: Map<Id, Live | Tombstone>,
  changes: Map<Id, Live | Tombstone>,
): void {
  for (const [id, entry] of changes) {
    const previous = entries.get(id);
    if (entry.state === "shredded" && previous !== undefined && previous.state !== "shredded") previous.share.fill(0);
    entries.set(id, entry);
  }
}
