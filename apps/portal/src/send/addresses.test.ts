import { describe, expect, it } from "vitest";
import { PASTE_LIMIT_CHARACTERS, readAddresses } from "./addresses.ts";

const names = (text: string): string[] => readAddresses(text).found.map(({ address, name }) => `${name}|${address}`);

describe("pasted recipients", () => {
  it.each([
    ["a@example.org", ["|a@example.org"]],
    [" a@example.org , b@example.org", ["|a@example.org", "|b@example.org"]],
    ["a@example.org\r\nb@EXAMPLE.org\n", ["|a@example.org", "|b@example.org"]],
    ["Lind, Anna <anna@example.org>; b@example.org", ["Lind, Anna|anna@example.org", "|b@example.org"]],
    ['"Anna Lind" <anna@example.org>, Bo <bo@example.org>', ["Anna Lind|anna@example.org", "Bo|bo@example.org"]],
    ["a@example.org; A@Example.org", ["|a@example.org"]],
  ])("%j", (text, expected) => {
    expect(names(text)).toEqual(expected);
  });

  it("tell what is no address, as it was pasted", () => {
    expect(readAddresses("anna; b@example.org; <script>")).toEqual({
      found: [{ address: "b@example.org", name: "" }],
      left: ["anna", "<script>"],
    });
  });

  it("keep no name with invisible signs in it", () => {
    expect(names("A\u{202e}nna <a@example.org>")).toEqual(["|a@example.org"]);
  });

  it("longer than any list are not read at all, so that no address is cut in half", () => {
    const line = "a@example.org";
    const filler = "x".repeat(PASTE_LIMIT_CHARACTERS - line.length - 1);
    expect(names(`${filler}\n${line}`)).toEqual(["|a@example.org"]);
    expect(readAddresses(`${filler}\n${line}.`).found).toEqual([]);
  });
});
