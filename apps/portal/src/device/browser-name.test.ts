import { expect, test } from "vitest";
import { browserName } from "./browser-name.ts";

const LINUX = "Mozilla/5.0 (X11; Linux x86_64)";
const WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)";
test.each([
  [`${LINUX} AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36`, "Chrome on Linux"],
  [`${WINDOWS} AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0`, "Edge on Windows"],
  [`${WINDOWS.replace(")", "; rv:150.0)")} Gecko/20100101 Firefox/150.0`, "Firefox on Windows"],
  [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/26.0 Safari/605.1.15",
    "Safari on Mac",
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605 Version/26.0 Mobile Safari/604",
    "Safari on iPhone",
  ],
  ["Mozilla/5.0 (Linux; Android 16; K) AppleWebKit/537.36 Chrome/156.0.0.0 Mobile Safari/537.36", "Chrome on Android"],
  ["", "null on null"],
])("%s is %s", (userAgent, name) => {
  expect(browserName(userAgent, (browser, system) => `${browser} on ${system}`)).toBe(name);
});
