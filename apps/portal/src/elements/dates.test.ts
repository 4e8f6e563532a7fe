import { describe, expect, it } from "vitest";
import { dateLocale, dateWords } from "./dates.ts";

const at = Date.UTC(2026, 10, 22, 13, 5);
const minutes = (count: number): number => at + count * 60_000;

describe("dates in words", () => {
  const words = dateWords("en-GB", "Europe/Berlin");

  it("names the day, the zone and the local hour of the reader", () => {
    // Editions of the locale data differ in the comma.
    expect(words.long(at)).toMatch(/^Sunday,? 22 November 2026(,| at) 14:05 CET$/);
    expect(words.short(at)).toBe("22 Nov 2026, 14:05 CET");
    expect(words.brief(at)).toBe("22 Nov, 14:05");
  });

  it("gives another reader the same instant in their own zone and clock", () => {
    expect(dateWords("en-US", "America/New_York").short(at).replace(/\s/gu, " ")).toBe("Nov 22, 2026, 08:05 AM EST");
  });

  it.each([
    [0, "now"],
    [0.99, "now"],
    [1, "in 1 minute"],
    [-1, "1 minute ago"],
    [59, "in 59 minutes"],
    [60, "in 1 hour"],
    [19 * 60 + 59, "in 19 hours"],
    [47 * 60 + 59, "in 47 hours"],
    [48 * 60, "in 2 days"],
    [-3 * 24 * 60, "3 days ago"],
  ])("%d minutes away reads %j and never promises more time than there is", (count, expected) => {
    expect(words.relative(minutes(count), at)).toBe(expected);
  });
});

describe("the locale of dates", () => {
  it("takes the reader's own spelling of the catalogue's language", () => {
    expect(dateLocale("en", ["de-DE", "en-US", "en-GB"])).toBe("en-US");
    expect(dateLocale("es", ["en-US", "es-MX", "es"])).toBe("es-MX");
  });
  it("does not mix languages when the reader has another one", () => {
    expect(dateLocale("en", ["de-DE", "fr"])).toBe("en-GB");
    expect(dateLocale("en", ["eng-fake"])).toBe("en-GB");
    expect(dateLocale("en", [])).toBe("en-GB");
    expect(dateLocale("es", ["en-US"])).toBe("es");
  });
});
