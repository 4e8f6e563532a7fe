/** "Firefox on Windows": what a session was opened with, as its member says it. */
import { texts } from "./texts.ts";

const BROWSERS = {
  chrome: "Chrome",
  edge: "Edge",
  firefox: "Firefox",
  opera: "Opera",
  safari: "Safari",
  samsung: "Samsung Internet",
} as const;
const SYSTEMS = {
  android: "Android",
  chromeos: "ChromeOS",
  ios: "iPhone / iPad",
  linux: "Linux",
  macos: "macOS",
  windows: "Windows",
} as const;

export function browserWords({
  browser,
  system,
}: {
  browser: keyof typeof BROWSERS | "other";
  system: keyof typeof SYSTEMS | "other";
}): string {
  const name = browser === "other" ? texts.sessions.otherBrowser : BROWSERS[browser];
  return system === "other" ? name : texts.sessions.on(name, SYSTEMS[system]);
}
