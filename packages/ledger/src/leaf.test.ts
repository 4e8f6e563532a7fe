import { nodeCrypto } from "@safeconduct/crypto-node";
import {
  concatBytes,
  hexText,
  idBytes,
  MalformedBinary,
  parseId,
  type TransferId,
  utf8Bytes,
} from "@safeconduct/foundation";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJsonBytes } from "./canonical-json.ts";
import { EVENT_LIMIT_BYTES, makeEntry, minuteOf, type ReadableEvent } from "./entry.ts";
import { EVENT_TYPES, type EventType } from "./event-types.ts";
import { commitEvent, commitSubject, decodeLeaf, encodeLeaf, LEAF_BYTES, type Leaf, NO_HASH } from "./leaf.ts";

const { sha256 } = nodeCrypto();
const transfer = parseId("transfer", "trf_aaaaaaaaaaaaaaaaaaaaaaaaae") as TransferId;
const salt = new Uint8Array(32).fill(7);
const hash = (value: number) => new Uint8Array(32).fill(value);
const sealed: Leaf = {
  type: "transfer/sealed",
  minute: 29_000_000,
  commitment: hash(1),
  subject: hash(2),
  termsHash: hash(3),
  payloadHash: hash(4),
};

describe("a leaf", () => {
  it("is 138 bytes in the order of its format page", () => {
    const bytes = encodeLeaf(sealed);
    expect(bytes.length).toBe(LEAF_BYTES);
    const expected = `01410000000001ba8140${"01".repeat(32)}${"02".repeat(32)}${"03".repeat(32)}${"04".repeat(32)}`;
    expect(hexText(bytes)).toBe(expected);
  });

  it("comes back, whatever its type and time", () => {
    const types = fc.constantFrom(...(Object.keys(EVENT_TYPES) as EventType[]));
    fc.assert(
      fc.property(types, fc.maxSafeInteger().map(Math.abs), (type, minute) => {
        const leaf = { ...sealed, type, minute };
        expect(decodeLeaf(encodeLeaf(leaf))).toEqual(leaf);
      }),
    );
  });

  it.each([
    ["empty", new Uint8Array(0)],
    ["one byte short", encodeLeaf(sealed).slice(0, -1)],
    ["one byte long", concatBytes(encodeLeaf(sealed), Uint8Array.of(0))],
    ["version 0", encodeLeaf(sealed).with(0, 0)],
    ["version 2", encodeLeaf(sealed).with(0, 2)],
    ["event type 0", encodeLeaf(sealed).with(1, 0)],
    ["an event type not given out", encodeLeaf(sealed).with(1, 200)],
    ["a time over 2^53 − 1", encodeLeaf(sealed).with(3, 0x20)],
  ])("is refused when it is %s", (_, bytes) => {
    expect(() => decodeLeaf(bytes)).toThrow(MalformedBinary);
  });

  it("is not made with a hash of another length", () => {
    expect(() => encodeLeaf({ ...sealed, subject: new Uint8Array(31) })).toThrow(RangeError);
  });
});

describe("commitments", () => {
  it("are SHA-256 over domain, salt and content", () => {
    const event = utf8Bytes("{}");
    expect(commitEvent(sha256, salt, event)).toEqual(sha256(utf8Bytes("safeconduct/ledger/event/v1\0"), salt, event));
    expect(commitSubject(sha256, salt, transfer)).toEqual(
      sha256(utf8Bytes("safeconduct/ledger/subject/v1\0"), salt, idBytes(transfer)),
    );
  });

  it("differ with the salt, and take none of another length", () => {
    const event = utf8Bytes("{}");
    expect(commitEvent(sha256, salt.with(0, 8), event)).not.toEqual(commitEvent(sha256, salt, event));
    for (const length of [0, 31, 33]) {
      expect(() => commitEvent(sha256, new Uint8Array(length), event)).toThrow(RangeError);
      expect(() => commitSubject(sha256, new Uint8Array(length), transfer)).toThrow(RangeError);
    }
  });
});

describe("an entry", () => {
  const event: ReadableEvent = { type: "transfer/drafted", at: 1_740_000_059_999, transfer, actor: "member" };

  it("joins one leaf to one event", () => {
    const { leaf, leafBytes, eventBytes } = makeEntry(sha256, { event, salt, subjectSalt: salt });
    expect(leaf).toEqual({
      type: "transfer/drafted",
      minute: 29_000_000,
      commitment: commitEvent(sha256, salt, canonicalJsonBytes(event)),
      subject: commitSubject(sha256, salt, transfer),
      termsHash: NO_HASH,
      payloadHash: NO_HASH,
    });
    expect(decodeLeaf(leafBytes)).toEqual(leaf);
    expect(eventBytes).toEqual(canonicalJsonBytes(event));
  });

  it("without a transfer has no subject", () => {
    const { leaf } = makeEntry(sha256, { event: { ...event, transfer: null }, salt, subjectSalt: null });
    expect(leaf.subject).toEqual(NO_HASH);
  });

  it("takes a subject salt exactly when there is a transfer", () => {
    expect(() => makeEntry(sha256, { event, salt, subjectSalt: null })).toThrow(RangeError);
    expect(() => makeEntry(sha256, { event: { ...event, transfer: null }, salt, subjectSalt: salt })).toThrow(
      RangeError,
    );
  });

  it("holds an event up to its limit", () => {
    const overhead = canonicalJsonBytes({ ...event, note: "" }).length;
    const ofLength = (length: number) => ({ ...event, note: "x".repeat(length - overhead) });
    for (const length of [EVENT_LIMIT_BYTES - 1, EVENT_LIMIT_BYTES]) {
      expect(makeEntry(sha256, { event: ofLength(length), salt, subjectSalt: salt }).eventBytes.length).toBe(length);
    }
    const over = { event: ofLength(EVENT_LIMIT_BYTES + 1), salt, subjectSalt: salt };
    expect(() => makeEntry(sha256, over)).toThrow(RangeError);
  });

  it("knows its minute and nothing finer", () => {
    expect(minuteOf(59_999)).toBe(0);
    expect(minuteOf(60_000)).toBe(1);
  });
});
