/**
 * What a check of an instance can find: a closed list, each with its weight and its sentence. Damage is something lost or
 * wrong that nothing on this computer can make good. A leftover is in nobody's way; a repair or the next start removes it.
 * A note is worth reading once and is nobody's fault.
 */
import type { GrantId, JobId, MemberId, TransferId } from "@safeconduct/foundation";

type Weight = "damage" | "leftover" | "note";

const FINDINGS = {
  "database/damaged": [
    "damage",
    "The database file is damaged. Keep a copy of the data folder and restore the database, with the ledger, from your backup.",
  ],
  "ledger/damaged": [
    "damage",
    "A file of the ledger is damaged or missing. Restore the folder ledger from your backup or from a mirror of the log.",
  ],
  "ledger/checkpoint-refused": [
    "damage",
    "The checkpoint is not signed by this instance's ledger key. Restore the folders ledger and secrets from your backup.",
  ],
  "ledger/older-copy": [
    "damage",
    "The key service has seen a newer ledger than this one, or another one: an older copy was restored. Restore the newest copy of database and ledger.",
  ],
  "ledger/database-behind": [
    "damage",
    "The database has fewer entries than the ledger: it is older, or lost its last changes. Restore the newest database.",
  ],
  "ledger/entry-differs": [
    "damage",
    "An entry of the ledger is not the one in the database. One of the two was changed or restored from elsewhere.",
  ],
  "ledger/gap": ["damage", "The database lacks an entry between others. Restore the database from your backup."],
  "event/differs": [
    "damage",
    "A readable event is not what its ledger entry commits to. It was changed after it was written.",
  ],
  "transfer/without-entry": [
    "damage",
    "The state of a transfer or link has no entry in the ledger. The database was changed from outside.",
  ],
  "transfer/seal-wrong": [
    "damage",
    "The seal of a transfer does not fit its parts or its sender's signature: it does not open. The sender must send again.",
  ],
  "part/missing": [
    "damage",
    "A part of a transfer is missing or has another length: it does not open. Restore the folder blobs, or the sender must send again.",
  ],
  "part/damaged": [
    "damage",
    "A part of a transfer is not what was stored: it does not open. Restore the folder blobs, or the sender must send again.",
  ],
  "grant/other-recipient": [
    "damage",
    "A link's recipient is not the one that its ledger entry names. Revoke the link: its codes would go to somebody else.",
  ],
  "grant/damaged": ["damage", "The terms or the slot of a link are damaged: the link does not open."],
  "keys/unavailable": [
    "damage",
    "The key service does not open its folder or is not the one this instance began with: nothing opens, and its shares and holds could not be compared. Its line above says why.",
  ],
  "keys/share-missing": [
    "damage",
    "The key service lacks a share that should be live: the link does not open. Another key folder may have been put back.",
  ],
  "keys/terms-differ": [
    "damage",
    "The key service holds a link under other terms than the database: it releases by its own. Close the link.",
  ],
  "keys/share-left": [
    "damage",
    "A share that was destroyed is there again: an old key folder was put back. A repair destroys it.",
  ],
  "keys/log-damaged": [
    "damage",
    "The key service's own log is damaged. Keep a copy of its folder; the key service itself says whether it still starts.",
  ],
  "keys/log-forked": [
    "damage",
    "The key service's own log does not continue what the ledger has of it: an older or another key folder was put back. Treat what was destroyed since as not destroyed, and find the newest folder.",
  ],
  "keys/anchor-differs": [
    "damage",
    "What the database remembers of the key service's own log is not what the ledger's newest entry of it says. The database was changed from outside.",
  ],
  "keys/hold-missing": [
    "damage",
    "A hold stands that the key service does not have: another key folder may have been put back. Lift the hold and place it again.",
  ],
  "device/chain-broken": [
    "damage",
    "A member's chain of devices is not signed as it should be: their devices refuse it. Restore the database from your backup.",
  ],
  "device/without-entry": [
    "damage",
    "A change of a member's devices has no entry in the ledger. The database was changed from outside.",
  ],
  "device/differs": [
    "damage",
    "A member's devices in the database are not those of their signed chain. The database was changed from outside.",
  ],
  "device/key-missing": [
    "damage",
    "A member's device has no copy of the member key that it can open: it opens nothing. Remove the device and let it in again.",
  ],
  "recovery/key-broken": [
    "damage",
    "The organisation's recovery key is not signed by the device that it names: devices refuse it. Restore the database from your backup.",
  ],
  "recovery/key-without-entry": [
    "damage",
    "The organisation's recovery key has no entry in the ledger. The database was changed from outside.",
  ],
  "recovery/request-broken": [
    "damage",
    "A request to bring a transfer back is not signed by the device that it names, or has no entry in the ledger. Do not approve it.",
  ],
  "ledger/waiting": [
    "leftover",
    "Entries wait for the ledger, as after a crash. The next start or a repair adds them.",
  ],
  "blob/unfinished": ["leftover", "Uploads that broke off have left files. The next start or a repair removes them."],
  "blob/stray": ["leftover", "Bodies of parts that no record names lie beside the right ones. A repair removes them."],
  "blob/of-destroyed": [
    "leftover",
    "Ciphertext of a destroyed transfer is left. Nothing opens it; a repair removes it.",
  ],
  "blob/without-record": [
    "leftover",
    "Ciphertext lies there of a transfer that the database does not know. A repair removes it when no key is left for it.",
  ],
  "hold/untold": [
    "leftover",
    "A hold stands that the key service was not told of yet. The next start or a repair tells it.",
  ],
  "keys/hold-left": [
    "leftover",
    "The key service still has a hold that was lifted. Destroying the transfer, or a repair, tells it.",
  ],
  "job/without-record": [
    "leftover",
    "A mail waits for a link that is not there. It would be sent to nobody; a repair removes it.",
  ],
  "job/idle": ["leftover", "A mail waits that nobody needs any more. The next start or a repair removes it."],
  "keys/hold-unknown": [
    "note",
    "The key service has a hold that no record names: an older database may have been restored. What it keeps is not destroyed.",
  ],
  "blob/kept": [
    "note",
    "Ciphertext without a record was kept, because the key service may still hold its key: an older database may have been restored.",
  ],
  "keys/share-unknown": [
    "note",
    "The key service holds shares that no record names: from requests that broke off, or an older database was restored.",
  ],
  "keys/statement-foreign": [
    "note",
    "A destruction was signed by another key service than today's. That is right only if the key service was lost once.",
  ],
} as const satisfies Readonly<Record<string, readonly [Weight, string]>>;

export type FindingCode = keyof typeof FINDINGS;

export interface Finding {
  readonly code: FindingCode;
  readonly transfer?: TransferId;
  readonly grant?: GrantId;
  readonly member?: MemberId;
  readonly job?: JobId;
  /** Part number, from 1. */
  readonly part?: number;
  /** Index of a ledger entry. */
  readonly entry?: number;
  /** Tile or bundle of the ledger, as it is served. */
  readonly tile?: string;
  /** How many, where they are not told one by one. */
  readonly count?: number;
}

export const weightOf = (code: FindingCode): Weight => FINDINGS[code][0];
export const sentenceOf = (code: FindingCode): string => FINDINGS[code][1];

/** Findings told one by one; of a disk that lost everything the rest is counted. */
export const FINDING_LIMIT = 1_000;

/** Gathers findings. Damage is never crowded out by lesser things. */
export class Findings {
  readonly damage: Finding[] = [];
  readonly lesser: Finding[] = [];
  damageCount = 0;

  add(code: FindingCode, about: Omit<Finding, "code"> = {}): void {
    const isDamage = weightOf(code) === "damage";
    if (isDamage) this.damageCount += 1;
    const list = isDamage ? this.damage : this.lesser;
    if (list.length < FINDING_LIMIT) list.push({ code, ...about });
  }

  get all(): readonly Finding[] {
    return [...this.damage, ...this.lesser];
  }

  has(...codes: readonly FindingCode[]): boolean {
    return this.all.some(({ code }) => codes.includes(code));
  }

  /** There is something that a repair would act on. */
  get hasMendable(): boolean {
    return this.hasLeftovers || this.has("keys/share-left");
  }

  get hasLeftovers(): boolean {
    return this.lesser.some(({ code }) => weightOf(code) === "leftover");
  }
}
