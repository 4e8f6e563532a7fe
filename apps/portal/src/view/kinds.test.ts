import { describe, expect, test } from "vitest";
import { canShow, imageFormat, kindByContent, namedKind, VIEW_LIMITS_BYTES } from "./kinds.ts";

const bytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const OCTETS = "application/octet-stream";

describe("what a file is shown as", () => {
  test.each([
    ["a/b/labs.CSV", OCTETS, "csv"],
    ["note.txt", OCTETS, "text"],
    ["scan.jpeg", OCTETS, "image"],
    ["summary.xml", OCTETS, "xml"],
    // The ending counts before what the sender says.
    ["drawing.svg", "image/png", "text"],
    ["page.html", "image/png", "text"],
    ["letter.docx", OCTETS, null],
    ["letter.docx", "text/plain", "text"],
    ["a.b/IM000001", OCTETS, "by-content"],
    [".hidden", OCTETS, "by-content"],
    ["toString.constructor", OCTETS, null],
    ["constructor", OCTETS, "by-content"],
  ])("%s (%s): %s", (path, mediaType, kind) => {
    expect(namedKind({ path, mediaType })).toBe(kind);
  });

  test("is nothing where its reader does not take on so much", () => {
    const limit = VIEW_LIMITS_BYTES.pdf;
    const pdf = { path: "a.pdf", mediaType: "application/pdf" };
    expect([limit, limit + 1].map((sizeBytes) => canShow({ ...pdf, sizeBytes }))).toEqual([true, false]);
    expect(canShow({ path: "a.zip", mediaType: OCTETS, sizeBytes: 1 })).toBe(false);
  });

  test("is told by the first bytes where the name says nothing", () => {
    expect(kindByContent(bytes("\x89PNG\r\n\x1a\n...."))).toBe("image");
    expect(kindByContent(bytes("plain words\n"))).toBe("text");
    expect(kindByContent(bytes("PK\x03\x04"))).toBeNull();
    expect(kindByContent(new TextEncoder().encode("é".repeat(40_000)))).toBe("text");
  });

  test("names a picture by its own first bytes alone", () => {
    expect(imageFormat(bytes("RIFF....WEBPVP8 "))).toBe("image/webp");
    expect(imageFormat(bytes("RIFF....WAVE"))).toBeNull();
    expect(imageFormat(bytes("<svg onload=x>"))).toBeNull();
    expect(imageFormat(new Uint8Array(0))).toBeNull();
  });
});
