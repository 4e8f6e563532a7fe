/** Journal records: their one encoding, what they do to a ring, and how many answers it keeps. */
import { nodeCrypto } from "@safeconduct/crypto-node";
import { drawId, MalformedBinary } from "@safeconduct/foundation";
import { describe, expect, it } from "vitest";
import { applyJournalRecord, decodeJournalRecord, encodeJournalRecord, type JournalRecord } from "./journal.ts";
import { journalHeader, readJournal, sealJournalRecord } from "./sealed-journal.ts";
import { JOURNAL_RECORD_LIMIT_BYTES } from "./limits.ts";
import { ANSWER_LIMIT, Ring, RingDraft } from "./ring.ts";

const { aead, random } = nodeCrypto();
const organisation = drawId("organisation", random);
const transfer = drawId("transfer", random);
const grant = drawId("grant", random);

const added = {
  type: "grant-added",
  organisation,
  transfer,
  grant,
  share: random.bytes(32),
  terms: random.bytes(72),
} as const;

function released({ uncapped = false } = {}): Extract<JournalRecord, { type: "released" }> {
  return {
    type: "released",
    grant,
    authorisation: drawId("authorisation", random),
    ephemeralKeyHash: random.bytes(32),
    sealedShares: random.bytes(80),
    statement: random.bytes(90),
    uncapped,
  };
}

const records: Record<JournalRecord["type"], JournalRecord> = {
  "transfer-added": { type: "transfer-added", organisation, transfer, share: random.bytes(32) },
  "grant-added": added,
  released: released({ uncapped: true }),
  suspended: { type: "suspended", organisation, transfers: [transfer], grants: [grant] },
  "ledger-seen": { type: "ledger-seen", verifierKey: "name+00000000+AQ==", checkpoint: "name\n1\n" },
  resumed: { type: "resumed", organisation, transfers: [transfer], grants: [grant] },
  held: { type: "held", organisation, transfer, hold: drawId("hold", random) },
  "hold-lifted": { type: "hold-lifted", organisation, transfer, hold: drawId("hold", random) },
  clock: { type: "clock", highWaterAt: 1_800_000_000_000, jumpedTo: 0, resets: 3 },
  "intake-key-added": {
    type: "intake-key-added",
    createdAt: 1_800_000_000_000,
    publicKey: random.bytes(40),
    privateKey: random.bytes(60),
  },
};

describe.each(Object.entries(records))("a record of %s", (_type, record) => {
  it("comes back from its encoding", () => {
    expect(decodeJournalRecord(encodeJournalRecord(record))).toEqual(record);
  });

  it("is refused cut short anywhere, with more behind it, and in another version", () => {
    const encoded = encodeJournalRecord(record);
    for (let length = 0; length < encoded.length; length++) {
      expect(() => decodeJournalRecord(encoded.subarray(0, length))).toThrow(MalformedBinary);
    }
    expect(() => decodeJournalRecord(Uint8Array.of(...encoded, 0))).toThrow(MalformedBinary);
    expect(() => decodeJournalRecord(encoded.with(0, 2))).toThrow(MalformedBinary);
  });
});

it("a record of an unknown type is refused", () => {
  for (const type of [0, 9]) {
    expect(() => decodeJournalRecord(encodeJournalRecord(added).with(1, type))).toThrow(MalformedBinary);
  }
});

it("a release or suspension of what the ring does not hold is refused", () => {
  for (const record of [records.released, records.suspended]) {
    expect(() => applyJournalRecord(new RingDraft(new Ring()), record)).toThrow(MalformedBinary);
  }
});

describe("the answers of a grant", () => {
  function keysAfter(count: number, uncapped: boolean) {
    const draft = new RingDraft(new Ring());
    applyJournalRecord(draft, added);
    const all = Array.from({ length: count }, () => released({ uncapped }));
    for (const record of all) applyJournalRecord(draft, record);
    const entry = draft.grant(grant);
    if (entry === undefined || entry.state === "shredded") throw new Error("the grant is gone");
    const answered = entry.releasedKeys.filter((key) => key.answer !== null).map((key) => key.ephemeralKeyHash);
    return { all: all.map((record) => record.ephemeralKeyHash), entry, answered };
  }

  it.each([ANSWER_LIMIT - 1, ANSWER_LIMIT])("are all kept up to the limit (%i)", (count) => {
    for (const uncapped of [true, false]) {
      const { all, entry, answered } = keysAfter(count, uncapped);
      expect(entry.releases).toBe(count);
      expect(answered).toEqual(all);
    }
  });

  it.each([ANSWER_LIMIT + 1, ANSWER_LIMIT + 2])(
    "are kept for the last of %i; under a cap every key stays known",
    (count) => {
      const capped = keysAfter(count, false);
      expect(capped.answered).toEqual(capped.all.slice(-ANSWER_LIMIT));
      expect(capped.entry.releasedKeys.map((key) => key.ephemeralKeyHash)).toEqual(capped.all);
      const uncapped = keysAfter(count, true);
      expect(uncapped.entry.releasedKeys.map((key) => key.ephemeralKeyHash)).toEqual(uncapped.all.slice(-ANSWER_LIMIT));
      expect(uncapped.entry.releases).toBe(count);
    },
  );
});

describe("a sealed record", () => {
  it("may be as long as the limit and not longer", async () => {
    const master = await aead.importKey(random.bytes(32));
    const header = journalHeader(7);
    for (const length of [JOURNAL_RECORD_LIMIT_BYTES - 1, JOURNAL_RECORD_LIMIT_BYTES]) {
      const record = new Uint8Array(length).fill(1);
      const sealed = await sealJournalRecord(random, { master, generation: 7, position: 0, record });
      const { records: read } = await readJournal(Uint8Array.of(...header, ...sealed), { master, generation: 7 });
      expect(read).toEqual([record]);
    }
    const record = new Uint8Array(JOURNAL_RECORD_LIMIT_BYTES + 1);
    await expect(sealJournalRecord(random, { master, generation: 7, position: 0, record })).rejects.toThrow(RangeError);
  });
});
