import { isProblem } from "@safeconduct/foundation";
import { expect, test } from "vitest";
import { conditionWords, readAsked } from "./asked-of-recipient.ts";

const NOTHING = { "close-on-receipt": false, "no-copies": false, copies: false };
const asked = (words: object, profile: "viewable" | "downloadable" | null = "downloadable") => {
  try {
    return readAsked({ ...NOTHING, ...words }, profile);
  } catch (error) {
    return isProblem(error) ? error.code : error;
  }
};

test.each([
  [{}, null],
  [{ "close-on-receipt": true }, { closesOnReceipt: true, conditions: null }],
  [{ copies: true }, { closesOnReceipt: false, conditions: { mayStore: true, deleteByDays: null } }],
  [{ "no-copies": true }, { closesOnReceipt: false, conditions: { mayStore: false, deleteByDays: null } }],
  [{ "delete-within": "1" }, { closesOnReceipt: false, conditions: { mayStore: true, deleteByDays: 1 } }],
  [{ "delete-within": "30d" }, { closesOnReceipt: false, conditions: { mayStore: true, deleteByDays: 30 } }],
  [
    { "delete-within": "3650", copies: true, "close-on-receipt": true },
    { closesOnReceipt: true, conditions: { mayStore: true, deleteByDays: 3650 } },
  ],
])("%j is asked of recipients", (words, expected) => {
  expect(asked(words)).toEqual(expected);
});

test.each([
  { "no-copies": true, copies: true },
  { "no-copies": true, "delete-within": "3" },
  ...["0", "-1", "3651", "1.5", "1h", "", "NaN"].map((days) => ({ "delete-within": days })),
])("%j is refused", (words) => {
  expect(asked(words)).toBe("cli/usage");
});

test("no copies are allowed of what is only viewed", () => {
  expect(asked({ copies: true }, "viewable")).toBe("cli/usage");
  expect(asked({ "delete-within": "3" }, "viewable")).toBe("cli/usage");
  expect(asked({ "no-copies": true }, "viewable")).toMatchObject({ conditions: { mayStore: false } });
});

test("one day is one day", () => {
  expect(conditionWords({ mayStore: true, deleteByDays: 1 })).toContain("within 1 day of now");
  expect(conditionWords({ mayStore: true, deleteByDays: 2 })).toContain("within 2 days of now");
});
