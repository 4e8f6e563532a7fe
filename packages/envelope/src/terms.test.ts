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
    const any = fc.record({
      kind: fc.constantFrom(...GRANT_KINDS),
      profile: fc.constantFrom(...GRANT_PROFILES),
      purpose: fc.constantFrom(...PURPOSES),
      notBefore: fc.maxSafeNat(),
      life: fc.integer({ min: 1, max: 2 ** 40 }),
      releaseCap: fc.nat({ max: 0xffffffff }),
    });
    fc.assert(
      fc.property(any, ({ life, ...given }) => {
        const notBefore = Math.min(given.notBefore, Number.MAX_SAFE_INTEGER - life);
        const each = { ...terms, ...given, notBefore, notAfter: notBefore + life, grant: drawId("grant", fixed) };
        const encoded = encodeTerms(each);
        expect(encoded).toHaveLength(TERMS_BYTES);
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
    { what: "a later version", at: 0, value: 2 },
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
