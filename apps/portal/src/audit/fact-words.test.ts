/** A fact of an entry is said in words where they are known, and as the event has it where they are not. */
import { describe, expect, it } from "vitest";
import { factName, factValue } from "./fact-words.ts";

describe("the facts of an entry", () => {
  it.each([
    ["notBefore", 0, "Opens", "from the start"],
    ["releaseCap", 0, "Openings", "no limit"],
    ["releaseCap", 3, "Openings", "at most 3"],
    ["closesOnReceipt", false, "A receipt closes the link", "no"],
    ["deleteByDays", 1, "Copies to be deleted within", "1 day"],
    ["blobLengthBytes", 17_408, "Encrypted size", "17.4 kB"],
    ["purpose", "TREAT", "Purpose", "treatment"],
    ["handling", "regulated", "Declared as", "patient data"],
    ["roles", "sender administrator", "Roles", "Sender, Administrator"],
  ])("%s of %j is said", (name, value, said, words) => {
    expect(factName(name)).toBe(said);
    expect(factValue(name, value)).toBe(words);
  });

  it("stand as the event has them where no words are known", () => {
    expect(factName("colour")).toBe("colour");
    expect(factName("constructor")).toBe("constructor");
    expect(factValue("constructor", "x")).toBe("x");
    expect(factValue("purpose", "toString")).toBe("toString");
    expect(factValue("purpose", 7)).toBe("7");
    expect(factValue("releaseCap", "many")).toBe("many");
    expect(factValue("roles", "sender emperor")).toBe("sender emperor");
    expect(factValue("files", { more: [1] })).toBe('{"more":[1]}');
  });

  it("of an impossible time stand as a number", () => {
    expect(factValue("notAfter", 8.64e15 + 1)).toBe("8640000000000001");
    expect(factValue("notAfter", -1)).toBe("-1");
    expect(factValue("closesAt", 8.64e15)).not.toBe("8640000000000000");
  });
});
