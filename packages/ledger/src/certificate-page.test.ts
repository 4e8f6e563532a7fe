import { parseId, type OrganisationId, type TransferId } from "@safeconduct/foundation";
import { describe, expect, it } from "vitest";
import { type Certificate, formatCertificate, parseCertificate } from "./certificate.ts";
import { certificatePage, certificateTextIn } from "./certificate-page.ts";
import { LEAF_BYTES } from "./leaf.ts";

const HOSTILE = [
  `</pre><script>alert(1)</script>`,
  `<img src=x onerror=alert(1)>`,
  `"onmouseover="alert(1)`,
  `'><svg onload=alert(1)>`,
  `&lt;script&gt;`,
  `</title></style><h1>All good</h1>`,
  `<pre id="safeconduct-certificate" hidden>{}</pre>`,
  `\u202egnp.exe\u2066`,
  `]]><!--`,
  `constructor`,
  `__proto__`,
];

const certificate = (name: string): Certificate => ({
  organisation: parseId("organisation", "org_aaaaaaaaaaaaaaaaaaaaaaaaae") as OrganisationId,
  transfer: parseId("transfer", "trf_aaaaaaaaaaaaaaaaaaaaaaaaae") as TransferId,
  issuedAt: 1_764_000_000_000,
  checkpoint: `clinic.example/${name.replaceAll(/[\s+]/g, "")}\n1\n${"A".repeat(43)}=\n\n— clinic.example AAAAAAA=\n`,
  subjectSalt: new Uint8Array(32),
  entries: [
    {
      index: 0,
      event: {
        type: name,
        at: 1,
        outcome: name,
        detail: { [name]: name, list: [name], nested: { [name]: [1, name] } },
      },
      salt: new Uint8Array(32),
      leaf: new Uint8Array(LEAF_BYTES),
      proof: [],
    },
    { index: 1, event: null, salt: null, leaf: new Uint8Array(LEAF_BYTES), proof: [] },
  ],
});

describe("a page of a certificate", () => {
  it.each(HOSTILE)("shows %j as words and nothing else", (name) => {
    const given = certificate(name);
    const page = certificatePage(given);
    // All markup of the page is known: no name makes an element, an attribute or an end of the block inside.
    const plain = certificatePage(certificate("plain"));
    const tags = (text: string) => text.match(/<\/?[a-z][^>]*>|<!--/gi);
    expect(tags(page)).toEqual(tags(plain));
    expect(page).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/u.test(name) ? /title>[^<]*[\u202a-\u202e]/u : /<script/);
    expect(certificateTextIn(page)).toBe(formatCertificate(given));
  });

  it("says times as dates and numbers in words, and leaves what is no time as it is", () => {
    const given = certificate("grant/added");
    const [entry] = given.entries;
    const withFacts = (detail: Record<string, string | number>) =>
      certificatePage({
        ...given,
        entries: entry === undefined ? [] : [{ ...entry, event: { type: "grant/added", detail } }],
      });
    const page = withFacts({ notBefore: 0, notAfter: 1_764_000_000_000, releaseCap: 3 });
    expect(page).toContain("Closes: 2025-11-24 16:00:00 UTC");
    expect(page).toContain("Opens: at once");
    expect(page).toContain("May be opened: 3 times");
    expect(withFacts({ releaseCap: 0 })).toContain("May be opened: any number of times");
    for (const odd of ["-1", "9".repeat(17), "<b>", "1e5"]) expect(withFacts({ notAfter: odd })).not.toContain("<b>");
  });

  it("has no script, no address to load from, and one certificate inside that is read back", () => {
    const given = certificate("transfer/sealed");
    const page = certificatePage(given);
    expect(page).not.toMatch(/<script|<link|<iframe|src=|href=|url\(/i);
    expect(page).toContain("default-src 'none'");
    expect(page).toContain("Content was sealed");
    expect(page).toContain("details erased");
    expect(parseCertificate(certificateTextIn(page) ?? "")).toEqual(given);
    expect(certificatePage(parseCertificate(certificateTextIn(page) ?? ""))).toBe(page);
  });

  it("says so when the link to the transfer was erased", () => {
    expect(certificatePage({ ...certificate("x"), subjectSalt: null })).toContain("was erased");
  });
});

it.each([
  ["nothing", ""],
  ["no block", "<p>Certificate</p>"],
  ["a block without an end", '<pre id="safeconduct-certificate" hidden>{}'],
  ["two blocks", `${certificatePage(certificate("x"))}${certificatePage(certificate("x"))}`],
])("a page with %s holds no certificate", (_, page) => {
  expect(certificateTextIn(page)).toBeNull();
});
