/**
 * An entry joins a leaf (public, for ever) to its readable event and salt (private rows that may be erased).
 * Both are made here in one call, so that they cannot drift apart.
 */
import type { Bytes, Sha256, TransferId } from "@safeconduct/foundation";
import { canonicalJsonBytes, type JsonObject, type JsonValue } from "./canonical-json.ts";
import type { EventType } from "./event-types.ts";
import { commitEvent, commitSubject, encodeLeaf, type Leaf, NO_HASH } from "./leaf.ts";

/** What people read of an entry. Further members are the use case's own. */
export interface ReadableEvent extends JsonObject {
  readonly type: EventType;
  /** Milliseconds since the Unix epoch. The leaf holds only its minute. */
  readonly at: number;
  /** The transfer that it is about, or null. Only then the leaf carries a subject. */
  readonly transfer: TransferId | null;
  readonly [member: string]: JsonValue;
}

/** Largest canonical readable event. */
export const EVENT_LIMIT_BYTES = 16_384;

const MINUTE_MILLISECONDS = 60_000;

export interface EntryContent {
  readonly event: ReadableEvent;
  /** 32 random bytes of this entry alone. */
  readonly salt: Bytes;
  /** 32 random bytes shared by the entries of one transfer. Needed exactly when `event.transfer` is set. */
  readonly subjectSalt: Bytes | null;
  readonly termsHash?: Bytes;
  readonly payloadHash?: Bytes;
}

/** The leaf, its 138 bytes for the log, and the canonical event for the database. */
export interface Entry {
  readonly leaf: Leaf;
  readonly leafBytes: Bytes;
  readonly eventBytes: Bytes;
}

/** Throws RangeError where the content cannot make a leaf: that is a mistake in a use case. */
export function makeEntry(sha256: Sha256, content: EntryContent): Entry {
  const { event } = content;
  const eventBytes = canonicalJsonBytes(event);
  if (eventBytes.length > EVENT_LIMIT_BYTES) throw new RangeError("readable event over its limit");
  if ((event.transfer === null) !== (content.subjectSalt === null)) {
    throw new RangeError("a subject salt goes with a transfer");
  }
  const leaf: Leaf = {
    type: event.type,
    minute: minuteOf(event.at),
    commitment: commitEvent(sha256, content.salt, eventBytes),
    subject:
      event.transfer === null || content.subjectSalt === null
        ? NO_HASH
        : commitSubject(sha256, content.subjectSalt, event.transfer),
    termsHash: content.termsHash ?? NO_HASH,
    payloadHash: content.payloadHash ?? NO_HASH,
  };
  return { leaf, leafBytes: encodeLeaf(leaf), eventBytes };
}

/** The coarse time of a leaf: whole minutes. */
export function minuteOf(milliseconds: number): number {
  return Math.floor(milliseconds / MINUTE_MILLISECONDS);
}
