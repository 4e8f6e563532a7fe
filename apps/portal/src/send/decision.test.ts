import { LIMITS } from "@safeconduct/contract";
import { describe, expect, it } from "vitest";
import { VIEW_LIMITS_BYTES } from "../view/kinds.ts";
import { decide, type Requirement } from "./decision.ts";
import { CAP_LIMIT, emptyDraft, newRecipient, type SendDraft } from "./draft.ts";

const NOW = Date.UTC(2026, 10, 22, 11);
const facts = (patient: string) => ({ series: patient, modality: "CT", bodyPart: "", description: "", patient });
const chosen = (key: number, patient: string | null) => ({
  key,
  name: `${key}`,
  sizeBytes: 1,
  facts: patient === null ? null : facts(patient),
  file: { size: 1, lastModified: 0, slice: () => new Blob() },
});
const whole: SendDraft = {
  ...emptyDraft,
  files: [chosen(1, null)],
  recipients: [newRecipient(1, { address: "a@example.org" })],
  purpose: "TREAT",
};
const needed = (draft: SendDraft): Requirement["id"][] =>
  decide(draft, NOW).requirements.flatMap(({ id, standing }) => (standing === "needed" ? [id] : []));
const of = (draft: SendDraft, id: Requirement["id"]) => decide(draft, NOW).requirements.find((each) => each.id === id);

describe("how files may travel", () => {
  it("is allowed when everything is said, with a passcode for each recipient", () => {
    expect(decide(whole, NOW).allowed).toBe(true);
  });

  it("is not allowed from the start, and says what is needed", () => {
    expect(decide(emptyDraft, NOW).allowed).toBe(false);
    expect(needed(emptyDraft)).toEqual(["files", "recipients", "purpose"]);
  });

  it("demands a second factor of every recipient of what was not declared public", () => {
    const bare = newRecipient(2, { address: "b@example.org", factor: null });
    const draft = { ...whole, recipients: [...whole.recipients, bare] };
    expect(needed(draft)).toEqual(["factor"]);
    expect(of(draft, "factor")).toMatchObject({ missing: 1, isPublic: false });
    expect(needed({ ...draft, handling: "public" })).toEqual([]);
  });

  it.each([
    [{ address: "nobody" }, "address"],
    [{ address: "A@example.org " }, "twice"],
    [{ address: "b@example.org", name: "a\u{202e}b" }, "name"],
    [{ address: "b@example.org", organisation: "\u{7}" }, "organisation"],
    [{ address: "b@example.org", factor: "passkey" }, "not-enrolled"],
    [{ address: "b@example.org", factor: "passkey", enrolled: ["authenticator"] }, "not-enrolled"],
  ] as const)("names the recipient that is wrong: %j", (given, fault) => {
    const draft = { ...whole, recipients: [...whole.recipients, newRecipient(7, given)] };
    expect(of(draft, "recipients")).toMatchObject({ standing: "needed", fault, key: 7 });
  });

  it("takes a factor that is enrolled", () => {
    const given = { address: "b@example.org", factor: "passkey", enrolled: ["passkey"] } as const;
    expect(needed({ ...whole, recipients: [newRecipient(7, given)] })).toEqual([]);
  });

  it("takes as many recipients as a transfer may have and not one more", () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => newRecipient(index, { address: `r${index}@example.org` }));
    expect(needed({ ...whole, recipients: many(LIMITS.recipientsPerTransfer) })).toEqual([]);
    expect(of({ ...whole, recipients: many(LIMITS.recipientsPerTransfer + 1) }, "recipients")).toMatchObject({
      fault: "too-many",
    });
    expect(needed({ ...whole, recipients: [] })).toEqual(["recipients"]);
  });

  it("asks a person to look when images are of several patients, and stays out of the way", () => {
    expect(of(whole, "patients")).toBeUndefined();
    expect(of({ ...whole, files: [chosen(1, "7")] }, "patients")).toMatchObject({ standing: "met" });
    const two = { ...whole, files: [chosen(1, "7"), chosen(2, "8")] };
    expect(of(two, "patients")).toMatchObject({ standing: "look", count: 2 });
    expect(decide(two, NOW).allowed).toBe(true);
  });

  it("reminds of the patient's authorisation for marketing", () => {
    expect(of({ ...whole, purpose: "HMARKT" }, "purpose")).toMatchObject({ standing: "look", marketing: true });
  });

  it.each([
    ["", true],
    ["1", true],
    [`${CAP_LIMIT}`, true],
    [`${CAP_LIMIT + 1}`, false],
    ["0", false],
    ["-1", false],
    ["1.5", false],
    ["ten", false],
  ])("with a cap of %j: %j", (cap, allowed) => {
    expect(decide({ ...whole, cap }, NOW).allowed).toBe(allowed);
  });

  it("looks at whether the page can show files that may only be viewed", () => {
    const named = (key: number, name: string, sizeBytes = 1) => ({ ...chosen(key, null), name, sizeBytes });
    const viewable = { ...whole, profile: "viewable" } as const;
    const [pdf, zip, bare] = [named(1, "a.pdf"), named(2, "study/b.zip"), named(3, "IM0001")];
    expect(of({ ...whole, files: [zip] }, "viewing")).toBeUndefined();
    expect(of({ ...viewable, files: [pdf, bare] }, "viewing")).toMatchObject({ standing: "met" });
    const some = { ...viewable, files: [pdf, zip] };
    expect(of(some, "viewing")).toMatchObject({ standing: "look", unseen: [{ name: "study/b.zip" }], isNone: false });
    expect(decide(some, NOW).allowed).toBe(true);
    expect(needed({ ...viewable, files: [zip] })).toEqual(["viewing"]);
    const limit = VIEW_LIMITS_BYTES.pdf;
    expect(needed({ ...viewable, files: [named(1, "a.pdf", limit)] })).toEqual([]);
    expect(needed({ ...viewable, files: [named(1, "a.pdf", limit + 1)] })).toEqual(["viewing"]);
    expect(needed({ ...viewable, files: [] })).toEqual(["files"]);
  });

  it("needs a number of days where copies are to be deleted", () => {
    const asked = { ...whole.asked, copies: "delete", deleteDays: "0" } as const;
    expect(needed({ ...whole, asked })).toEqual(["copies"]);
    expect(needed({ ...whole, asked: { ...asked, deleteDays: "1" } })).toEqual([]);
  });

  it("says which time is wrong", () => {
    const draft = { ...whole, end: { kind: "date", date: "2020-01-01", time: "10:00" } } as const;
    expect(of(draft, "times")).toMatchObject({ standing: "needed", fault: { field: "end", kind: "past" } });
  });
});
