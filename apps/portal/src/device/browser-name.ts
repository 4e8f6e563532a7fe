/** What a browser calls itself in the list of devices, for people: "Chromium on Linux". A suggestion; nothing follows from it. */

/** More special ones first: most browsers also claim to be Chrome or Safari. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(e|A|iOS)?\//u, "Edge"],
  [/\bOPR\//u, "Opera"],
  [/\bFirefox\/|\bFxiOS\//u, "Firefox"],
  [/\b(Chrome|CriOS|HeadlessChrome)\//u, "Chrome"],
  [/\bSafari\//u, "Safari"],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\bAndroid\b/u, "Android"],
  [/\biPhone\b/u, "iPhone"],
  [/\biPad\b/u, "iPad"],
  [/\bWindows\b/u, "Windows"],
  [/\bCrOS\b/u, "ChromeOS"],
  [/\bMacintosh\b|\bMac OS X\b/u, "Mac"],
  [/\bLinux\b/u, "Linux"],
];

const first = (table: typeof BROWSERS, text: string): string | null =>
  table.find(([pattern]) => pattern.test(text))?.[1] ?? null;

/** `join("Chrome", "Linux")` makes the words; either may be null where the browser does not say. */
export function browserName(
  userAgent: string,
  join: (browser: string | null, system: string | null) => string,
): string {
  return join(first(BROWSERS, userAgent), first(SYSTEMS, userAgent));
}
