import { nodeCrypto } from "@safeconduct/crypto-node";
import { known } from "@safeconduct/testkit";
import { describe, expect, test } from "vitest";
import { formatPrintedSecret, parsePrintedSecret, type PrintedKind, printedSecretBytes } from "./printed-secret.ts";

const { random, sha256 } = nodeCrypto();
const KINDS: readonly PrintedKind[] = ["recovery-key", "pairing-code"];
const format = (kind: PrintedKind, secret: ReturnType<typeof random.bytes>) =>
  formatPrintedSecret(sha256, kind, secret);
const parse = (kind: PrintedKind, text: string) => parsePrintedSecret(sha256, kind, text);

describe.each(KINDS)("a printed %s", (kind) => {
  const secret = random.bytes(printedSecretBytes(kind));
  const printed = format(kind, secret);

  test("comes back, however it was typed", () => {
    for (const typed of [
      printed,
      printed.toLowerCase(),
      printed.replaceAll("-", " "),
      printed.replaceAll("-", ""),
      `  ${printed}\n`,
      printed.replaceAll("0", "o").replaceAll("1", "l"),
      printed.replaceAll("0", "O").replaceAll("1", "I"),
      printed.replaceAll("-", "\u2013"),
    ])
      expect(parse(kind, typed)).toEqual(secret);
  });

  test("with any one letter wrong is found out", () => {
    for (let at = 0; at < printed.length; at++) {
      if (printed[at] === "-") continue;
      const wrong = printed[at] === "A" ? "B" : "A";
      expect(parse(kind, printed.slice(0, at) + wrong + printed.slice(at + 1))).toBeNull();
      expect(parse(kind, printed.slice(0, at) + printed.slice(at + 1))).toBeNull();
    }
  });

  test("with two neighbours changed round is found out", () => {
    const letters = printed.replaceAll("-", "");
    for (let at = 0; at + 1 < letters.length; at++) {
      if (letters[at] === letters[at + 1]) continue;
      const swapped = letters.slice(0, at) + known(letters[at + 1]) + known(letters[at]) + letters.slice(at + 2);
      expect(parse(kind, swapped)).toBeNull();
    }
  });

  test.each(["", "-", "U".repeat(40), "0".repeat(40), "\u{1f511}", `${printed}0`, "A".repeat(1000)])(
    "is not %j",
    (text) => {
      expect(parse(kind, text)).toBeNull();
    },
  );

  test("has one length", () => {
    expect(() => format(kind, random.bytes(printedSecretBytes(kind) - 1))).toThrow(RangeError);
    expect(() => format(kind, random.bytes(printedSecretBytes(kind) + 1))).toThrow(RangeError);
  });
});

test("a pairing code is four groups of six, a recovery key five of eight", () => {
  expect(format("pairing-code", random.bytes(12))).toMatch(/^([0-9A-HJKMNP-TV-Z]{6}-){3}[0-9A-HJKMNP-TV-Z]{6}$/);
  expect(format("recovery-key", random.bytes(22))).toMatch(/^([0-9A-HJKMNP-TV-Z]{8}-){4}[0-9A-HJKMNP-TV-Z]{8}$/);
});
