import { expect, it } from "vitest";
import { letter } from "./letter.ts";

it("says the same as text and as HTML, and fetches nothing", () => {
  const { text, html } = letter("en", {
    subject: "A code",
    parts: ["Somebody has sent you files.", { label: "Your code", code: "123456" }],
  });
  expect(text).toBe("Somebody has sent you files.\n\nYour code: 123456");
  expect(html).toContain("<p>Somebody has sent you files.</p>");
  expect(html).toMatch(/Your code:<\/p>\s*<p [^>]*>123456<\/p>/);
  expect(html).not.toMatch(/https?:|<img|<a |url\(/);
});

it("writes a link out in full, in both, and as nothing but an address", () => {
  const link = 'https://files.clinic.example/join#token=a"><b>';
  const { text, html } = letter("en", { subject: "Join", parts: [{ label: "Open this page", link }] });
  expect(text).toBe(`Open this page:\n${link}`);
  const escaped = "https://files.clinic.example/join#token=a&quot;&gt;&lt;b&gt;";
  expect(html).toContain(`<a href="${escaped}">${escaped}</a>`);
});

it("shows a name that is markup as the name that it is", () => {
  const { text, html } = letter("en", {
    subject: '"><script>',
    parts: [`<img src="//evil.example"> & 'Sons'`, { label: "<b>", code: "<i>" }],
  });
  expect(text).toContain(`<img src="//evil.example"> & 'Sons'`);
  expect(html).toContain("&lt;img src=&quot;//evil.example&quot;&gt; &amp; &#39;Sons&#39;");
  expect(html).not.toMatch(/<(img|script|b|i)>/);
});
