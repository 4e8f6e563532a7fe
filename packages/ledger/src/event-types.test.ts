import { describe, expect, it } from "vitest";
import { EVENT_TYPES, eventTypeOfNumber } from "./event-types.ts";

describe("event types", () => {
  it("keep their numbers for ever", () => {
    // Stored in leaves: this list may grow, no line of it may change.
    expect(EVENT_TYPES).toMatchObject({
      "instance/created": 1,
      "organisation/created": 2,
      "member/signed-in": 16,
      "member/sign-in-refused": 17,
      "member/signed-out": 18,
      "member/added": 19,
      "device/enrolled": 32,
      "token/created": 40,
      "token/revoked": 41,
      "key/registered": 48,
      "keys/anchored": 49,
      "factor/enrolled": 56,
      "factor/removed": 57,
      "factor/counter-back": 58,
      "passkey/added": 59,
      "passkey/removed": 60,
      "passkey/counter-back": 61,
      "transfer/drafted": 64,
      "transfer/sealed": 65,
      "transfer/activated": 66,
      "transfer/expired": 67,
      "transfer/revoked": 68,
      "transfer/destroyed": 69,
      "transfer/abandoned": 70,
      "transfer/erased": 79,
      "grant/added": 96,
      "grant/code-sent": 97,
      "grant/confirmed": 98,
      "grant/confirm-refused": 99,
      "grant/released": 100,
      "grant/release-refused": 101,
      "grant/receipt": 102,
      "grant/expired": 103,
      "grant/revoked": 104,
      "grant/capped": 105,
      "grant/destroyed": 106,
      "grant/factor-passed": 112,
      "grant/factor-refused": 113,
      "grant/locked": 114,
      "package/downloaded": 128,
      "ledger/exported": 144,
      "ledger/continued": 146,
      "audit/searched": 147,
    });
  });

  it("have one number each, between 1 and 254", () => {
    const numbers = Object.values(EVENT_TYPES);
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const number of numbers) expect(number > 0 && number < 255).toBe(true);
  });

  it("are found by number, and nothing else is", () => {
    for (const [name, number] of Object.entries(EVENT_TYPES)) {
      expect(eventTypeOfNumber(number)).toBe(name);
    }
    expect(eventTypeOfNumber(0)).toBeNull();
    expect(eventTypeOfNumber(255)).toBeNull();
  });
});
