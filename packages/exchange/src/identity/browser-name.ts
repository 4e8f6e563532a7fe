/**
 * From which browser a session was opened, in words that its member recognises. The User-Agent header is whatever the other side
 * writes, so nothing of it is kept: it chooses from two closed lists. No more is read from it than a person needs to tell their
 * own sessions apart.
 */

export const BROWSERS = ["chrome", "edge", "firefox", "opera", "safari", "samsung", "other"] as const;
export type BrowserName = (typeof BROWSERS)[number];

export const SYSTEMS = ["android", "chromeos", "ios", "linux", "macos", "windows", "other"] as const;
export type SystemName = (typeof SYSTEMS)[number];

export interface OpenedFrom {
  readonly browser: BrowserName;
  readonly system: SystemName;
}

/** More of a header is not looked at. */
const READ_CHARACTERS = 512;

/** The first that matches: most browsers name older ones too, so that old pages let them in. */
const BROWSER_MARKS: readonly (readonly [BrowserName, RegExp])[] = [
  ["edge", /\bEdg(?:e|A|iOS)?\//u],
  ["opera", /\bOPR\//u],
  ["samsung", /\bSamsungBrowser\//u],
  ["firefox", /\b(?:Firefox|FxiOS)\//u],
  ["chrome", /\b(?:Chrome|CriOS|HeadlessChrome)\//u],
  ["safari", /\bVersion\/.*\bSafari\//u],
];
const SYSTEM_MARKS: readonly (readonly [SystemName, RegExp])[] = [
  ["ios", /\b(?:iPhone|iPad|iPod)\b/u],
  ["android", /\bAndroid\b/u],
  ["chromeos", /\bCrOS\b/u],
  ["windows", /\bWindows\b/u],
  ["macos", /\bMacintosh\b/u],
  ["linux", /\bLinux\b/u],
];

/** `userAgent` is attacker-controlled. */
export function openedFrom(userAgent: string | undefined): OpenedFrom {
  const text = (userAgent ?? "").slice(0, READ_CHARACTERS);
  return { browser: firstOf(BROWSER_MARKS, text), system: firstOf(SYSTEM_MARKS, text) };
}

function firstOf<Name extends string>(marks: readonly (readonly [Name, RegExp])[], text: string): Name | "other" {
  return marks.find(([, mark]) => mark.test(text))?.[0] ?? "other";
}
