import { expect, test } from "vitest";
import { BROWSERS, openedFrom, SYSTEMS } from "./browser-name.ts";

test.each([
  ["Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "firefox", "linux"],
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
    "chrome",
    "windows",
  ],
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0",
    "edge",
    "windows",
  ],
  [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
    "safari",
    "macos",
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/156.0 Mobile/15E148 Safari/604.1",
    "chrome",
    "ios",
  ],
  [
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36",
    "samsung",
    "android",
  ],
  [
    "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 OPR/120.0.0.0",
    "opera",
    "chromeos",
  ],
  ["curl/8.5.0", "other", "other"],
  ["", "other", "other"],
  [undefined, "other", "other"],
])("%s is %s on %s", (userAgent, browser, system) => {
  expect(openedFrom(userAgent)).toEqual({ browser, system });
});

test("whatever the header says, only words of the lists come out, and soon", () => {
  for (const text of [
    "Firefox/",
    "<script>Firefox/1</script>",
    "Version/".repeat(100_000),
    "\0\u{d800}",
    "🏥".repeat(9999),
  ]) {
    const { browser, system } = openedFrom(text);
    expect(BROWSERS).toContain(browser);
    expect(SYSTEMS).toContain(system);
  }
  expect(openedFrom(`${" ".repeat(512)}Firefox/1`).browser).toBe("other");
});
