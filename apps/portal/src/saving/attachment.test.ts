import { describe, expect, test } from "vitest";
import { attachmentHeaders } from "./attachment.ts";

const disposition = (fileName: string) => attachmentHeaders({ fileName, sizeBytes: 7 }).get("content-disposition");

describe("a saved file", () => {
  test("has its length, is never shown and never kept", () => {
    const headers = attachmentHeaders({ fileName: "a.html", sizeBytes: 2 ** 40 });
    expect(headers.get("content-length")).toBe("1099511627776");
    expect(headers.get("content-type")).toBe("application/octet-stream");
    expect(headers.get("content-security-policy")).toBe("default-src 'none'");
    expect(headers.get("cache-control")).toBe("no-store");
  });

  test.each([
    ["scan.dcm", "scan.dcm"],
    ["Röntgen 1.dcm", "R%C3%B6ntgen%201.dcm"],
    ['a"; filename="b.exe', "a%22%3B%20filename%3D%22b.exe"],
    ["it's (1)*!.txt", "it%27s%20%281%29%2A%21.txt"],
    ["a\r\nset-cookie: b", "a%0D%0Aset-cookie%3A%20b"],
    ["\ud800.txt", "%EF%BF%BD.txt"],
  ])("called %j says so and nothing else", (fileName, encoded) => {
    expect(disposition(fileName)).toBe(`attachment; filename*=UTF-8''${encoded}`);
  });
});
