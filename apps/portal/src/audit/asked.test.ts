import { describe, expect, test } from "vitest";
import { addressOf, type Asked, ASKED_NOTHING, askedIn, requestOf } from "./asked.ts";
import { dayOf, dayStart, daysAgo } from "./days.ts";
import { keptLogIn } from "./log-memory.ts";

const EVERYTHING: Asked = {
  question: "went-to",
  whom: "anna@north.example",
  transfer: `trf_${"a".repeat(26)}`,
  from: "2026-11-20",
  to: "2026-11-22",
  group: "opening",
  outcome: "refused",
  id: "#12",
};

describe("what was asked", () => {
  test("comes back from the page's address and this step of the history", () => {
    const { path, state } = addressOf(EVERYTHING);
    expect(askedIn(new URL(path, "http://x").search, state)).toEqual({ asked: EVERYTHING, isPersonLost: false });
    expect(askedIn(new URL(addressOf(ASKED_NOTHING).path, "http://x").search, null).asked).toEqual(ASKED_NOTHING);
  });

  test("puts no person into the address, and says where one is missing", () => {
    const { path } = addressOf(EVERYTHING);
    expect(path).not.toMatch(/anna|north|%40|@/u);
    for (const state of [null, "text", { auditPerson: 7 }])
      expect(askedIn(new URL(path, "http://x").search, state)).toMatchObject({
        asked: { whom: null },
        isPersonLost: true,
      });
  });

  test.each(["", "?question=other", "?group=opening"])("is nothing in %j", (search) => {
    expect(askedIn(search, null)).toEqual({ asked: null, isPersonLost: false });
  });

  test("takes nothing from an address that no form can make", () => {
    const search = "?question=search&group=secret&outcome=maybe&from=2026-02-30&to=yesterday";
    expect(askedIn(search, null).asked).toEqual(ASKED_NOTHING);
  });

  test("asks for an address as a person and for anything else as a recipient's organisation", () => {
    const asks = (whom: string | null) => requestOf({ ...ASKED_NOTHING, whom });
    expect(asks("anna@north.example")).toMatchObject({ person: "anna@north.example", recipientOrganisation: null });
    expect(asks("Northlake Cardiology")).toMatchObject({ person: null, recipientOrganisation: "Northlake Cardiology" });
    expect(asks(null)).toMatchObject({ person: null, recipientOrganisation: null });
  });

  test("counts the last day to its end", () => {
    const { from, to } = requestOf({ ...ASKED_NOTHING, from: "2026-11-22", to: "2026-11-22" });
    expect([dayOf(from ?? 0), dayOf((to ?? 0) - 1), dayOf(to ?? 0)]).toEqual([
      "2026-11-22",
      "2026-11-22",
      "2026-11-23",
    ]);
  });
});

describe("a day", () => {
  test.each(["", "2026-11-31", "2026-1-1", "22.11.2026", "2026-11-22T00:00", "0000-00-00"])("is none in %j", (text) => {
    expect(dayStart(text)).toBeNull();
  });
  test("begins at midnight of the reader, and the day before ends there", () => {
    const start = dayStart("2026-03-29") ?? 0;
    expect([dayOf(start), dayOf(start - 1)]).toEqual(["2026-03-29", "2026-03-28"]);
    expect(daysAgo(start, 28)).toBe("2026-03-01");
  });
});

describe("what this browser remembers of the log", () => {
  test.each(["", "{", "null", "[]", '{"verifierKey":1,"checkpoint":"a","since":1}', '{"verifierKey":"a","since":1}'])(
    "is nothing where it reads %j",
    (text) => {
      expect(keptLogIn(text)).toBeNull();
    },
  );
  test("is what was written", () => {
    const kept = { verifierKey: "a", checkpoint: "b", since: 3 };
    expect(keptLogIn(JSON.stringify(kept))).toEqual(kept);
    expect(keptLogIn(null)).toBeNull();
  });
});
