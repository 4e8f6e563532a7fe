/** Where a long address or name may break. */
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { Breakable } from "./breakable.tsx";

const lines = (text: string): string[] => renderToStaticMarkup(<Breakable text={text} />).split("<wbr/>");

describe("text without spaces may break", () => {
  it("after the sign of an address and between the parts of its domain", () => {
    expect(lines("lindqvist@northlake-cardiology.example")).toEqual([
      "lindqvist@",
      "northlake-",
      "cardiology.",
      "example",
    ]);
  });

  it("never after one or two letters", () => {
    expect(lines("Link of (a.lindqvist@clinic.example)")).toEqual(["Link of (a.lindqvist@", "clinic.", "example)"]);
    expect(lines("2026-11-18.pdf")).toEqual(["2026-", "11-18.pdf"]);
  });
});
