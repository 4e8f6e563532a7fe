import { nodeCrypto } from "@safeconduct/crypto-node";
import { copyBytes, drawId, hexText, MalformedBinary } from "@safeconduct/foundation";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Conditions, DELETE_BY_DAYS_MAX } from "./conditions.ts";
import { decodeTerms, encodeTerms, type GrantTerms, TERMS_BYTES, termsHash } from "./terms.ts";

const { random, sha256 } = nodeCrypto();
const terms: GrantTerms = {
  organisation: drawId("organisation", random),
  transfer: drawId("transfer", random),
  grant: drawId("grant", random),
  kind: "recipient",
  profile: "downloadable",
  purpose: "TREAT",
  notBefore: 1_700_000_000_000,
  notAfter: 1_700_172_800_000,
  releaseCap: 5,
};
const keep30: Conditions = { mayStore: true, deleteByDays: 30 };
const encodedKeep30 = encodeTerms({ ...terms, conditions: keep30 });
const rest = (encoded: Uint8Array) => hexText(encoded.subarray(TERMS_BYTES));

function changed(from: Uint8Array, at: number, value: number): Uint8Array {
  const copy = copyBytes(from);
  copy[at] = value;
  return copy;
}

describe("terms that ask something of the recipient", () => {
  it("come back from their one encoding, with or without a second factor", () => {
    const salt = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(copyBytes);
    const factor = fc.option(
      fc.oneof(
        salt.map((drawn) => ({ kind: "passcode", cost: 1, salt: drawn }) as const),
        fc.constantFrom({ kind: "authenticator" } as const, { kind: "passkey" } as const),
      ),
      { nil: undefined },
    );
    const days = fc.option(fc.integer({ min: 1, max: DELETE_BY_DAYS_MAX }));
    const conditions = fc.option(
      fc.oneof(
        days.map((deleteByDays): Conditions => ({ mayStore: true, deleteByDays })),
        fc.constant<Conditions>({ mayStore: false, deleteByDays: null }),
      ),
      { nil: undefined },
    );
    fc.assert(
      fc.property(factor, fc.boolean(), conditions, (secondFactor, closesOnReceipt, asked) => {
        const each: GrantTerms = {
          ...terms,
          ...(secondFactor && { secondFactor }),
          ...(closesOnReceipt && { closesOnReceipt }),
          ...(asked && { conditions: asked }),
        };
        const encoded = encodeTerms(each);
        expect(encoded[0]).toBe(closesOnReceipt || asked ? 3 : secondFactor ? 2 : 1);
        expect(decodeTerms(encoded)).toEqual(each);
      }),
    );
  });

  it("stand behind the fields of every version, byte for byte", () => {
    expect(rest(encodeTerms({ ...terms, closesOnReceipt: true }))).toBe("000100");
    expect(rest(encodedKeep30)).toBe("000002001e");
    expect(rest(encodeTerms({ ...terms, conditions: { mayStore: true, deleteByDays: null } }))).toBe("0000020000");
    expect(rest(encodeTerms({ ...terms, conditions: { mayStore: false, deleteByDays: null } }))).toBe("000001");
    const all = { ...terms, secondFactor: { kind: "passkey" }, closesOnReceipt: true, conditions: keep30 } as const;
    expect(rest(encodeTerms(all))).toBe("030102001e");
    expect(encodeTerms({ ...terms, closesOnReceipt: false })).toEqual(encodeTerms(terms));
  });

  it("are other terms than those that ask nothing, with another hash", () => {
    const all = [terms, { ...terms, closesOnReceipt: true }, { ...terms, conditions: keep30 }].map(encodeTerms);
    expect(new Set(all.map((encoded) => hexText(termsHash(sha256, encoded)))).size).toBe(all.length);
  });

  it.each([
    { what: "nothing asked in their version", encoded: changed(changed(encodedKeep30, 74, 0).subarray(0, 75), 0, 3) },
    { what: "the version of a second factor alone", encoded: changed(encodedKeep30, 0, 2) },
    { what: "a later version", encoded: changed(encodedKeep30, 0, 4) },
    { what: "a factor past the last", encoded: changed(encodedKeep30, 72, 4) },
    { what: "a passcode without its salt", encoded: changed(encodedKeep30, 72, 1) },
    { what: "closing neither 0 nor 1", encoded: changed(encodedKeep30, 73, 2) },
    { what: "conditions past the last", encoded: changed(encodedKeep30, 74, 3) },
    { what: "days where no copies may be kept", encoded: changed(encodedKeep30, 74, 1) },
    { what: "one day more than ten years", encoded: changed(changed(encodedKeep30, 75, 0x0e), 76, 0x43) },
    { what: "the sender's kind", encoded: changed(encodedKeep30, 49, 1) },
    { what: "the recovery's kind", encoded: changed(encodedKeep30, 49, 3) },
    { what: "copies of what may only be viewed", encoded: changed(encodedKeep30, 50, 1) },
  ])("do not decode with $what", ({ encoded }) => {
    expect(() => decodeTerms(encoded)).toThrow(MalformedBinary);
  });

  it("do not decode cut short or with a byte more", () => {
    for (let length = 0; length < encodedKeep30.length; length++)
      expect(() => decodeTerms(encodedKeep30.subarray(0, length)), `${length} bytes`).toThrow(MalformedBinary);
    expect(() => decodeTerms(Uint8Array.of(...encodedKeep30, 0))).toThrow(MalformedBinary);
  });

  it.each([0, -1, 0.5, DELETE_BY_DAYS_MAX + 1, 65_536])(
    "cannot be made to end copies after %d days",
    (deleteByDays) => {
      expect(() => encodeTerms({ ...terms, conditions: { mayStore: true, deleteByDays } })).toThrow(RangeError);
    },
  );

  it("take one day and ten years", () => {
    for (const deleteByDays of [1, DELETE_BY_DAYS_MAX]) {
      const conditions = { mayStore: true, deleteByDays };
      expect(decodeTerms(encodeTerms({ ...terms, conditions })).conditions).toEqual(conditions);
    }
  });

  it("cannot be made for a sender, with a day for what may not be kept, or with copies of what may only be viewed", () => {
    expect(() => encodeTerms({ ...terms, kind: "sender", closesOnReceipt: true })).toThrow(RangeError);
    expect(() => encodeTerms({ ...terms, kind: "recovery", conditions: keep30 })).toThrow(RangeError);
    expect(() => encodeTerms({ ...terms, conditions: { mayStore: false, deleteByDays: 3 } })).toThrow(RangeError);
    expect(() => encodeTerms({ ...terms, profile: "viewable", conditions: keep30 })).toThrow(RangeError);
    const viewed = { ...terms, profile: "viewable", conditions: { mayStore: false, deleteByDays: null } } as const;
    expect(decodeTerms(encodeTerms(viewed))).toEqual(viewed);
  });
});
