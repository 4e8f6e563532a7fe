import { DELETE_BY_DAYS_MAX } from "@safeconduct/envelope";
import { describe, expect, it } from "vitest";
import { areDaysWrong, askedBefore, askedTerms, COPIES, copiesFor, copiesUnder, nothingAsked } from "./asked.ts";

describe("what a form asks of recipients", () => {
  it("is nothing at first, so that terms have one encoding", () => {
    expect(askedTerms(nothingAsked)).toEqual({});
  });

  it.each([
    ["none", { mayStore: false, deleteByDays: null }],
    ["keep", { mayStore: true, deleteByDays: null }],
    ["delete", { mayStore: true, deleteByDays: 30 }],
  ] as const)("becomes conditions: %s", (copies, conditions) => {
    expect(askedTerms({ ...nothingAsked, copies })).toEqual({ conditions });
    expect(askedTerms(askedBefore({ conditions, closesOnReceipt: true }))).toEqual({
      conditions,
      closesOnReceipt: true,
    });
  });

  it("is taken over from another link that asked for nothing", () => {
    expect(askedBefore({ conditions: null, closesOnReceipt: false })).toEqual(nothingAsked);
  });

  it("lets nobody keep what is only viewed", () => {
    expect(copiesFor("viewable")).toEqual(["unsaid", "none"]);
    expect(COPIES.map((copies) => copiesUnder("viewable", copies))).toEqual(["unsaid", "none", "none", "none"]);
    expect(COPIES.map((copies) => copiesUnder("downloadable", copies))).toEqual(COPIES);
  });

  it.each([
    ["1", false],
    [" 30 ", false],
    [`${DELETE_BY_DAYS_MAX}`, false],
    [`${DELETE_BY_DAYS_MAX + 1}`, true],
    ["0", true],
    ["-1", true],
    ["1.5", true],
    ["1e3", true],
    ["", true],
    ["soon", true],
  ])("with %j days is wrong: %j", (deleteDays, wrong) => {
    expect(areDaysWrong({ ...nothingAsked, copies: "delete", deleteDays })).toBe(wrong);
    // Days that are not asked for stand in nobody's way.
    expect(areDaysWrong({ ...nothingAsked, copies: "keep", deleteDays })).toBe(false);
  });

  it("does not become terms with days that are wrong", () => {
    expect(() => askedTerms({ ...nothingAsked, copies: "delete", deleteDays: "0" })).toThrow("not looked at");
  });
});
