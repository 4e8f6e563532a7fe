import { nodeCrypto } from "@safeconduct/crypto-node";
import { type Bytes, copyBytes, drawId, hexText, type Random, utf8Bytes, utf8Text } from "@safeconduct/foundation";
import { cheapCrypto } from "@safeconduct/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canonicalPasscode,
  drawPasscode,
  hashPasscode,
  mixPasscode,
  PASSCODE_LENGTH,
  passcodeFactor,
  type PasscodeSecrets,
  passcodeVerifier,
  passcodeVerifierHash,
} from "./passcode.ts";

const ports = cheapCrypto(nodeCrypto());
const { random } = ports;

const canonical = (typed: string): string | null => {
  const bytes = canonicalPasscode(typed);
  return bytes && utf8Text(bytes);
};

describe("what a person types", () => {
  it.each([
    ["as suggested", "7K3QX-9MPA2"],
    ["without the dash", "7K3QX9MPA2"],
    ["in small letters", "7k3qx-9mpa2"],
    ["with spaces around and inside", "  7K3QX 9MPA2 \n"],
    ["with another dash", "7K3QX – 9MPA2"],
    ["with a no-break space and an invisible mark", "7K3QX\u00a09MPA2\u200b"],
    ["in full-width letters, as Japanese keyboards give them", "７Ｋ３ＱＸ９ＭＰＡ２"],
  ])("is the same passcode %s", (_, typed) => {
    expect(canonical(typed)).toBe("7k3qx9mpa2");
  });

  it("may have letters in place of the digits that they look like", () => {
    expect(canonical("OIL0-1lio-abc")).toBe(canonical("0110-1110-ABC"));
  });

  it("may be own words in any script", () => {
    expect(canonical("Grüße aus Köln")).toBe("grüßeauskö1n");
    expect(canonical("さくらさくら弥生の空は")).toBe("さくらさくら弥生の空は");
    expect(canonical("nai\u0308ve passages")).toBe(canonical("na\u00efve passages"));
  });

  it.each([
    ["nothing", ""],
    ["only separators", " - - - - - - "],
    ["seven characters", "abcdefg"],
    ["129 characters", `abcde${"x".repeat(124)}`],
    ["four different characters", "abcdabcdabcd"],
    ["a lone surrogate", "abcdefgh\ud800"],
    ["a control character", "abcdefgh\u0007"],
    ["an unassigned code point", "abcdefgh\u{e1234}"],
    ["more than is read", `abcdefgh${" ".repeat(4 * PASSCODE_LENGTH.most)}`],
  ])("is no passcode with %s", (_, typed) => {
    expect(canonicalPasscode(typed)).toBeNull();
  });

  it("is one at both bounds of its length", () => {
    expect(canonicalPasscode("abcdefgh")).not.toBeNull();
    expect(canonicalPasscode(`abcde${"x".repeat(123)}`)).not.toBeNull();
  });

  it("stays the same when what it became is typed again", () => {
    const typed = fc.string({ unit: "grapheme", maxLength: 40 });
    const stays = fc.property(typed, (each) => {
      const once = canonical(each);
      return once === null || canonical(once) === once;
    });
    expect(() => fc.assert(stays)).not.toThrow();
  });
});

describe("a suggested passcode", () => {
  it("has two groups of five characters that look like nothing else", () => {
    for (let i = 0; i < 100; i++) expect(drawPasscode(random)).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/);
  });

  it("is read back from how it is written", () => {
    for (let i = 0; i < 100; i++) {
      const drawn = drawPasscode(random);
      const once = canonical(drawn);
      // A draw with fewer than five different characters would be no passcode: it is drawn again.
      expect(once, drawn).not.toBeNull();
      expect(canonical(drawn.toLowerCase().replace("-", " "))).toBe(once);
    }
  });

  it("is drawn again when it would be no passcode", () => {
    const draws = [new Uint8Array(10), new Uint8Array(10).fill(7), Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)];
    const scripted: Random = { bytes: () => copyBytes(draws.shift() ?? new Uint8Array(10)) };
    expect(drawPasscode(scripted)).toBe("01234-56789");
  });
});

describe("what a passcode gives", () => {
  const secrets: PasscodeSecrets = {
    organisation: drawId("organisation", random),
    transfer: drawId("transfer", random),
    grant: drawId("grant", random),
    linkSecret: random.bytes(32),
    passcodeHash: random.bytes(32),
  };
  const all = async (from: PasscodeSecrets) =>
    [await mixPasscode(ports, from), await passcodeVerifier(ports, from)].map((bytes) => hexText(bytes));

  it("is other for another grant, transfer, organisation, link secret and passcode, and never what it came from", async () => {
    const others: PasscodeSecrets[] = [
      { ...secrets, organisation: drawId("organisation", random) },
      { ...secrets, transfer: drawId("transfer", random) },
      { ...secrets, grant: drawId("grant", random) },
      { ...secrets, linkSecret: random.bytes(32) },
      { ...secrets, passcodeHash: random.bytes(32) },
      { ...secrets, linkSecret: secrets.passcodeHash, passcodeHash: secrets.linkSecret },
    ];
    const seen = [hexText(secrets.linkSecret), hexText(secrets.passcodeHash)];
    for (const each of [secrets, ...others]) seen.push(...(await all(each)));
    expect(new Set(seen).size).toBe(seen.length);
    expect(await all(secrets)).toEqual(await all(secrets));
  });

  it("takes no secret of another length", () => {
    for (const length of [0, 31, 33]) {
      const short: Bytes = new Uint8Array(length);
      expect(() => mixPasscode(ports, { ...secrets, linkSecret: short })).toThrow(RangeError);
      expect(() => passcodeVerifier(ports, { ...secrets, passcodeHash: short })).toThrow(RangeError);
    }
  });

  it("is kept by the server as a hash that is no verifier", async () => {
    const verifier = await passcodeVerifier(ports, secrets);
    const kept = passcodeVerifierHash(ports.sha256, verifier);
    expect(kept).not.toEqual(verifier);
    expect(passcodeVerifierHash(ports.sha256, kept)).not.toEqual(kept);
  });

  it("hangs on the salt", async () => {
    const passcode = utf8Bytes("7k3qx9mpa2");
    const [one, two] = [passcodeFactor(random), passcodeFactor(random)];
    expect(await hashPasscode(ports, { passcode, factor: one })).not.toEqual(
      await hashPasscode(ports, { passcode, factor: two }),
    );
  });
});
