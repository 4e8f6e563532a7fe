import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { problemWords as english } from "./problem-words.en.ts";
import { problemWords as spanish } from "./problem-words.es.ts";

/** Said by commands, at start and to operators; no page meets them. */
const OFF_THE_PAGES =
  /^(?:cli|check|config|keyring|witness)\/|^ledger\/(?!certificate-malformed|tile-missing|unavailable)|^store\/(?:already-open|schema-unknown|unwritable)$/;

const messages = new Map(
  [...readFileSync("docs/reference/errors.md", "utf8").matchAll(/^\| `([a-z-]+\/[a-z0-9-]+)` \| (.*) \|$/gm)].map(
    ([, code = "", message = ""]) => [code, message],
  ),
);
const onPages = [...messages.keys()].filter((code) => !OFF_THE_PAGES.test(code));

describe("the words of a problem", () => {
  test("are there in Spanish for each code that a page can meet, and for no other", () => {
    expect(onPages.length).toBeGreaterThan(100);
    expect(Object.keys(spanish).sort()).toEqual(onPages.sort());
  });

  test("name no command of the command line", () => {
    const told = (code: string) => english[code] ?? messages.get(code) ?? "";
    expect(onPages.filter((code) => /`|--[a-z]/.test(told(code)))).toEqual([]);
    expect(onPages.filter((code) => /`|--[a-z]/.test(spanish[code] ?? ""))).toEqual([]);
    expect(Object.keys(english).filter((code) => !messages.has(code))).toEqual([]);
  });
});
