/**
 * The one wrapper around every use case that changes or opens something. State change, readable event and unsequenced leaf
 * commit in ONE transaction; the caller goes on (answers, mails, asks the key service) only once the entry is in a durable,
 * signed tree. A refusal that is recorded commits its own state (a counter) and its entry, and is thrown after.
 */
import { type Clock, drawId, type Problem, type Random, type Sha256, utf8Text } from "@safeconduct/foundation";
import { makeEntry, SALT_BYTES } from "@safeconduct/ledger";
import type { EventRecord } from "../records.ts";
import type { Store, Transaction } from "../store.ts";
import type { Entry } from "./entry.ts";
import type { Sequencer } from "./sequencer.ts";

/** What a use case decided. No entries: nothing changed, an honest repeat. */
export type Decision<Value> =
  | { readonly entries: readonly Entry[]; readonly value: Value }
  | { readonly entries: readonly Entry[]; readonly refusal: Problem };

export type Perform = <Value>(decide: (tx: Transaction, now: number) => Promise<Decision<Value>>) => Promise<Value>;

/** `perform(decide)`: see the module. Rejects with the refusal, a thrown Problem (nothing kept), or `ledger/unavailable`. */
export function performer({
  store,
  sequencer,
  clock,
  random,
  sha256,
}: {
  store: Store;
  sequencer: Pick<Sequencer, "settled">;
  clock: Clock;
  random: Random;
  sha256: Sha256;
}): Perform {
  return async (decide) => {
    const decision = await store.transaction(async (tx) => {
      const now = clock.now();
      const made = await decide(tx, now);
      for (const entry of made.entries) await tx.addEvent(eventOf(entry, now, random, sha256));
      return made;
    });
    // Also without an entry of its own: a repeat answers for the first time, whose entry may still wait for the tree.
    await sequencer.settled();
    if ("refusal" in decision) throw decision.refusal;
    return decision.value;
  };
}

function eventOf(entry: Entry, now: number, random: Random, sha256: Sha256): EventRecord {
  const salt = random.bytes(SALT_BYTES);
  const outcome = entry.refused ?? "done";
  const { leafBytes, eventBytes } = makeEntry(sha256, {
    event: {
      at: now,
      type: entry.type,
      actor: { ...entry.actor },
      organisation: entry.organisation,
      transfer: entry.transfer?.id ?? null,
      grant: entry.grant ?? null,
      outcome,
      detail: entry.detail ?? {},
    },
    salt,
    subjectSalt: entry.transfer?.subjectSalt ?? null,
    ...(entry.termsHash === undefined ? {} : { termsHash: entry.termsHash }),
    ...(entry.payloadHash === undefined ? {} : { payloadHash: entry.payloadHash }),
  });
  return {
    id: drawId("event", random),
    type: entry.type,
    at: now,
    organisation: entry.organisation,
    transfer: entry.transfer?.id ?? null,
    grant: entry.grant ?? null,
    member: entry.actor.kind === "member" ? entry.actor.id : null,
    outcome,
    body: utf8Text(eventBytes),
    salt,
    leaf: leafBytes,
  };
}
