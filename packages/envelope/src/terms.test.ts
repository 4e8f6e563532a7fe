import { nodeCrypto } from "@safeconduct/crypto-node";
import { copyBytes, drawId, hexText, MalformedBinary, type Random } from "@safeconduct/foundation";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeTerms,
  encodeTerms,
  GRANT_KINDS,
  GRANT_PROFILES,
  type GrantTerms,
  PURPOSES,
  TERMS_BYTES,
  termsHash,
} from "./terms.ts";

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

function withByte(at: number, value: number): Uint8Array {
  const changed = copyBytes(encodeTerms(terms));
  changed[at] = value;
  return changed;
}

describe("grant terms", () => {
  it("come back from their one encoding", () => {
    const fixed: Random = { bytes: (length) => new Uint8Array(length).fill(7) };
    const salt = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(copyBytes);
    const factor = fc.oneof(
      salt.map((drawn) => ({ kind: "passcode", cost: 1, salt: drawn }) as const),
      fc.constantFrom({ kind: "authenticator" } as const, { kind: "passkey" } as const),
    );
    const who = fc.oneof(
      fc.record({ kind: fc.constantFrom(...GRANT_KINDS) }),
      fc.record({ kind: fc.constant("recipient" as const), secondFactor: factor }),
    );
    const any = fc.record({
      who,
      profile: fc.constantFrom(...GRANT_PROFILES),
      purpose: fc.constantFrom(...PURPOSES),
      notBefore: fc.maxSafeNat(),
      life: fc.integer({ min: 1, max: 2 ** 40 }),
      releaseCap: fc.nat({ max: 0xffffffff }),
    });
    fc.assert(
      fc.property(any, ({ life, who: named, ...given }) => {
        const notBefore = Math.min(given.notBefore, Number.MAX_SAFE_INTEGER - life);
        const each: GrantTerms = {
          ...terms,
          ...named,
          ...given,
          notBefore,
          notAfter: notBefore + life,
          grant: drawId("grant", fixed),
        };
        const encoded = encodeTerms(each);
        const demanded = each.secondFactor?.kind;
        expect(encoded).toHaveLength(TERMS_BYTES + (demanded === undefined ? 0 : demanded === "passcode" ? 18 : 1));
        expect(encoded[0]).toBe(demanded === undefined ? 1 : 2);
        expect(decodeTerms(encoded)).toEqual(each);
      }),
    );
  });

  it("have another hash after any one bit is flipped, or do not decode", () => {
    const encoded = encodeTerms(terms);
    for (let bit = 0; bit < 8 * encoded.length; bit++) {
      const changed = copyBytes(encoded);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(termsHash(sha256, changed)).not.toEqual(termsHash(sha256, encoded));
    }
  });

  it("are hashed apart from every other use of SHA-256", () => {
    const encoded = encodeTerms(terms);
    expect(termsHash(sha256, encoded)).not.toEqual(sha256(encoded));
  });

  it.each([
    { what: "another version", at: 0, value: 0 },
    { what: "the version of terms with a second factor, and none", at: 0, value: 2 },
    { what: "a later version", at: 0, value: 3 },
    { what: "kind 0", at: 49, value: 0 },
    { what: "a kind past the last", at: 49, value: GRANT_KINDS.length + 1 },
    { what: "profile 0", at: 50, value: 0 },
    { what: "a profile past the last", at: 50, value: GRANT_PROFILES.length + 1 },
    { what: "purpose 0", at: 51, value: 0 },
    { what: "a purpose past the last", at: 51, value: PURPOSES.length + 1 },
    { what: "a begin over 2^53 − 1", at: 52, value: 0x20 },
    { what: "an end before the begin", at: 62, value: 0 },
  ])("do not decode with $what", ({ at, value }) => {
    expect(() => decodeTerms(withByte(at, value))).toThrow(MalformedBinary);
  });

  it("do not decode cut short or with a byte more", () => {
    const encoded = encodeTerms(terms);
    for (let length = 0; length < encoded.length; length++) {
      expect(() => decodeTerms(encoded.subarray(0, length)), `${length} bytes`).toThrow(MalformedBinary);
    }
    expect(() => decodeTerms(Uint8Array.of(...encoded, 0))).toThrow(MalformedBinary);
  });

  it("must end after they begin", () => {
    expect(() => encodeTerms({ ...terms, notAfter: terms.notBefore - 1 })).toThrow(RangeError);
    expect(() => encodeTerms({ ...terms, notAfter: terms.notBefore })).toThrow(RangeError);
    expect(decodeTerms(encodeTerms({ ...terms, notAfter: terms.notBefore + 1 })).notAfter).toBe(terms.notBefore + 1);
  });

  it("cap releases up to 2^32 − 1, 0 for none", () => {
    for (const releaseCap of [0, 1, 0xffffffff]) {
      expect(decodeTerms(encodeTerms({ ...terms, releaseCap })).releaseCap).toBe(releaseCap);
    }
    for (const releaseCap of [-1, 0.5, 2 ** 32]) {
      expect(() => encodeTerms({ ...terms, releaseCap })).toThrow(RangeError);
    }
  });

  it("refuse a purpose outside the closed set", () => {
    expect(() => encodeTerms({ ...terms, purpose: "TREATMENT" as "TREAT" })).toThrow(RangeError);
  });

  it("keep their codes: position in the lists is stored", () => {
    expect(hexText(encodeTerms(terms).subarray(49, 52))).toBe("020201");
    expect(PURPOSES.join(" ")).toBe("TREAT ETREAT HPAYMT HOPERAT HRESCH PATRQT PUBHLTH HMARKT COVERAGE");
  });
});

describe("terms that demand a second factor", () => {
  const salt = copyBytes(random.bytes(16));
  const passcode = encodeTerms({ ...terms, secondFactor: { kind: "passcode", cost: 1, salt } });
  const authenticator = encodeTerms({ ...terms, secondFactor: { kind: "authenticator" } });

  function changed(from: Uint8Array, at: number, value: number): Uint8Array {
    const copy = copyBytes(from);
    copy[at] = value;
    return copy;
  }

  it("are other terms than those without, with another hash each", () => {
    const salted = encodeTerms({ ...terms, secondFactor: { kind: "passcode", cost: 1, salt: random.bytes(16) } });
    const passkey = encodeTerms({ ...terms, secondFactor: { kind: "passkey" } });
    const all = [encodeTerms(terms), passcode, salted, authenticator, passkey];
    expect(new Set(all.map((encoded) => hexText(termsHash(sha256, encoded)))).size).toBe(all.length);
  });

  it.each([
    { what: "the factor cut off and the version of plain terms", encoded: changed(passcode.subarray(0, 72), 0, 2) },
    { what: "version 1 and a factor", encoded: changed(passcode, 0, 1) },
    { what: "factor 0", encoded: changed(passcode, 72, 0) },
    { what: "a factor past the last", encoded: changed(authenticator, 72, 4) },
    { what: "an authenticator and a salt", encoded: changed(passcode, 72, 2) },
    { what: "a passcode without its salt", encoded: changed(authenticator, 72, 1) },
    { what: "cost 0", encoded: changed(passcode, 73, 0) },
    { what: "a cost past the last", encoded: changed(passcode, 73, 2) },
    { what: "the sender's kind", encoded: changed(passcode, 49, 1) },
    { what: "the recovery's kind", encoded: changed(passcode, 49, 3) },
  ])("do not decode with $what", ({ encoded }) => {
    expect(() => decodeTerms(encoded)).toThrow(MalformedBinary);
  });

  it("do not decode cut short or with a byte more", () => {
    for (let length = 0; length < passcode.length; length++) {
      expect(() => decodeTerms(passcode.subarray(0, length)), `${length} bytes`).toThrow(MalformedBinary);
    }
    expect(() => decodeTerms(Uint8Array.of(...passcode, 0))).toThrow(MalformedBinary);
    expect(() => decodeTerms(Uint8Array.of(...authenticator, 0))).toThrow(MalformedBinary);
  });

  it("cannot be made for a sender, with a salt of another length or a cost outside the set", () => {
    const secondFactor = { kind: "passcode", cost: 1, salt } as const;
    expect(() => encodeTerms({ ...terms, kind: "sender", secondFactor })).toThrow(RangeError);
    for (const length of [0, 15, 17]) {
      const short = { ...secondFactor, salt: new Uint8Array(length) };
      expect(() => encodeTerms({ ...terms, secondFactor: short })).toThrow(RangeError);
    }
    for (const cost of [0, 2]) {
      expect(() => encodeTerms({ ...terms, secondFactor: { ...secondFactor, cost: cost as 1 } })).toThrow(RangeError);
    }
  });
});
