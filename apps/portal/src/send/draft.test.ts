import { describe, expect, it } from "vitest";
import { emptyDraft, isFilledIn, newRecipient, withProfile } from "./draft.ts";

const viewed = { ...emptyDraft, ...withProfile(emptyDraft, "viewable") };

describe("a draft whose profile changes", () => {
  it("takes the life of the profile where nobody chose one, and back", () => {
    expect(viewed).toMatchObject({ profile: "viewable", end: { kind: "preset", hours: 24 } });
    expect(withProfile(viewed, "downloadable")).toMatchObject({ end: { kind: "preset", hours: 48 } });
  });

  it.each([
    { kind: "preset", hours: 168 },
    { kind: "date", date: "2026-12-01", time: "10:00" },
  ] as const)("leaves an end that somebody chose: %j", (end) => {
    expect(withProfile({ ...emptyDraft, end }, "viewable")).not.toHaveProperty("end");
  });

  it("becomes strict about copies where they cannot be kept, and stays so", () => {
    const asked = { ...emptyDraft.asked, copies: "delete", closesOnReceipt: true } as const;
    const strict = { ...emptyDraft, ...withProfile({ ...emptyDraft, asked }, "viewable") };
    expect(strict.asked).toMatchObject({ copies: "none", closesOnReceipt: true });
    expect(withProfile(strict, "downloadable").asked).toMatchObject({ copies: "none" });
    expect(viewed.asked).toEqual(emptyDraft.asked);
  });
});

describe("a draft", () => {
  it("is worth a question once it has a file or a word about a recipient", () => {
    expect(isFilledIn(emptyDraft)).toBe(false);
    expect(isFilledIn({ ...emptyDraft, recipients: [newRecipient(1, { address: "  " }), newRecipient(2)] })).toBe(
      false,
    );
    expect(isFilledIn({ ...emptyDraft, recipients: [newRecipient(1), newRecipient(2, { name: "Dr. Ruiz" })] })).toBe(
      true,
    );
    expect(isFilledIn({ ...emptyDraft, recipients: [newRecipient(1, { organisation: "Northlake" })] })).toBe(true);
    expect(isFilledIn({ files: [{}] as unknown as typeof emptyDraft.files, recipients: [] })).toBe(true);
  });
});
