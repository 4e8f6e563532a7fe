import { canonicalPasscode } from "@safeconduct/envelope";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { describe, expect, it } from "vitest";
import { termsOf } from "./begin-sending.ts";
import { emptyDraft, newRecipient, type SendDraft } from "./draft.ts";

const { random } = nodeCrypto();
const now = Date.UTC(2026, 10, 22, 11);
const draft: SendDraft = {
  ...emptyDraft,
  purpose: "TREAT",
  recipients: [
    newRecipient(1, { address: " a@example.org ", name: " " }),
    newRecipient(2, { address: "b@example.org", name: "Bo", language: "es", factor: "passkey" }),
    newRecipient(3, { address: "c@example.org", factor: null }),
  ],
};

describe("the terms of a draft", () => {
  it("draw a passcode of its own for each recipient who is to be asked for one", () => {
    const two = {
      ...draft,
      recipients: [newRecipient(1, { address: "a@example.org" }), newRecipient(2, { address: "b@example.org" })],
    };
    const passcodes = termsOf(two, { now, random }).recipients.map(({ secondFactor }) =>
      secondFactor?.kind === "passcode" ? secondFactor.passcode : "",
    );
    expect(new Set(passcodes).size).toBe(2);
    expect(passcodes.every((passcode) => canonicalPasscode(passcode) !== null)).toBe(true);
  });

  it("leave out what was not filled in", () => {
    const [first, second, third] = termsOf(draft, { now, random }).recipients;
    expect(first).toMatchObject({ address: "a@example.org", name: null });
    expect(second).toEqual({
      address: "b@example.org",
      language: "es",
      name: "Bo",
      organisation: null,
      secondFactor: { kind: "passkey" },
    });
    expect(third?.secondFactor).toBeNull();
  });

  it("count a preset from the seal and hold a date to the minute", () => {
    expect(termsOf(draft, { now, random })).not.toHaveProperty("endsAt");
    const end = { kind: "date", date: "2026-11-24", time: "10:00" } as const;
    expect(termsOf({ ...draft, end }, { now, random }).endsAt).toBe(new Date(2026, 10, 24, 10).getTime());
  });

  it("say what is asked of recipients, and nothing where nothing is", () => {
    const plain = termsOf(draft, { now, random });
    expect(plain.profile).toBe("downloadable");
    expect(plain).not.toHaveProperty("closesOnReceipt");
    expect(plain).not.toHaveProperty("conditions");
    const asked = { copies: "none", deleteDays: "", closesOnReceipt: true } as const;
    expect(termsOf({ ...draft, profile: "viewable", asked }, { now, random })).toMatchObject({
      profile: "viewable",
      closesOnReceipt: true,
      conditions: { mayStore: false, deleteByDays: null },
    });
    const wrong = { ...asked, copies: "delete" } as const;
    expect(() => termsOf({ ...draft, asked: wrong }, { now, random })).toThrow("not decided on");
  });

  it("are not made of a draft that may not travel", () => {
    expect(() => termsOf(emptyDraft, { now, random })).toThrow("not decided on");
  });
});
