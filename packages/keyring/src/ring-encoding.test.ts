/** The ring's one encoding, and what is not one. */
import { nodeCrypto } from "@safeconduct/crypto-node";
import { type Bytes, drawId, equalBytes, MalformedBinary } from "@safeconduct/foundation";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ClockRecord,
  type GrantEntry,
  HOLD_LIMIT,
  type IntakeKeyPair,
  type LogEnd,
  type ReleasedKey,
  Ring,
  type SeenLedger,
  type Tombstone,
  type TransferEntry,
} from "./ring.ts";
import { LOG_LEAF_BYTES } from "./log-leaf.ts";
import { decodeRing, encodeRing } from "./ring-encoding.ts";
import { RING_LIMIT_BYTES, sealRing } from "./sealed-ring.ts";

const { random } = nodeCrypto();

const bytesOf = (length: number): fc.Arbitrary<Bytes> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => new Uint8Array(bytes));
const someBytes = fc.uint8Array({ maxLength: 90 }).map((bytes): Bytes => new Uint8Array(bytes));
const idOf = <Kind extends Parameters<typeof drawId>[0]>(kind: Kind) =>
  bytesOf(16).map((bytes) => drawId<Kind>(kind, { bytes: () => bytes }));

const tombstone: fc.Arbitrary<Tombstone> = fc.record({
  state: fc.constant("shredded" as const),
  organisation: idOf("organisation"),
  held: fc.boolean(),
  generation: fc.maxSafeNat(),
  at: fc.maxSafeNat(),
});
const live = fc.constantFrom("active" as const, "suspended" as const);
const holds = fc.uniqueArray(idOf("hold"), { maxLength: HOLD_LIMIT });
const transferEntry: fc.Arbitrary<TransferEntry> = fc.oneof(
  tombstone,
  fc.record({ state: live, organisation: idOf("organisation"), share: bytesOf(32), holds }),
);
const releasedKey: fc.Arbitrary<ReleasedKey> = fc.record({
  ephemeralKeyHash: bytesOf(32),
  authorisation: idOf("authorisation"),
  answer: fc.option(fc.record({ sealedShares: someBytes, statement: someBytes })),
});
const grantEntry: fc.Arbitrary<GrantEntry> = fc.oneof(
  tombstone,
  fc.record({
    state: live,
    organisation: idOf("organisation"),
    transfer: idOf("transfer"),
    share: bytesOf(32),
    terms: someBytes,
    releases: fc.nat(),
    releasedKeys: fc.array(releasedKey, { maxLength: 3 }),
  }),
);
const clock: fc.Arbitrary<ClockRecord> = fc.record({
  highWaterAt: fc.maxSafeNat(),
  jumpedTo: fc.maxSafeNat(),
  resets: fc.nat(),
});
const entries = fc.record({
  clock,
  transfers: fc.uniqueArray(fc.tuple(idOf("transfer"), transferEntry), { selector: ([id]) => id, maxLength: 5 }),
  grants: fc.uniqueArray(fc.tuple(idOf("grant"), grantEntry), { selector: ([id]) => id, maxLength: 5 }),
  intakeKeys: fc.array(fc.record({ createdAt: fc.maxSafeNat(), publicKey: someBytes, privateKey: someBytes }), {
    maxLength: 3,
  }),
  ledger: fc.option(fc.record({ verifierKey: fc.string(), checkpoint: fc.string() })),
  log: fc.record({ firstIndex: fc.maxSafeNat(), leaves: fc.array(bytesOf(LOG_LEAF_BYTES), { maxLength: 3 }) }),
});

interface Drawn {
  readonly transfers: [string, TransferEntry][];
  readonly grants: [string, GrantEntry][];
  readonly ledger?: SeenLedger | null;
  readonly log?: LogEnd;
  readonly clock?: ClockRecord;
  readonly intakeKeys?: readonly IntakeKeyPair[];
}

function ringOf({ transfers, grants, ledger = null, clock: record, intakeKeys = [], log }: Drawn): Ring {
  const ring = new Ring();
  if (log !== undefined) ring.log = log;
  ring.ledger = ledger;
  ring.intakeKeys = intakeKeys;
  if (record !== undefined) ring.clock = record;
  for (const [id, entry] of transfers) ring.transfers.set(id as Parameters<typeof ring.transfers.set>[0], entry);
  for (const [id, entry] of grants) ring.grants.set(id as Parameters<typeof ring.grants.set>[0], entry);
  return ring;
}

describe("a ring", () => {
  it("comes back from its encoding", () => {
    fc.assert(
      fc.property(entries, (drawn) => {
        const ring = ringOf(drawn);
        const decoded = decodeRing(encodeRing(ring));
        expect(decoded.clock).toEqual(ring.clock);
        expect(new Map(decoded.transfers)).toEqual(ring.transfers);
        expect(new Map(decoded.grants)).toEqual(ring.grants);
        expect(decoded.ledger).toEqual(ring.ledger);
        expect(decoded.log).toEqual(ring.log);
        expect(decoded.intakeKeys).toEqual(ring.intakeKeys);
      }),
    );
  });

  it("has one encoding, in whatever order its entries came", () => {
    fc.assert(
      fc.property(entries, (drawn) => {
        const turned = { ...drawn, transfers: drawn.transfers.toReversed(), grants: drawn.grants.toReversed() };
        expect(encodeRing(ringOf(turned))).toEqual(encodeRing(ringOf(drawn)));
      }),
    );
  });

  it("may hold a lifetime of tombstones", { timeout: 120_000 }, () => {
    const buried = { state: "shredded", organisation: drawId("organisation", random), held: true } as const;
    const ring = new Ring();
    for (let count = 0; count < 130_000; count++) {
      const bytes = new Uint8Array(16);
      new DataView(bytes.buffer).setUint32(0, count);
      ring.transfers.set(drawId("transfer", { bytes: () => bytes }), { ...buried, generation: count + 2, at: count });
    }
    const encoded = encodeRing(ring);
    const decoded = decodeRing(encoded);
    expect(decoded.transfers.size).toBe(ring.transfers.size);
    expect(equalBytes(encodeRing(decoded), encoded)).toBe(true);
  });

  it("is refused when it is cut short anywhere or goes on", () => {
    fc.assert(
      fc.property(entries, (drawn) => {
        const encoded = encodeRing(ringOf(drawn));
        for (let length = 0; length < encoded.length; length++) {
          expect(() => decodeRing(encoded.subarray(0, length))).toThrow(MalformedBinary);
        }
        expect(() => decodeRing(Uint8Array.of(...encoded, 0))).toThrow(MalformedBinary);
      }),
      { numRuns: 20 },
    );
  });

  /** Place of the first leaf and number of leaves. */
  const noLogBytes = 8 + 4;
  /** Version, clock, number of transfers. */
  const head = 1 + 20 + 4;
  const hold = drawId("hold", random);
  const shared = {
    state: "active",
    organisation: drawId("organisation", random),
    share: new Uint8Array(32),
    holds: [hold],
  } as const;
  const one = encodeRing(ringOf({ transfers: [[drawId("transfer", random), shared]], grants: [] }));

  it.each([
    ["version zero", 0, 0],
    ["the version before, which had neither clock nor holds", 0, 1],
    ["the version before the log", 0, 2],
    ["a version beyond the newest", 0, 4],
    ["a state of zero", head + 32, 0],
    ["a state beyond the last", head + 32, 4],
    ["more holds than there are", head + 65, 2],
    ["fewer holds than there are", head + 65, 0],
  ])("is refused with %s", (_what, at, value) => {
    expect(() => decodeRing(one.with(at, value))).toThrow(MalformedBinary);
    expect(decodeRing(one).transfers.size).toBe(1);
  });

  it("of version 2 is whole, and its log begins with the next act", () => {
    const decoded = decodeRing(Uint8Array.of(2, ...one.subarray(1, -noLogBytes)));
    expect([...decoded.transfers.values()]).toEqual([shared]);
    expect(decoded.log).toEqual({ firstIndex: 0, leaves: [] });
  });

  it("is refused with more entries of the log than there are, or fewer", () => {
    const leaf = new Uint8Array(LOG_LEAF_BYTES);
    const logged = encodeRing(ringOf({ transfers: [], grants: [], log: { firstIndex: 7, leaves: [leaf, leaf] } }));
    const count = logged.length - 2 * LOG_LEAF_BYTES - 1;
    expect(decodeRing(logged).log.leaves).toHaveLength(2);
    for (const claimed of [0, 1, 3]) expect(() => decodeRing(logged.with(count, claimed))).toThrow(MalformedBinary);
  });

  it("of version 1 has seen no ledger and no clock, and holds nothing", () => {
    const share = head + 33;
    const before = Uint8Array.of(1, ...one.subarray(21, share + 32), ...one.subarray(share + 32 + 17, -3 - noLogBytes));
    const decoded = decodeRing(before);
    expect([...decoded.transfers.values()]).toEqual([{ ...shared, holds: [] }]);
    expect(decoded.ledger).toBeNull();
    expect(decoded.intakeKeys).toEqual([]);
    expect(decoded.clock).toEqual({ highWaterAt: 0, jumpedTo: 0, resets: 0 });
  });

  it("is refused with an entry twice or out of order", () => {
    const ids = [drawId("transfer", random), drawId("transfer", random)].sort();
    const two = encodeRing(ringOf({ transfers: ids.map((id) => [id, shared]), grants: [] }));
    const entry = 16 + 16 + 1 + 32 + 1 + 16;
    const [start, first, second, tail] = [
      two.subarray(0, head),
      two.subarray(head, head + entry),
      two.subarray(head + entry, head + 2 * entry),
      two.subarray(head + 2 * entry),
    ];
    expect(decodeRing(two).transfers.size).toBe(2);
    expect(() => decodeRing(Uint8Array.of(...start, ...second, ...first, ...tail))).toThrow(MalformedBinary);
    expect(() => decodeRing(Uint8Array.of(...start, ...first, ...first, ...tail))).toThrow(MalformedBinary);
  });

  it("holds as many holds as the limit and not more, and none twice", () => {
    const held = (holdsOfIt: readonly (typeof hold)[]) =>
      encodeRing(ringOf({ transfers: [[drawId("transfer", random), { ...shared, holds: holdsOfIt }]], grants: [] }));
    const many = Array.from({ length: HOLD_LIMIT + 1 }, () => drawId("hold", random));
    for (const count of [HOLD_LIMIT - 1, HOLD_LIMIT]) {
      expect([...decodeRing(held(many.slice(0, count))).transfers.values()]).toMatchObject([
        { holds: many.slice(0, count) },
      ]);
    }
    expect(() => decodeRing(held(many))).toThrow(MalformedBinary);
    expect(() => decodeRing(held([hold, hold]))).toThrow(MalformedBinary);
  });
});

it("a ring that could not be read again is not sealed", { timeout: 120_000 }, async () => {
  const ring = new Uint8Array(RING_LIMIT_BYTES - 15);
  const master = { seal: () => Promise.reject(new Error("asked")), open: () => Promise.reject(new Error("asked")) };
  await expect(sealRing(random, { master, generation: 1, ring })).rejects.toThrow(RangeError);
  await expect(sealRing(random, { master, generation: 1, ring: ring.subarray(1) })).rejects.toThrow("asked");
});
