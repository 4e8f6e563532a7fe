/** What is in databases already: these rows must open for ever (docs/formats/identity.md). */
import { copyBytes, type MemberId, utf8Bytes } from "@safeconduct/foundation";
import { describe, expect, it } from "vitest";
import { identityKeys } from "./identity-keys.ts";
import { argon2id } from "./password-hash.ts";

const KEY = Uint8Array.from({ length: 32 }, (_, i) => i);
const MEMBER = "mem_aaaaaaaaaaaaaaaaaaaaaaaaaa" as MemberId;
const SECRET = utf8Bytes("12345678901234567890");
const SEALED = "AQECAwQFBgcICQoLDAAAACRvYGOrQX4r0hHjEudi2giy85q9Px2wUAe2ENfBps7jhclJxkc";
const HASH = "$argon2id$v=19$m=19456,t=2,p=1$AQIDBAUGBwgJCgsMDQ4PEA$TV9z5SKOJp9ZEvJZ6AL8CTNhh4GvGwmTXiAydVKfjik";
const DIGEST = "bU0iDBvHsETdVCHuommDYbPh9z8w_FjrV5Qy-yBrVxY";
const PASSWORD = "orbit velvet cactus 7";

/** OpenSSL on an authentication tag. */
const TAG_MISMATCH = "unable to authenticate data";
const NOT_OURS =
  /unable to authenticate data|sealed by a newer version|input ends early|bytes left over|vector over its limit|Invalid authentication tag/;

const countingRandom = { bytes: (length: number) => Uint8Array.from({ length }, (_, i) => i + 1) };
const keys = identityKeys(KEY, countingRandom);
const passwords = argon2id({ pepper: keys.pepper, random: countingRandom });

describe("a sealed authenticator secret", () => {
  it("has the bytes that it always had", () => {
    expect(keys.sealSecret(MEMBER, SECRET)).toBe(SEALED);
    expect(keys.openSecret(MEMBER, SEALED)).toEqual(SECRET);
  });

  it("opens for its own member only", () => {
    expect(() => keys.openSecret("mem_baaaaaaaaaaaaaaaaaaaaaaaaa", SEALED)).toThrow(TAG_MISMATCH);
  });

  it("opens under its own key only", () => {
    expect(() =>
      identityKeys(
        KEY.map((byte) => byte ^ 1),
        countingRandom,
      ).openSecret(MEMBER, SEALED),
    ).toThrow(NOT_OURS);
  });

  it("does not open with any one bit flipped, cut short or made longer", () => {
    const bytes = Buffer.from(SEALED, "base64url");
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = copyBytes(bytes).with(bit >> 3, (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)));
      expect(() => keys.openSecret(MEMBER, Buffer.from(flipped).toString("base64url")), `bit ${bit}`).toThrow(NOT_OURS);
    }
    for (let length = 0; length < bytes.length; length++) {
      expect(() => keys.openSecret(MEMBER, bytes.subarray(0, length).toString("base64url"))).toThrow(NOT_OURS);
    }
    expect(() => keys.openSecret(MEMBER, Buffer.concat([bytes, Buffer.of(0)]).toString("base64url"))).toThrow(NOT_OURS);
    expect(() => keys.openSecret(MEMBER, `${SEALED}=`)).toThrow(NOT_OURS);
  });

  it.each([0, 31, 33])("is not sealed under a key of %d bytes", (length) => {
    expect(() => identityKeys(new Uint8Array(length), countingRandom)).toThrow(RangeError);
  });
});

describe("a password hash", () => {
  it("has the text that it always had, and opens to its password only", async () => {
    expect(await passwords.hash(PASSWORD)).toBe(HASH);
    expect(await passwords.verify(PASSWORD, HASH)).toBe(true);
    expect(await passwords.verify(`${PASSWORD} `, HASH)).toBe(false);
  });

  it("is worthless without the secret value", async () => {
    const other = argon2id({ pepper: new Uint8Array(32), random: countingRandom });
    expect(await other.verify(PASSWORD, HASH)).toBe(false);
  });

  it("made with other costs is still read", async () => {
    const cheaper = HASH.replace("t=2", "t=1");
    expect(await passwords.verify(PASSWORD, cheaper)).toBe(false);
  });

  it.each([
    "",
    HASH.replace("argon2id", "argon2i"),
    HASH.replace("v=19", "v=16"),
    HASH.slice(0, -1),
    `${HASH}A`,
    HASH.replace("m=19456", "m=999999999"),
  ])("of another form is damage, not a wrong password: %#", async (stored) => {
    await expect(passwords.verify(PASSWORD, stored)).rejects.toThrow("not in its format");
  });

  it("that is a decoy has the form of a real one", () => {
    expect(passwords.decoy().replace(/\$[^$]+\$[^$]+$/, "")).toBe(HASH.replace(/\$[^$]+\$[^$]+$/, ""));
    expect(passwords.decoy()).toHaveLength(HASH.length);
  });
});

describe("an address", () => {
  it("has the digest that it always had, in any letter case", () => {
    expect(keys.addressDigest("ann@example.org")).toBe(DIGEST);
    expect(keys.addressDigest("Ann@Example.ORG")).toBe(DIGEST);
    expect(keys.addressDigest("ann@example.com")).not.toBe(DIGEST);
  });
});
