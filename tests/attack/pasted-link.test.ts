/** Links as they come out of mail programs: what is certainly not part of one goes, what could be another link is refused. */
import { formatLink, parseLink } from "@safeconduct/client";
import { drawId } from "@safeconduct/foundation";
import { seededRandom } from "@safeconduct/testkit";
import { describe, expect, test } from "vitest";

const random = seededRandom(11);
const whole = {
  origin: "https://files.clinic.example",
  grant: drawId("grant", random),
  fragment: { linkSecret: random.bytes(32), signingKeyHash: random.bytes(32) },
};
const link = formatLink(whole);
const broken = (at: number, by: string) => link.slice(0, at) + by + link.slice(at);

describe("a pasted link", () => {
  test.for<[string, string]>([
    ["spaces and line ends around it", ` \r\n\t${link}\n `],
    ["a line break in the middle", broken(60, "\r\n")],
    ["a line break and indentation in the middle", broken(100, "\n    ")],
    ["a soft line break in the address", broken(20, "\n")],
    ["angle brackets", `<${link}>`],
    ["angle brackets and a full stop", `<${link}>.`],
    ["a full stop at the end of a sentence", `${link}.`],
    ["round brackets and a comma", `(${link}),`],
    ["straight quotes", `"${link}"`],
    ["typographic quotes", `\u201c${link}\u201d`],
    ["a byte order mark and a zero-width space", `\ufeff${link}\u200b`],
  ])("is read with %s", ([, text]) => {
    expect(parseLink(text)).toEqual(whole);
  });

  test.for<[string, string]>([
    ["nothing", ""],
    ["no fragment", link.slice(0, link.indexOf("#"))],
    ["a character less", link.slice(0, -1)],
    ["a character more", `${link}A`],
    ["another last character, which would be another spelling", `${link.slice(0, -1)}_`],
    ["a query", link.replace("#", "?a=b#")],
    ["a user name", link.replace("https://", "https://files.clinic.example@")],
    ["another scheme", link.replace("https:", "javascript:")],
    ["a file address", link.replace("https://", "file:///")],
    ["a slash behind the grant", link.replace("#", "/#")],
    ["dots in the path", link.replace("/r/", "/r/../")],
    ["an encoded grant", link.replace("grt_", "grt%5f")],
    ["two links", `${link} ${link}`],
    ["words around it", `See ${link}`],
    ["far too many characters", `${link}${" ".repeat(5000)}`],
  ])("is refused with %s", ([, text]) => {
    expect(parseLink(text)).toBeNull();
  });
});
