import { nodeCrypto } from "@safeconduct/crypto-node";
import { hexText } from "@safeconduct/foundation";
import { known } from "@safeconduct/testkit";
import { describe, expect, test } from "vitest";
import { formatPrintedSecret } from "./printed-secret.ts";
import {
  CARDS_LIMIT,
  formatRecoveryCard,
  joinRecoveryCards,
  parseRecoveryCard,
  recoveryKeyId,
  splitRecoveryKey,
} from "./recovery-cards.ts";

const { sha256, random } = nodeCrypto();
const privateKey = Uint8Array.from({ length: 32 }, (_, at) => 7 * at + 1);
const keyId = recoveryKeyId(sha256, new Uint8Array(1249).fill(9));
/** Chance that is known, for fixed vectors. */
const slope = { bytes: (length: number) => Uint8Array.from({ length }, (_, at) => 251 - at) };
const cards = splitRecoveryKey({ random: slope }, { privateKey, keyId, count: CARDS_LIMIT });
const card = (number: number) => known(cards[number - 1]);

describe("cards of a recovery key", () => {
  test("are what they were: fixed vectors", () => {
    expect(hexText(keyId)).toMatchInlineSnapshot(`"60d67fcb"`);
    expect(hexText(card(1).share)).toMatchInlineSnapshot(
      `"faf2f6eeead2dec6cab2b6bebab28e869a92966e6a727e464a52565e1a120e06"`,
    );
    expect(hexText(card(2).share)).toMatchInlineSnapshot(
      `"ece7e6fde8d3dac1c4bfbeb5909ba2a9bcb7b64d58434a71746f6e65606b7279"`,
    );
    expect(hexText(card(5).share)).toMatchInlineSnapshot(
      `"3b373f231b27273b2b575f532b27171b1b171fe3dbc7c7fbebf7fff34b47575b"`,
    );
    expect(formatRecoveryCard(sha256, card(3))).toMatchInlineSnapshot(
      `"0DGDCZYB-2WEHY18Z-4MQKADTD-9X2QYXAF-8NBNTQX5-QYJTZ5CQ-HP7RBFXN-NYJV0F90"`,
    );
  });

  test("give the key back by any two, in either order", () => {
    for (const one of cards)
      for (const other of cards.filter(({ number }) => number !== one.number))
        expect(joinRecoveryCards(one, other)).toEqual({ privateKey });
  });

  test("alone are as likely for every other key: each byte of a card is masked by a fresh one", () => {
    // For whatever key, there is one slope that makes this very card; a card with it is consistent with every key.
    const [byte, share] = [known(privateKey[4]), known(card(1).share[4])];
    expect(share).toBe(byte ^ (251 - 4));
    const fresh = () => known(splitRecoveryKey({ random }, { privateKey, keyId, count: 2 })[0]).share;
    expect(fresh()).not.toEqual(fresh());
  });

  test("of two keys, or one card twice, give nothing", () => {
    const other = recoveryKeyId(sha256, new Uint8Array(1249).fill(8));
    const foreign = splitRecoveryKey({ random }, { privateKey, keyId: other, count: 2 });
    expect(joinRecoveryCards(card(1), known(foreign[1]))).toEqual({ refused: "other-key" });
    expect(joinRecoveryCards(card(4), card(4))).toEqual({ refused: "same-card" });
  });

  test("with a changed share give another key", () => {
    const changed = { ...card(2), share: card(2).share.with(31, known(card(2).share[31]) ^ 1) };
    expect(joinRecoveryCards(card(1), changed)).not.toEqual({ privateKey });
  });

  test.each([1, CARDS_LIMIT + 1, 2.5, Number.NaN])("are never %s", (count) => {
    expect(() => splitRecoveryKey({ random }, { privateKey, keyId, count })).toThrow(RangeError);
  });

  test("are of a key of 32 bytes", () => {
    expect(() => splitRecoveryKey({ random }, { privateKey: privateKey.subarray(1), keyId, count: 2 })).toThrow(
      RangeError,
    );
  });
});

describe("a printed card", () => {
  const printed = formatRecoveryCard(sha256, card(3));

  test("is read as it was written, in small letters and without hyphens too", () => {
    for (const typed of [printed, printed.toLowerCase(), printed.replaceAll("-", " ")])
      expect(parseRecoveryCard(sha256, typed)).toEqual(card(3));
  });

  test("with any one character changed is refused", () => {
    for (let at = 0; at < printed.length; at++) {
      if (printed[at] === "-") continue;
      const changed = printed.slice(0, at) + (printed[at] === "7" ? "8" : "7") + printed.slice(at + 1);
      expect(parseRecoveryCard(sha256, changed), String(at)).toBeNull();
    }
  });

  test.each([0, CARDS_LIMIT + 1, 255])("of number %s is refused, whatever its check says", (number) => {
    const bytes = new Uint8Array(37).fill(3).with(0, number);
    expect(parseRecoveryCard(sha256, formatPrintedSecret(sha256, "recovery-card", bytes))).toBeNull();
  });

  test("is not taken for a member's recovery key, nor the other way", () => {
    const paper = formatPrintedSecret(sha256, "recovery-key", new Uint8Array(22).fill(3));
    for (const typed of [paper, "", printed.slice(0, -1), `${printed}0`, "A".repeat(1000)])
      expect(parseRecoveryCard(sha256, typed)).toBeNull();
  });
});
