import { nodeCrypto } from "@safeconduct/crypto-node";
import { base64UrlBytes, base64UrlText, concatBytes } from "@safeconduct/foundation";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FRAGMENT_CHARACTERS, formatFragment, parseFragment, signingKeyHash } from "./link.ts";

const { random, sha256 } = nodeCrypto();
const fragment = { linkSecret: random.bytes(32), signingKeyHash: random.bytes(32) };
const text = formatFragment(fragment);

describe("a link fragment", () => {
  it("comes back from its one spelling", () => {
    expect(text).toMatch(/^[A-Za-z0-9_-]{87}$/);
    expect(text).toHaveLength(FRAGMENT_CHARACTERS);
    expect(parseFragment(text)).toEqual(fragment);
  });

  it("is another link, or none, after any one character changes", () => {
    for (let at = 0; at < text.length; at++) {
      for (const character of ["A", "B", "_", "-", "9", "=", " ", "%", "/", "+"]) {
        if (text[at] === character) continue;
        const changed = parseFragment(text.slice(0, at) + character + text.slice(at + 1));
        expect(changed, `${at}`).not.toEqual(fragment);
      }
    }
  });

  it("is none when shorter, longer, padded or preceded by its #", () => {
    for (const other of [
      "",
      text.slice(1),
      text.slice(0, -1),
      `${text}A`,
      `${text}=`,
      `#${text}`,
      ` ${text}`,
      `${text}\n`,
    ]) {
      expect(parseFragment(other)).toBeNull();
    }
  });

  it("is none of another version", () => {
    for (const version of [0, 2, 255]) {
      const rest = base64UrlBytes(text)?.subarray(1) ?? new Uint8Array(0);
      expect(parseFragment(base64UrlText(concatBytes(Uint8Array.of(version), rest)))).toBeNull();
    }
  });

  it("never throws on what a stranger types", () => {
    const length = FRAGMENT_CHARACTERS;
    const hostile = fc.oneof(
      fc.string(),
      fc.uint8Array({ minLength: 65, maxLength: 65 }).map(base64UrlText),
      fc.string({ unit: "binary", minLength: length, maxLength: length }),
    );
    fc.assert(
      fc.property(hostile, (typed) => {
        const parsed = parseFragment(typed);
        expect(parsed === null || formatFragment(parsed) === typed).toBe(true);
      }),
    );
  });

  it("refuses secrets and hashes of another length", () => {
    expect(() => formatFragment({ ...fragment, linkSecret: new Uint8Array(31) })).toThrow(RangeError);
    expect(() => formatFragment({ ...fragment, signingKeyHash: new Uint8Array(33) })).toThrow(RangeError);
  });

  it("names a signing key by its SHA-256", () => {
    const key = random.bytes(32);
    expect(signingKeyHash(sha256, key)).toEqual(sha256(key));
  });
});
